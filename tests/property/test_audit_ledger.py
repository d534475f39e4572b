"""The budget is a fold: whatever is asked in whatever order, it is kept, and only grows."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.bodies import BudgetReserve, DatasetDeclare, amounts_of, spend_of
from audit.entries import make_entry
from audit.errors import BudgetRefused
from audit.ledger import Ledger, fold
from policies.amounts import Delta, Epsilon, Loss

DIGEST = "sha256:" + "a" * 64
costs = st.tuples(st.integers(0, 400), st.integers(0, 400))


def loss(epsilon: int, delta: int) -> Loss:
    hundredth, billionth = Epsilon.parse("0.01"), Delta.parse("1e-9")
    return Loss(Epsilon(hundredth.value * epsilon), Delta(billionth.value * delta))


@settings(max_examples=100, deadline=None)
@given(total=costs, asked=st.lists(costs, max_size=20))
def test_spent_never_exceeds_the_total_nor_falls(
    total: tuple[int, int], asked: list[tuple[int, int]]
) -> None:
    limit = loss(*total)
    ledger = Ledger()
    entries = [
        make_entry(
            DatasetDeclare(
                dataset="d",
                total=amounts_of(limit),
            ),
            seq=0,
            at=date(2026, 11, 23),
            run=None,
        )
    ]
    ledger.record(entries[0])
    # A plain recomputation in integers: other arithmetic than the ledger's fractions.
    spent = [0, 0]
    for number, cost in enumerate(asked):
        amount = loss(*cost)
        entry = make_entry(
            BudgetReserve(
                dataset="d",
                policy=DIGEST,
                statistics=(spend_of("a", amount),),
                cost=amounts_of(amount),
            ),
            seq=len(entries),
            at=date(2026, 11, 23),
            run=f"{number:032x}",
        )
        fits = spent[0] + cost[0] <= total[0] and spent[1] + cost[1] <= total[1]
        try:
            ledger.check(entry)
        except BudgetRefused:
            assert not fits
            continue
        assert fits
        ledger.record(entry)
        entries.append(entry)
        spent = [spent[0] + cost[0], spent[1] + cost[1]]
    account = ledger.account("d")
    assert account.spent == loss(*spent)
    assert account.spent.within(limit)
    assert account.remaining == loss(total[0] - spent[0], total[1] - spent[1])
    assert account.published == Loss.zero()
    assert fold(entries).account("d") == account
