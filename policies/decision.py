"""Whether a policy may be used today: its period, its catalogue, its approvals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policies.approvals import Approver, approvals_path, read_approvals, verify_approvals
from policies.built import BuiltFile, require_built
from policies.catalogue import Catalogue, load_catalogue
from policies.errors import PolicyRefuses
from policies.evaluation_record import (
    EvaluationRecord,
    Redactor,
    evaluation_path,
    require_evaluation,
)
from policies.heads import HeadFile, require_heads
from policies.label_dimensions import require_scenes
from policies.model_release import require_taught_brands
from policies.policy import Policy, load_policy

NO_REDACTOR = Redactor("", ())
"""No evaluation is of this one: where nobody says what would redact, none is good enough."""


@dataclass(frozen=True)
class StudyRules:
    """A policy file read whole: the rules and the catalogue that they name."""

    policy: Policy
    catalogue: Catalogue
    file: Path
    built: BuiltFile | None = None
    """What was learned from the catalogue's pictures; None where names are all there is."""
    heads: tuple[HeadFile, ...] = ()
    """Trained heads that the policy names."""


@dataclass(frozen=True)
class ApprovedRules:
    """A study that may run today. Made by `approved` alone."""

    rules: StudyRules
    approvals: tuple[Approver, ...]
    today: date
    evaluation: EvaluationRecord | None = None
    """The record that the policy demanded, if it demands one."""


def load_rules(policy_file: Path) -> StudyRules:
    """Read a policy and the catalogue beside it.

    Raises `PolicyInvalid` or `CatalogueInvalid`; `PolicyRefuses` where the catalogue (PL-CAT-001)
    or what was built from it (PL-CAT-005 to 007) is not what the policy names, where a scene is
    neither public nor taught (PL-LABEL-004), or where a model is of brands that may not be taught
    (PL-TRAIN-008, PL-LABEL-002), or where a head is not what the policy names (PL-HEAD-001 to 004).
    """
    policy = load_policy(policy_file)
    named = policy.dimensions.brand
    file = policy_file.parent / named.catalogue
    catalogue = load_catalogue(file)
    if catalogue.digest != named.digest:
        raise PolicyRefuses(
            "PL-CAT-001",
            f"{named.catalogue} is not the catalogue that the policy names",
            hint=f"If the change is meant, write digest: {catalogue.digest} and have it approved.",
        )
    require_scenes(policy.dimensions.scene, catalogue)
    require_taught_brands(policy.model_release, catalogue)
    built = require_built(catalogue, file, named.built)
    heads = require_heads(policy.recognition.heads, policy_file, _labels_of(policy, catalogue))
    return StudyRules(policy, catalogue, policy_file, built, heads)


def _labels_of(policy: Policy, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the labels that a head may tell, by kind."""
    named = {"scene": policy.dimensions.scene, "interest": policy.dimensions.interest}
    keys = {kind: part.keys for kind, part in named.items() if part is not None}
    return {"brand": catalogue.labels, **keys}


def approved(
    rules: StudyRules,
    trusted: Sequence[Approver],
    log: str,
    today: date,
    redactor: Redactor = NO_REDACTOR,
) -> ApprovedRules:
    """Return the study as one that may run today with this log, or raise why it may not.

    `redactor` is what the run would redact with; an evaluation that the policy demands must be
    of exactly that. Raises `PolicyRefuses` outside its period (PL-TIME-001, PL-TIME-002), without
    its approvals (PL-APPR-002) or without its evaluation (PL-EVAL-002 to 009); `ApprovalUntrusted`
    for a signature that can't be trusted. What opt-out list it demands of a run, `list_refused`
    says.
    """
    if (refusal := out_of_period(rules.policy, today)) is not None:
        raise refusal
    envelopes = read_approvals(approvals_path(rules.file))
    approvals = verify_approvals(rules.policy, envelopes, trusted, log)
    evaluation = require_evaluation(
        rules.policy.redaction, evaluation_path(rules.file), trusted, redactor
    )
    return ApprovedRules(rules, approvals, today, evaluation)


def out_of_period(policy: Policy, day: date) -> PolicyRefuses | None:
    """Return why the policy can't be used on the day; None where it can."""
    validity = policy.validity
    if day > validity.not_after:
        return PolicyRefuses(
            "PL-TIME-001",
            f"the policy's period ended on {validity.not_after.isoformat()}",
            hint="Write a new version with a later not_after and have it approved.",
        )
    if day < validity.not_before:
        return PolicyRefuses(
            "PL-TIME-002",
            f"the policy's period begins on {validity.not_before.isoformat()}",
            hint="Wait until then, or have an earlier not_before approved.",
        )
    return None


def applies_a_list(policy: Policy) -> bool:
    """Say whether the policy demands that the run itself applies an opt-out list."""
    return policy.optouts is not None and policy.optouts.applied == "by-run"


def list_refused(policy: Policy, updated: date | None, today: date) -> PolicyRefuses | None:
    """Return why a run may not go on with the opt-out list it was given; None where it may.

    `updated` is the day on which the list was last brought up to date, None for no list. A list is
    given exactly where the policy demands one: what a run does is what approvers signed.
    """
    if not applies_a_list(policy):
        if updated is None:
            return None
        return PolicyRefuses(
            "PL-OPT-003",
            "the policy does not say that a run applies an opt-out list, and one was given",
            hint="Write optouts.applied: by-run and have it approved, or leave --optouts out.",
        )
    if updated is None:
        return PolicyRefuses(
            "PL-OPT-002",
            "the policy demands that the run applies an opt-out list, and none was given",
            hint="Give --optouts and --optouts-key; `crowdlens optouts init` makes a list.",
        )
    return heeded_too_long_ago(policy, (today - updated).days)


def heeded_too_long_ago(policy: Policy, age_days: int) -> PolicyRefuses | None:
    """Return why objections that were last heeded so many days ago are not enough, if they aren't.

    Raises nothing; None also where the policy says nothing of objections.
    """
    if policy.optouts is None or age_days <= policy.optouts.max_age_days:
        return None
    return PolicyRefuses(
        "PL-OPT-001",
        f"objections were last heeded {age_days} days ago, and {policy.optouts.max_age_days} are"
        " allowed",
        hint="Take them into account anew; `crowdlens optouts add` or `refresh` dates a list.",
    )
