"""What a compliance office files: the record of processing, and the beginning of an assessment.

Markdown from the policy's own fields. Where the policy says nothing the text says so, in brackets;
what only people can judge is left open, and marked.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from policies.field_notes import FIELD_NOTES
from policies.policy import Policy
from policies.purpose_choices import DPV, DUO

OPEN: Final = "[to be written]"
_UNSAID: Final = "[not stated in the policy]"


def _model(policy: Policy) -> list[str]:
    model = policy.model_release
    if model is None:
        return []
    return [
        f"A model ({model.id}) is trained on redacted photos and released: kept for ever. What it"
        f" can tell of a contributor is bounded by its price, {model.price}."
    ]


def record_of_processing(policy: Policy) -> str:
    """Return the entry of a controller's record of processing (GDPR, article 30(1))."""
    record, who = policy.record_of_processing, policy.controller
    optouts = policy.optouts
    objections = (
        f"Objections are heeded within {optouts.max_age_days} days ({optouts.applied})."
        if optouts
        else f"Objections: {_UNSAID}"
    )
    sections = (
        (
            "(a) Controller and contacts",
            [
                f"Controller: {who.name if who else _UNSAID}",
                f"Contact: {who.contact if who else _UNSAID}",
                f"Data protection officer: {(who.dpo if who else None) or _UNSAID}",
            ],
        ),
        ("(b) Purposes", _purposes(policy)),
        (
            "(c) Categories of people and of data",
            [
                *_each("People", record.subjects if record else ()),
                *_each("Data", record.data if record else ()),
                "Special categories: none are derived; no label is about a person.",
            ],
        ),
        ("(d) Recipients", _each("Recipient of releases", policy.release.recipients)),
        ("(e) Transfers to third countries", [record.transfers if record else _UNSAID]),
        (
            "(f) Erasure",
            [
                record.erasure if record else _UNSAID,
                "Originals, redacted copies, sightings, embeddings, face geometry: not kept.",
                "Releases and the audit log: kept for ever; neither holds data of a person.",
                *_model(policy),
                objections,
            ],
        ),
        ("(g) Security measures", [record.security if record else _UNSAID, *_measures(policy)]),
        ("Lawful basis and assessment", _basis(policy)),
    )
    return _document("Record of processing", policy, sections)


def impact_assessment(policy: Policy, exactness: Sequence[str]) -> str:
    """Return the skeleton of an impact assessment (GDPR, article 35(7); the ICO's seven steps).

    Args:
        policy: the study.
        exactness: what a release would be and cost, a line each, from the plan.
    """
    first, last = policy.dimensions.days
    risks = ("Illegitimate access", "Unwanted modification", "Disappearance", "Re-identification")
    sections = (
        (
            "1. The need",
            [
                f"Aim: {policy.purpose.statement}",
                f"Why an assessment is needed (scale, photos, new techniques): {OPEN}",
            ],
        ),
        (
            "2. The processing",
            [
                f"Photos: dataset {policy.dataset.id}, {policy.dataset.collection},"
                f" from {first} to {last}",
                f"How they were got: {policy.dataset.acquisition or _UNSAID}",
                *_purposes(policy),
                *exactness,
                *_each("Recipient", policy.release.recipients),
                f"Number of people, and how they expect their photos to be used: {OPEN}",
            ],
        ),
        (
            "3. Consultation",
            [f"Views of contributors or their representatives: {OPEN}", f"Experts asked: {OPEN}"],
        ),
        (
            "4. Necessity and proportionality",
            [
                *_basis(policy),
                f"Why less data, fewer labels or a smaller budget would not do: {OPEN}",
                f"How people are told, and can object: {_objecting(policy)}",
            ],
        ),
        (
            "5. Risks",
            [f"{risk}: likelihood {OPEN}, severity {OPEN}, sources {OPEN}" for risk in risks],
        ),
        (
            "6. Measures",
            [
                *_measures(policy),
                "What is not promised: PRIVACY.md, the section of that name.",
                f"Further measures: {OPEN}",
            ],
        ),
        (
            "7. Outcome",
            [
                f"Risk that remains: {_residual(policy)}",
                f"Advice of the data protection officer, and if it was overruled, why: {OPEN}",
                f"Measures approved by: {OPEN}",
                f"Prior consultation of the authority (article 36), if the risk is high: {OPEN}",
                f"To be reviewed by: {OPEN}",
            ],
        ),
    )
    return _document("Data protection impact assessment", policy, sections)


def _document(title: str, policy: Policy, sections: Iterable[tuple[str, Sequence[str]]]) -> str:
    head = (
        f"# {title}: {_plain(policy.id)}\n\n"
        f"Policy {_plain(policy.id)}, version {policy.version}, class {policy.policy_class}, "
        f"{policy.validity.not_before} to {policy.validity.not_after}.\n"
        f"Rules: `{policy.digest}`\n"
    )
    parts = (
        f"\n## {name}\n\n" + "".join(f"- {_plain(line)}\n" for line in lines)
        for name, lines in sections
    )
    return head + "".join(parts)


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join("\\" + c if c in "\\`*_#<>|" else c for c in text)


def _each(what: str, values: Sequence[str]) -> list[str]:
    return [f"{what}: {value}" for value in values] or [f"{what}: {_UNSAID}"]


def _purposes(policy: Policy) -> list[str]:
    return [
        f"Purpose: {policy.purpose.statement}",
        *(f"{term}: {DPV[term]}" for term in policy.purpose.dpv),
        *(f"{code}: {DUO[code]}" for code in policy.purpose.duo),
        "Prohibited uses: " + (", ".join(policy.purpose.prohibited_uses) or _UNSAID),
    ]


def _basis(policy: Policy) -> list[str]:
    basis = policy.lawful_basis
    lines = [f"Lawful basis: {basis.gdpr if basis else _UNSAID}"]
    if basis is not None and basis.balancing_test is not None:
        lines.append(f"Balancing test: {basis.balancing_test}")
    lines.append(f"Impact assessment: {_assessment(policy)}")
    return lines


def _assessment(policy: Policy) -> str:
    dpia = policy.dpia
    if dpia is None:
        return _UNSAID
    return f"{dpia.id}, approved on {dpia.approved_on}, {dpia.digest}"


def _residual(policy: Policy) -> str:
    return policy.dpia.residual_risk if policy.dpia else OPEN


def _objecting(policy: Policy) -> str:
    if policy.optouts is None:
        return OPEN
    days, how = policy.optouts.max_age_days, policy.optouts.applied
    return f"objections are heeded within {days} days, {how}; how people are told: {OPEN}"


def _measures(policy: Policy) -> list[str]:
    """Return what the engine itself does, for this policy."""
    people = ", whole people" if policy.redaction.people == "people" else ""
    total = policy.budget.total.loss
    roles = ", ".join(f"{n} {role}" for role, n in sorted(policy.approvals.items()))
    enforced = [note.field for note in FIELD_NOTES if note.kept == "enforced"]
    return [
        f"Faces{people}, codes, plates, text and metadata are removed before recognition.",
        f"Only noisy tables leave; the dataset may lose {total} in all.",
        f"Signed approvals: {roles or 'none'}; witnesses of the log: "
        f"{policy.audit.witness_quorum}.",
        "Enforced by the engine: " + ", ".join(enforced) + ".",
    ]
