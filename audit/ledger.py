"""The privacy budget as a fold over the log: there is no counter to reset, and no refund.

Spent is the sum of every `budget.reserve` of a dataset, whatever became of its run. The dataset's
first declaration binds for ever, under whatever policy, folder or user.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from audit.bodies import BudgetReserve, DatasetDeclare, Release
from audit.entries import Entry
from audit.errors import BudgetRefused
from policies.amounts import Loss


@dataclass(frozen=True)
class Spend:
    """One reservation of a dataset's budget."""

    seq: int
    run: str
    policy: str
    loss: Loss
    published: bool
    """Whether the run ended in a release."""
    models: tuple[str, ...] = ()
    """Ids of what was trained for it; none where it paid for tables alone."""


@dataclass(frozen=True)
class Account:
    """What one dataset may lose, has lost, and has left; exact."""

    dataset: str
    total: Loss
    spent: Loss
    published: Loss
    """The part of `spent` whose runs ended in a release; never more than `spent`."""
    remaining: Loss
    reservations: tuple[Spend, ...]


@dataclass
class Ledger:
    """Accounts of every declared dataset."""

    _totals: dict[str, Loss] = field(default_factory=dict)
    _spends: list[tuple[str, int, str, str, Loss, tuple[str, ...]]] = field(default_factory=list)
    _released: set[str] = field(default_factory=set)
    _spent: dict[str, Loss] = field(default_factory=dict)

    def check(self, entry: Entry) -> None:
        """Raise `BudgetRefused` where the entry breaks a declared total or declares one again.

        Also where a training is to cost less than its own numbers say.
        """
        body = entry.body
        if isinstance(body, DatasetDeclare) and body.dataset in self._totals:
            raise BudgetRefused(
                f"dataset {body.dataset} is declared already, and its first total binds for ever"
            )
        if isinstance(body, BudgetReserve):
            total = self._totals.get(body.dataset)
            if total is None:
                raise BudgetRefused(
                    f"dataset {body.dataset} has no declared total, so nothing may be spent"
                )
            require_affordable(body.dataset, total, self._spent[body.dataset], body.loss())
            _require_covered(body)

    def record(self, entry: Entry) -> None:
        """Take the entry, which `check` has passed, into the accounts."""
        body, run = entry.body, entry.run_id or ""
        if isinstance(body, DatasetDeclare):
            self._totals[body.dataset] = body.total.loss()
            self._spent[body.dataset] = Loss.zero(body.total.loss().accounting)
        elif isinstance(body, BudgetReserve):
            models = tuple(s.id for s in body.statistics if s.training is not None)
            self._spends.append((body.dataset, entry.seq, run, body.policy, body.loss(), models))
            self._spent[body.dataset] = self._spent[body.dataset] + body.loss()
        elif isinstance(body, Release):
            self._released.add(run)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The declared datasets, sorted."""
        return tuple(sorted(self._totals))

    def balances(self) -> dict[str, tuple[Loss, Loss]]:
        """Return each declared dataset's total and what is spent of it."""
        return {name: (total, self._spent[name]) for name, total in self._totals.items()}

    def account(self, dataset: str) -> Account:
        """Return a dataset's account; raises `BudgetRefused` where it was never declared."""
        if dataset not in self._totals:
            raise BudgetRefused(f"dataset {dataset} has no declared total")
        spends = tuple(
            Spend(seq, run, policy, loss, run in self._released, models)
            for name, seq, run, policy, loss, models in self._spends
            if name == dataset
        )
        total, spent = self._totals[dataset], self._spent[dataset]
        published = sum((s.loss for s in spends if s.published), Loss.zero(total.accounting))
        return Account(dataset, total, spent, published, total.minus(spent), spends)


def _require_covered(body: BudgetReserve) -> None:
    # INVARIANT: no training stands in a log for less than it tells of anybody.
    for spend in body.statistics:
        if spend.training is not None and not spend.training.covered_by(spend.cost.loss()):
            raise BudgetRefused(
                f"dataset {body.dataset}: the training {spend.id} costs more than is spent on it",
                hint="Spend more on it, or train for fewer steps, or with more noise.",
            )


def require_affordable(dataset: str, total: Loss, spent: Loss, cost: Loss) -> None:
    """Raise `BudgetRefused` where the cost, on top of what is spent, exceeds the total."""
    if cost.accounting != total.accounting:
        raise BudgetRefused(
            f"dataset {dataset} has a total in {total.main.unit}, and the request is in "
            f"{cost.main.unit}",
            hint=f"Write accounting: {total.accounting} into the policy and have it approved.",
        )
    if not (spent + cost).within(total):
        raise BudgetRefused(
            f"dataset {dataset}: requested {_words(cost)}, remaining {_words(total.minus(spent))}",
            hint="Ask for less, or wait for other data: a budget is never refilled.",
        )


def require_declared(dataset: str, declared: Loss, total: Loss) -> None:
    """Raise `BudgetRefused` where a total is not the one that was declared first."""
    if declared != total:
        raise BudgetRefused(
            f"dataset {dataset} was declared with {_words(declared)}, "
            "and its first declaration binds for ever",
            hint="Write this total into the policy and have it approved.",
        )


def _words(loss: Loss) -> str:
    return f"{loss.main.unit} {loss.main} and delta {loss.delta}"


def fold(entries: Iterable[Entry]) -> Ledger:
    """Return the ledger of a whole log; raises `BudgetRefused` at the first broken total."""
    ledger = Ledger()
    for entry in entries:
        ledger.check(entry)
        ledger.record(entry)
    return ledger
