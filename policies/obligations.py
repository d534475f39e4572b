"""What the law asks a real study's policy to say, and whether it says so.

Class `test` is free of this: nobody's privacy depends on its photos. An error refuses the policy
everywhere, not in `lint` alone; a warning is for reviewers to weigh. The articles are orientation
for engineers and reviewers, no advice. Unless another law is named, they are of the GDPR.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from policies.errors import Finding
from policies.purpose_choices import NEVER
from policies.strict_yaml import Document, dotted

if TYPE_CHECKING:
    from policies.policy import Policy

OBJECTION_BASES: Final = ("art6-1-e", "art6-1-f")
"""Bases against which a contributor may object at any time (article 21)."""


@dataclass(frozen=True)
class Obligation:
    """One thing that a pilot or production policy has to say."""

    rule: str
    field: tuple[str, ...]
    law: str
    message: str
    fix: str
    met: Callable[["Policy"], bool]
    severity: Callable[["Policy"], Literal["error", "warning"]] = lambda _: "error"

    def finding(self, policy: "Policy", document: Document | None) -> Finding:
        """Return the finding of a policy that does not say it."""
        line = document.line(self.field) if document is not None else 0
        where, severity = dotted(self.field), self.severity(policy)
        return Finding(
            self.rule, where, line, self.message, self.fix, severity, f"GDPR, {self.law}"
        )


def _in_production(policy: "Policy") -> Literal["error", "warning"]:
    return "error" if policy.policy_class == "production" else "warning"


def _where_people_may_object(policy: "Policy") -> Literal["error", "warning"]:
    basis = policy.lawful_basis
    objects = basis is not None and basis.gdpr in OBJECTION_BASES
    return "error" if objects or policy.dataset.collection == "public-posts" else "warning"


def _of_public_posts(policy: "Policy") -> Literal["error", "warning"]:
    return "error" if policy.dataset.collection == "public-posts" else "warning"


def _only_warns(_: "Policy") -> Literal["error", "warning"]:
    return "warning"


OBLIGATIONS: Final = (
    Obligation(
        "PL-LAW-001",
        ("controller",),
        "Art. 13(1)(a), 30(1)(a)",
        "nobody is named who answers for the study",
        "Add controller: {name: ..., contact: ...}.",
        lambda p: p.controller is not None,
    ),
    Obligation(
        "PL-LAW-002",
        ("controller", "dpo"),
        "Art. 37, 38(4)",
        "no data protection officer is named",
        "Add controller.dpo; `none` and why, where there need not be one.",
        lambda p: p.controller is None or p.controller.dpo is not None,
        _only_warns,
    ),
    Obligation(
        "PL-LAW-003",
        ("purpose", "dpv"),
        "Art. 5(1)(b), 30(1)(b)",
        "the purpose is not named in a public vocabulary",
        "Add for instance purpose.dpv: [dpv:CommercialResearch].",
        lambda p: bool(p.purpose.dpv),
    ),
    Obligation(
        "PL-LAW-004",
        ("purpose", "prohibited_uses"),
        "Recitals 51 and 162",
        "a use that no study may have is not prohibited",
        "Keep individual-decisions, re-identification and face-recognition.",
        lambda p: set(NEVER) <= set(p.purpose.prohibited_uses),
    ),
    Obligation(
        "PL-LAW-005",
        ("record_of_processing",),
        "Art. 30(1)(c) to (g)",
        "the record of processing lacks subjects, data, transfers, security and erasure",
        "Add record_of_processing; docs/policy.md has an example.",
        lambda p: p.record_of_processing is not None,
    ),
    Obligation(
        "PL-LAW-006",
        ("release", "recipients"),
        "Art. 30(1)(d)",
        "nobody is named who gets the release",
        "Add for instance release.recipients: [the research team].",
        lambda p: bool(p.release.recipients),
    ),
    Obligation(
        "PL-LAW-007",
        ("lawful_basis",),
        "Art. 6(1)",
        "the study names no lawful basis",
        "Add for instance lawful_basis: {gdpr: art6-1-a}.",
        lambda p: p.lawful_basis is not None,
    ),
    Obligation(
        "PL-LAW-008",
        ("lawful_basis", "balancing_test"),
        "Art. 5(2), 6(1)(f)",
        "legitimate interests are claimed, and no document weighs them",
        "Add lawful_basis.balancing_test: the sha256 of the document.",
        lambda p: (
            p.lawful_basis is None
            or p.lawful_basis.gdpr != "art6-1-f"
            or p.lawful_basis.balancing_test is not None
        ),
    ),
    Obligation(
        "PL-LAW-009",
        ("dpia",),
        "Art. 35(1)",
        "no impact assessment is named",
        "Begin one while it is a pilot (`crowdlens policy export --dpia`); name it under dpia.",
        lambda p: p.dpia is not None,
        _in_production,
    ),
    Obligation(
        "PL-LAW-010",
        ("optouts",),
        "Art. 7(3), 21(1)",
        "nothing says how objections and withdrawals are heeded",
        "Add for instance optouts: {applied: by-operator, max_age_days: 7}.",
        lambda p: p.optouts is not None,
        _where_people_may_object,
    ),
    Obligation(
        "PL-LAW-011",
        ("dataset", "acquisition"),
        "Art. 5(1)(a); AI Act, Art. 5(1)(e)",
        "nothing says how the photos were lawfully got",
        "Add dataset.acquisition in one sentence.",
        lambda p: p.dataset.acquisition is not None,
        _of_public_posts,
    ),
    Obligation(
        "PL-LAW-012",
        ("audit", "witness_quorum"),
        "Art. 5(2)",
        "no witness guards the log of a real study",
        "Add audit: {witness_quorum: 1}, or more.",
        lambda p: p.audit.witness_quorum >= 1,
    ),
    Obligation(
        "PL-LAW-013",
        ("redaction", "evaluation"),
        "Art. 25(1), 32(1)(d)",
        "no evaluation of redaction is demanded",
        "Sign one (docs/evaluation.md) and name it under redaction.evaluation.",
        lambda p: p.redaction.evaluation is not None,
        _only_warns,
    ),
    Obligation(
        "PL-LAW-014",
        ("approvals",),
        "Art. 24(1), 35(2)",
        "one person alone can approve the study",
        "Ask for two approvals or more, such as approvals: {steward: 1, dpo: 1}.",
        lambda p: sum(p.approvals.values()) >= 2,
        _only_warns,
    ),
    Obligation(
        "PL-LAW-015",
        ("dataset", "consent"),
        "Art. 7(1)",
        "photos of a panel that agreed are read without a look at each one's consent",
        "Add consent: column, and a column consent to the manifest.",
        lambda p: p.dataset.collection != "consented-panel" or p.dataset.consent == "column",
        _only_warns,
    ),
    Obligation(
        "PL-LAW-016",
        ("model_release",),
        "Art. 5(1)(b), 13(1)(c)",
        "a model is trained, and no purpose that is named is to make or improve one",
        "Add dpv:ResearchAndDevelopment to purpose.dpv, and say so in purpose.statement.",
        lambda p: p.model_release is None or "dpv:ResearchAndDevelopment" in p.purpose.dpv,
        _only_warns,
    ),
)


def unmet(policy: "Policy", document: Document | None = None) -> tuple[Finding, ...]:
    """Return what a pilot or production policy leaves unsaid; nothing for class test."""
    if policy.policy_class == "test":
        return ()
    found = (o.finding(policy, document) for o in OBLIGATIONS if not o.met(policy))
    return tuple(sorted(found, key=lambda f: (f.severity, f.line, f.rule)))
