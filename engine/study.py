"""From the rules that reviewers signed to what each zone needs to know of them.

Everything here is computed from the policy and its catalogue; no data is read.
"""

from datetime import date

from audit import Trust
from engine.provenance import source_digest, version
from engine.statistics import CountStatistic, Dimension, Study, cost
from policies.approvals import Approver
from policies.decision import NO_REDACTOR, ApprovedRules, StudyRules, approved
from policies.errors import PolicyRefuses
from policies.evaluation_record import Redactor
from policies.lexicon import Lexicon
from policies.redaction_choices import Redaction
from redaction import Limits, RedactionRules, models


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

    An evaluation that the policy demands is held against this machine's redaction. Raises as
    `policies.approved`.
    """
    approvers = [Approver(a.role, a.key) for a in trust.approvers]
    demanded = rules.policy.redaction.evaluation is not None
    redactor = this_redactor(rules.catalogue.digest) if demanded else NO_REDACTOR
    return approved(rules, approvers, trust.log.name, today, redactor)


def this_redactor(catalogue: str | None) -> Redactor:
    """Return what this machine redacts with; raises `ModelUnusable` where weights are missing.

    The version names the source, too: thresholds live in code.
    """
    exact = f"{version()}+{source_digest().removeprefix('sha256:')[:16]}"
    return Redactor(exact, tuple((m.name, m.digest) for m in models()), catalogue)


def redaction_rules_of(rules: StudyRules) -> RedactionRules:
    """Return what redaction needs: the words that may stay, the choices and the limits."""
    return redaction_rules(rules.policy.redaction, rules.catalogue.lexicon)


def redaction_rules(choices: Redaction, lexicon: Lexicon) -> RedactionRules:
    """Return the rules that these choices of a policy amount to."""
    limits = choices.limits
    return RedactionRules(
        lexicon=lexicon,
        limits=Limits(
            max_bytes=limits.max_bytes,
            max_pixels=limits.max_pixels,
            animations=choices.animations,
            max_seconds=float(limits.max_seconds),
            max_memory_mb=limits.max_memory_mb,
        ),
        people=choices.people,
        text=choices.text,
        fill=choices.fill,
    )
