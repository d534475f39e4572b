from dataclasses import replace

import pytest

from engine.statistics import Contributors, Dimension, Photos, Statistic, Study, Together, Top
from engine.statistics.plan import plan
from policies.amounts import Delta, Epsilon, Loss, Rho

BRAND = Dimension("brand", tuple(f"b{n}" for n in range(40)))
WEEK = Dimension("week", tuple(f"2026-W{n:02d}" for n in range(1, 27)))
AT = Delta.parse("1e-6")
TOTAL = Loss(Epsilon.parse("4"), AT)
PURE = Study((Statistic("a", (BRAND, WEEK), Epsilon.parse("1")),), 2)
RHO = Study((Statistic("a", (BRAND, WEEK), Rho.parse("0.02")),), 20)


def test_the_plan_states_the_noise_the_price_and_what_stands_out() -> None:
    planned = plan(PURE, TOTAL, AT, crowd=1000)
    (row,) = planned.statistics
    assert (row.id, row.measures, row.cells, row.max_cells) == ("a", "contributors", 1040, 2)
    assert row.mechanism == "geometric"
    assert row.half_width == 6  # 2 ln 20 = 5.99 by the continuous law, scale K / epsilon = 2
    assert row.stands_out == 7
    assert row.share_of_crowd == 0.007
    assert planned.releases == 4
    assert planned.stated_epsilon == 1


def test_many_cells_a_contributor_are_better_noised_in_rho() -> None:
    # Facts: the Gaussian has the lesser spread from K = 9 or 10 on, at a delta of 1e-6.
    few, many = (plan(replace(PURE, max_cells=k), TOTAL, AT) for k in (2, 40))
    assert few.other is not None
    assert not few.other.is_better
    assert many.other is not None
    assert many.other.is_better
    assert many.other.price.accounting == "zcdp"
    back = plan(RHO, Loss(None, AT, Rho.parse("0.2")), AT)
    assert back.other is not None
    assert back.other.price.accounting == "pure-dp"
    assert not back.other.is_better


def test_the_other_currency_costs_a_reader_no_more() -> None:
    other = plan(replace(PURE, max_cells=40), TOTAL, AT).other
    assert other is not None
    study = Study((Statistic("a", (BRAND, WEEK), other.price.main),), 40)
    again = plan(study, Loss(None, AT, Rho.parse("1")), AT)
    assert again.stated_epsilon <= 1


def test_a_lopsided_split_is_set_right() -> None:
    statistics = (
        Statistic("a", (BRAND,), Epsilon.parse("0.9"), Contributors(), 2),
        Statistic("b", (BRAND, WEEK), Epsilon.parse("0.1"), Contributors(), 8),
    )
    better = {s.id: s.better_price for s in plan(Study(statistics, 2), TOTAL, AT).statistics}
    # Spreads are about K / epsilon: even at about 0.2 and 0.8, and never more than there is.
    assert better["a"] is not None
    assert better["b"] is not None
    assert float(better["a"].value) == pytest.approx(0.2, rel=0.02)
    assert better["a"].value + better["b"].value <= 1


def test_a_good_split_is_left_alone_and_a_top_keeps_its_price() -> None:
    statistics = (
        Statistic("a", (BRAND,), Rho.parse("0.01")),
        Statistic("b", (BRAND, WEEK), Rho.parse("0.01"), Photos(4)),
        Statistic("c", (BRAND,), Rho.parse("0.03"), Top(3)),
    )
    planned = plan(Study(statistics, 2), Loss(None, AT, Rho.parse("1")), AT)
    assert all(s.better_price is None for s in planned.statistics)
    top = planned.statistics[2]
    assert (top.mechanism, top.half_width) == ("noisy-top", None)


@pytest.mark.parametrize("accounts", [2, 5])
def test_accounts_of_one_person_widen_the_noise_as_many_times(accounts: int) -> None:
    one, several = (plan(replace(PURE, accounts=m), TOTAL, AT) for m in (1, accounts))
    ratio = several.statistics[0].std / one.statistics[0].std  # type: ignore[operator]
    assert ratio == pytest.approx(accounts, rel=0.05)


def test_pairs_are_planned_over_pairs() -> None:
    study = Study(
        (
            Statistic(
                "a", (BRAND, Dimension("with_brand", BRAND.keys)), Epsilon.parse("1"), Together()
            ),
        ),
        4,
    )
    assert plan(study, TOTAL, AT).statistics[0].cells == 40 * 39 // 2
