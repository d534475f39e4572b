"""The rules by which a policy refuses a request, one function a subject.

INVARIANT: each rule holds what the request itself says against one field, and no field eases
another's rule; so a policy that is stricter in one field refuses no less (`policies.judging`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from policies.amounts import Loss
from policies.decision import StudyRules, heeded_too_long_ago, out_of_period
from policies.errors import PolicyRefuses
from policies.label_choices import labels_of
from policies.policy import Policy
from policies.purpose_choices import COMMERCIAL
from policies.request import Request


@dataclass(frozen=True)
class Reason:
    """Why a request is refused."""

    rule: str
    message: str
    hint: str


Found = Iterator[Reason]


def _period(rules: StudyRules, request: Request) -> Found:
    yield from _told(out_of_period(rules.policy, request.on))


def _opt_outs(rules: StudyRules, request: Request) -> Found:
    if request.optouts_age_days is not None:
        yield from _told(heeded_too_long_ago(rules.policy, request.optouts_age_days))


def _statistics(rules: StudyRules, request: Request) -> Found:
    named = {s.id for s in rules.policy.statistics}
    if not request.statistics and not request.tables and not request.beside:
        yield Reason("PL-ASK-001", "the request asks for nothing", "Name statistics or tables.")
    for name in request.statistics:
        if name not in named:
            yield Reason(
                "PL-ASK-002",
                f"the policy has no statistic {name!r}",
                f"It has {', '.join(sorted(named))}.",
            )
    for table in request.tables:
        same = (s for s in rules.policy.statistics if s.kind == table.kind)
        if not any(set(s.by) == set(table.by) for s in same):
            yield Reason(
                "PL-ASK-003",
                f"no statistic of kind {table.kind} is by {', '.join(table.by) or 'nothing'}",
                "Have it approved in a new version of the policy.",
            )


def _labels(rules: StudyRules, request: Request) -> Found:
    for name, wanted in request.labels.items():
        public = labels_of(rules, name)
        for label in wanted:
            if label not in public:
                yield Reason(
                    "PL-ASK-004",
                    f"{label!r} is no {name.removeprefix('with_')} that the policy may name",
                    "Labels come from the policy and its catalogue alone.",
                )


def _recipients(rules: StudyRules, request: Request) -> Found:
    named = rules.policy.release.recipients
    if request.by is not None and request.by not in named:
        yield Reason(
            "PL-ASK-005",
            f"{request.by!r} is not among release.recipients",
            f"They are: {', '.join(named) or 'nobody'}.",
        )


def _formats(rules: StudyRules, request: Request) -> Found:
    for wanted in request.formats:
        if wanted not in rules.policy.release.formats:
            yield Reason(
                "PL-ASK-006",
                f"a release is not written as {wanted}",
                f"It is written as {', '.join(rules.policy.release.formats)}.",
            )


def _purpose(rules: StudyRules, request: Request) -> Found:
    purpose = rules.policy.purpose
    if request.purpose is not None and request.purpose not in purpose.dpv:
        yield Reason(
            "PL-ASK-007",
            f"{request.purpose} is no purpose of the study",
            f"Its purposes are: {', '.join(purpose.dpv) or 'none named'}.",
        )
    if request.purpose in COMMERCIAL and "NCU" in purpose.duo:
        yield Reason("PL-ASK-008", "the data are for no commercial use (NCU)", "Ask otherwise.")
    if request.use in purpose.prohibited_uses:
        yield Reason(
            "PL-ASK-009",
            f"the use {request.use} is prohibited",
            "No approval opens it while the policy says so.",
        )


def _beside(rules: StudyRules, request: Request) -> Found:
    for wanted in request.beside:
        if wanted != "model":
            yield Reason(
                "PL-ASK-010",
                f"{wanted} never leave: only tables of noisy numbers do",
                "Nothing else is kept (retention).",
            )
        elif rules.policy.model_release is None:
            yield Reason(
                "PL-ASK-016",
                "the policy releases no model",
                "Have model_release approved in a new version of the policy.",
            )


def _approvals(rules: StudyRules, request: Request) -> Found:
    for role, needed in sorted(rules.policy.approvals.items()):
        if request.approvals is not None and request.approvals.get(role, 0) < needed:
            given = request.approvals.get(role, 0)
            yield Reason(
                "PL-APPR-002",
                f"the policy needs {needed} approval(s) in the role {role}, and has {given}",
                f"Let a {role} sign.",
            )


def _witnesses(rules: StudyRules, request: Request) -> Found:
    policy, there = rules.policy, request.witnesses
    needed = max(policy.audit.witness_quorum, policy.policy_class != "test")
    if there is not None and there < needed:
        yield Reason(
            "PL-WIT-001",
            f"the policy needs {needed} witness(es), and there are {there}",
            "Add witnesses in other places to the trust file.",
        )


def _budget(rules: StudyRules, request: Request) -> Found:
    budget = rules.policy.budget
    price = request.price.loss if request.price is not None else None
    spent = request.spent.loss if request.spent is not None else None
    currencies = {loss.accounting for loss in (price, spent) if loss is not None}
    if currencies - {budget.accounting}:
        yield Reason(
            "PL-ASK-011",
            f"the budget is not in the request's currency, but in {budget.accounting}",
            "Ask in the budget's.",
        )
        return
    if price is None:
        return
    if not price.within(budget.per_release.loss):
        yield Reason(
            "PL-ASK-012",
            f"the price is more than one release may cost, {budget.per_release.loss.main}",
            "Ask for less.",
        )
    if not price.within(_priced(rules.policy, request)):
        yield Reason(
            "PL-ASK-013",
            "the price is more than what is asked for may cost together",
            "`crowdlens policy plan` says what each costs.",
        )
    if spent is not None and not (spent + price).within(budget.total.loss):
        yield Reason(
            "PL-ASK-014",
            f"the dataset may lose {budget.total.loss.main} in all, and this would be more",
            "What is spent stays spent: there is no refresh and no refund.",
        )


def _priced(policy: Policy, request: Request) -> Loss:
    """Return what the policy prices what is asked for at; each table counts once."""
    asked = {
        s.id
        for s in policy.statistics
        if s.id in request.statistics
        or any((t.kind, set(t.by)) == (s.kind, set(s.by)) for t in request.tables)
    }
    prices = [s.price for s in policy.statistics if s.id in asked]
    if policy.model_release is not None and "model" in request.beside:
        prices += policy.model_release.prices.values()
    return sum(prices, Loss.zero(policy.budget.accounting))


def _told(refusal: PolicyRefuses | None) -> Found:
    if refusal is not None:
        message = str(refusal).removesuffix(f" [{refusal.rule}]")
        yield Reason(refusal.rule, message, refusal.hint)


CHECKS: Final[tuple[Callable[[StudyRules, Request], Found], ...]] = (
    _period,
    _statistics,
    _labels,
    _recipients,
    _formats,
    _purpose,
    _beside,
    _opt_outs,
    _approvals,
    _witnesses,
    _budget,
)
RULES: Final = (
    *(f"PL-ASK-{number:03}" for number in (*range(1, 15), 16)),
    "PL-APPR-002",
    "PL-OPT-001",
    "PL-TIME-001",
    "PL-TIME-002",
    "PL-WIT-001",
)
"""Every rule by which a request can be refused."""
