"""From the rules that reviewers signed to what each zone needs to know of them.

Everything here is computed from the policy and its catalogue; no data is read.
"""

from datetime import date

from audit import Trust
from engine.statistics import CountStatistic, Dimension, Study, cost
from policies.approvals import Approver
from policies.decision import ApprovedRules, StudyRules, approved
from policies.errors import PolicyRefuses
from redaction import Limits, RedactionRules


def study_of(rules: StudyRules) -> Study:
    """Return the cells, bounds and epsilons that the policy asks for.

    Raises `PolicyRefuses` (PL-BUDGET-003) where they cost more than the policy allows a release.
    """
    policy = rules.policy
    keys = {"brand": rules.catalogue.labels, "week": policy.dimensions.week.keys}
    statistics = tuple(
        CountStatistic(s.id, tuple(Dimension(name, keys[name]) for name in s.by), s.epsilon)
        for s in policy.statistics
    )
    study = Study(statistics, policy.contributions.max_cells)
    price = cost(study)
    if not price.within(policy.budget.per_release.loss):
        raise PolicyRefuses(
            "PL-BUDGET-003",
            f"a release costs epsilon {price.epsilon} and delta {price.delta}, "
            "more than budget.per_release allows",
            hint="Raise per_release, or ask for less; the delta is the noise sampler's own.",
        )
    return study


def approved_by(rules: StudyRules, trust: Trust, today: date) -> ApprovedRules:
    """Return the rules as ones that may run today, by the keys and for the log that are trusted.

    Raises as `policies.approved`.
    """
    approvers = [Approver(a.role, a.key) for a in trust.approvers]
    return approved(rules, approvers, trust.log.name, today)


def redaction_rules_of(rules: StudyRules) -> RedactionRules:
    """Return what redaction needs: the words that may stay, and the limits."""
    limits = rules.policy.redaction.limits
    return RedactionRules(
        lexicon=rules.catalogue.lexicon,
        limits=Limits(
            max_bytes=limits.max_bytes,
            max_pixels=limits.max_pixels,
            max_frames=limits.max_frames,
        ),
    )
