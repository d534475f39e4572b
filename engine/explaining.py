"""A policy in plain words, for the reviewer who has to sign it.

What is read, what leaves, how exact it is, who answers for it. Everything follows from the policy,
its catalogue and the public approvals; no photo, no manifest and no log is read. Returns typed
paragraphs; printing is the command line's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.learning.planning import PlannedModel, plan_model
from engine.model_words import model_words
from engine.statistics.plan import Plan, plan
from engine.study import counts_photos_once, study_of
from engine.table_words import table_words
from policies.approvals import Approver
from policies.decision import StudyRules
from policies.errors import Finding
from policies.label_choices import labels_of
from policies.policy import Policy
from policies.public_keys import DimensionName
from policies.purpose_choices import DPV, DUO

_COLLECTED = {
    "consented-panel": "photos of people who agreed to take part",
    "own-campaign": "photos that people sent in to the controller's own campaign",
    "public-posts": "photos that people posted in public",
    "test-photos": "test photos, taken for tests",
    "made-up": "made-up photos, of nobody",
}
_BASES = {
    "art6-1-a": "consent (GDPR, Art. 6(1)(a))",
    "art6-1-b": "a contract (GDPR, Art. 6(1)(b))",
    "art6-1-c": "a legal obligation (GDPR, Art. 6(1)(c))",
    "art6-1-d": "vital interests (GDPR, Art. 6(1)(d))",
    "art6-1-e": "a public task (GDPR, Art. 6(1)(e))",
    "art6-1-f": "legitimate interests (GDPR, Art. 6(1)(f))",
}
_LABELLED: tuple[DimensionName, ...] = ("brand", "scene", "object", "interest")


@dataclass(frozen=True)
class Paragraph:
    """A heading and what stands below it, a line each."""

    title: str
    lines: tuple[str, ...]


def explain(
    rules: StudyRules,
    approvals: Sequence[Approver] | str,
    warnings: Sequence[Finding] = (),
    crowd: int | None = None,
    in_use: str | None = None,
) -> tuple[Paragraph, ...]:
    """Return the policy in words.

    Args:
        rules: the policy and its catalogue.
        approvals: who approved exactly these rules, or why that can't be said.
        warnings: what the law asks for and the policy leaves unsaid.
        crowd: a public guess of how many contributors there are.
        in_use: what the log says of it: revoked, followed, or neither.
    """
    policy = rules.policy
    planned = plan(study_of(rules), policy.budget.total.loss, policy.budget.stated_at, crowd)
    model = plan_model(rules)
    paragraphs = (
        Paragraph("What it is", tuple(_what(policy))),
        Paragraph("What is read", tuple(_read(rules))),
        Paragraph("What leaves", tuple(_leaves(policy, planned, model))),
        Paragraph("What it costs", tuple(_costs(policy, planned, model))),
        Paragraph("What is kept", tuple(_kept(policy))),
        Paragraph("Who answers for it", tuple(_accountable(policy))),
        Paragraph(
            "Who approved it",
            (*_approved(policy, approvals), *(() if in_use is None else (in_use,))),
        ),
        Paragraph("What a run needs besides", tuple(_needs(policy))),
    )
    if not warnings:
        return paragraphs
    weigh = tuple(
        f"{w.field}: {w.message}{f' ({w.law})' if w.law else ''} [{w.rule}]" for w in warnings
    )
    return (*paragraphs, Paragraph("What to weigh", weigh))


def _what(policy: Policy) -> list[str]:
    lines = [
        f"Policy {policy.id}, version {policy.version}, of class {policy.policy_class}.",
        f"Its digest, which approvals sign: {policy.digest}",
        f"Purpose: {policy.purpose.statement}",
        *(f"  {term}: {DPV[term]}" for term in policy.purpose.dpv),
        *(f"  {code}: {DUO[code]}" for code in policy.purpose.duo),
        "Never to be used for: " + (", ".join(policy.purpose.prohibited_uses) or "(nothing named)"),
        f"It may be used from {policy.validity.not_before} to {policy.validity.not_after}.",
    ]
    if policy.supersedes is not None:
        lines.append(f"It follows, and puts out of use, the version {policy.supersedes}.")
    if policy.policy_class == "test":
        lines.append("Class test: for photos that nobody's privacy depends on.")
    return lines


def _read(rules: StudyRules) -> list[str]:
    policy = rules.policy
    first, last = policy.dimensions.days
    counted = {name.removeprefix("with_") for s in policy.statistics for name in s.by}
    found = [(kind, labels_of(rules, kind)) for kind in _LABELLED]
    looked = [(kind, len(labels)) for kind, labels in found if kind in counted and labels]
    if counted & {"parent", "category"} and "brand" not in counted:
        looked.insert(0, ("brand", len(rules.catalogue.labels)))
    lines = [
        f"Dataset {policy.dataset.id}: {_COLLECTED[policy.dataset.collection]},",
        f"  taken from {first} to {last}; others are not opened.",
    ]
    if policy.dataset.acquisition is not None:
        lines.append(f"  How they were got: {policy.dataset.acquisition}")
    veiled = "faces and whole people" if policy.redaction.people == "people" else "faces"
    text = (
        "all text but the catalogue's names"
        if policy.redaction.text == "default-deny"
        else f"personal data in text, because: {policy.redaction.text_reason}"
    )
    lines += [
        f"First {veiled}, codes, plates and {text} go under a veil, and metadata is dropped.",
        "A photo that can't be checked is withheld.",
        "Then it is looked for: "
        + (", ".join(f"{n} {kind} labels" for kind, n in looked) or "nothing")
        + "; nothing about a person.",
    ]
    for head in rules.heads:
        record = head.record
        cost = ", ".join(f"{name} {value}" for name, value in record.cost if value is not None)
        lines.append(
            f"  {head.path.name}, trained on {record.dataset} for {cost}, looks for {record.kind}:"
            f" {', '.join(record.labels)}."
        )
    if "hashtag" in counted:
        lines.append("The hashtags of each photo's row are read as well.")
    if policy.dimensions.countries:
        lines.append("Of the coordinates of a photo, the country, where it is one of those named.")
    if counts_photos_once(policy):
        lines.append("Photos of one contributor that look the same count once.")
    return lines


def _leaves(policy: Policy, planned: Plan, model: PlannedModel | None) -> list[str]:
    else_ = "nothing else" if model is None else "a model, and nothing else"
    lines = [f"Tables that are made with noise, and {else_}:"]
    by_id = {s.id: s for s in policy.statistics}
    for table in planned.statistics:
        lines += table_words(by_id[table.id], table)
    if model is not None:
        lines += model_words(model)
    lines += [
        f"Written as {', '.join(policy.release.formats)}, with a privacy label and a proof.",
        "For: " + (", ".join(policy.release.recipients) or "(nobody is named)") + ".",
        "No photo, no account and no exact count leaves.",
    ]
    return lines


def _costs(policy: Policy, planned: Plan, model: PlannedModel | None) -> list[str]:
    def words(stated: float, loss: object) -> str:
        if policy.budget.accounting == "pure-dp":
            return f"{loss}"
        return f"{loss}, an epsilon of {stated:.4g} at delta {planned.stated_at}"

    whom = (
        "one contributor"
        if planned.accounts == 1
        else f"one person with up to {planned.accounts} accounts"
    )
    lines = [
        f"The guarantee is for {whom}, with all of their photos.",
        f"A release costs {words(planned.stated_epsilon, planned.cost)}.",
        f"The dataset may lose {words(planned.stated_total, planned.total)} in all, for ever:",
        f"  {planned.releases} such releases, if nothing was spent before.",
    ]
    if model is not None:
        lines += [
            f"A training costs {words(model.stated_epsilon, model.whole)}, each time, from the same"
            " total:",
            f"  {model.trainings} such trainings, if nothing was spent before.",
        ]
    return lines


def _kept(policy: Policy) -> list[str]:
    totals = any(s.kind == "running-total" for s in policy.statistics)
    lines = ["Of a photo: nothing, neither original nor redacted copy nor what was seen in it."]
    if policy.continual is not None and totals:
        lines.append("Until the last period: what running totals go on from, encrypted.")
    if policy.model_release is not None:
        lines.append(
            "While a training lasts: what a net sees in redacted photos, and the model so far; in"
            " memory or, with --store, encrypted."
        )
    if (days := policy.retention.private_commitments_days) > 0:
        lines.append(
            f"For {days} day(s), privately: what it takes to show which rows and which opt-out list"
            " a run read; `crowdlens audit erase` destroys it sooner."
        )
    else:
        lines.append("Nothing by which it could be shown which rows and opt-out list a run read.")
    return [*lines, "For ever: the releases, and the log of what was done and spent."]


def _accountable(policy: Policy) -> list[str]:
    lines = []
    if policy.controller is not None:
        who = policy.controller
        lines.append(f"Controller: {who.name}; contact: {who.contact}")
        lines.append(f"Data protection officer: {who.dpo or '(not named)'}")
    else:
        lines.append("No controller is named.")
    basis, dpia = policy.lawful_basis, policy.dpia
    lines.append(f"Lawful basis: {_BASES[basis.gdpr] if basis else '(not named)'}")
    if dpia is not None:
        lines.append(
            f"Impact assessment {dpia.id}, approved on {dpia.approved_on}: the risk that remains"
            f" is {dpia.residual_risk}; {dpia.digest}"
        )
    else:
        lines.append("No impact assessment is named.")
    return lines


def _approved(policy: Policy, approvals: Sequence[Approver] | str) -> list[str]:
    needed = ", ".join(f"{n} as {role}" for role, n in sorted(policy.approvals.items()))
    lines = [f"It needs {needed or 'no approvals'}."]
    if isinstance(approvals, str):
        return [*lines, approvals]
    lines += [f"Approved as {a.role} by {a.key}" for a in approvals]
    counts = Counter(a.role for a in approvals)
    missing = [f"{n - counts[r]} as {r}" for r, n in policy.approvals.items() if n > counts[r]]
    return [*lines, f"Still missing: {', '.join(missing)}."] if missing else lines


def _needs(policy: Policy) -> list[str]:
    quorum = max(policy.audit.witness_quorum, policy.policy_class != "test")
    lines = [f"Witnesses of the log: {quorum or 'none, in class test'}."]
    if policy.redaction.evaluation is not None:
        demand = policy.redaction.evaluation
        figures = (f"{name} {value}" for name, value in demand if value and name != "record")
        lines.append("A signed evaluation of redaction: " + ", ".join(figures) + ".")
    else:
        lines.append("No evaluation of redaction.")
    optouts = policy.optouts
    if optouts is None:
        lines.append("Nothing is said of people who object.")
    elif optouts.applied == "by-operator":
        lines.append(
            f"People who object are left out of the source within {optouts.max_age_days} day(s) by"
            " whoever prepares it; nothing checks that."
        )
    else:
        lines.append(
            "An opt-out list that was brought up to date within"
            f" {optouts.max_age_days} day(s): the run leaves out whoever is in it before it opens a"
            " photo, and commits to the list in the log."
        )
    if policy.dataset.consent == "column":
        lines.append("A manifest with a column consent: only rows that say yes are read.")
    return lines
