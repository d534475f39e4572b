"""Lift against the study's own base, with bounds, or not known."""

import numpy as np
import pytest

from engine.insight.affinity import LESS, MORE, NO_AFFINITY, NOT_KNOWN, Base, affinities
from engine.insight.balance import ratio_bounds
from engine.insight.errors import NotReleased
from engine.insight.laws import law
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic
from engine.statistics.measures import Together
from tests.unit.engine.insight.made import (
    BRAND,
    SCENE,
    WEEK,
    WITH_SCENE,
    everything,
    released,
    statistic,
    study,
)

PAIRS = statistic("pairs", BRAND, WITH_SCENE, measure=Together())
PARTS = (statistic("brands", BRAND), statistic("scenes", SCENE), statistic("posters"))
STUDY = study(PAIRS, *PARTS)


def _counts(one: Statistic, cell: tuple[str, ...]) -> int:
    pairs = {("Nike", "beach"): 300, ("Puma", "beach"): 2}
    return {"pairs": pairs.get(cell, 100), "brands": 500, "scenes": 1000, "posters": 5000}[one.id]


def test_lift_is_what_it_says_and_its_verdicts_are_sure() -> None:
    one = released(STUDY, _counts)
    table = affinities(one, PAIRS)
    found = {(row["brand"], row["with_scene"]): row for row in table.iter_rows(named=True)}
    assert found["Nike", "beach"]["lift"] == pytest.approx(3.0)
    assert found["Nike", "beach"]["verdict"] == MORE
    assert found["Puma", "beach"]["verdict"] == LESS
    assert found["Adidas", "street"]["lift"] == pytest.approx(1.0)
    assert found["Adidas", "street"]["verdict"] == NO_AFFINITY
    assert (table["low95"] <= table["lift"]).all()
    assert (table["lift"] <= table["high95"]).all()


def test_what_one_pair_alone_would_show_is_not_named_among_many() -> None:
    """A verdict needs more than bounds above 1: all six pairs' verdicts are to be right."""

    def pair(together: int) -> dict[str, object]:
        one = released(STUDY, lambda s, c: together if s.id == "pairs" else _counts(s, c))
        return affinities(one, PAIRS).row(0, named=True)

    low = next(n for n in range(100, 200) if pair(n)["low95"] > 1)
    assert pair(low)["verdict"] == NO_AFFINITY
    named = next(n for n in range(low, 200) if pair(n)["verdict"] == MORE)
    assert low + 2 < named < low + 20


def test_bounds_are_those_of_two_ratios_together() -> None:
    row = affinities(released(STUDY, _counts), PAIRS).filter(brand="Nike", with_scene="beach")
    one = law("geometric", 4.0)
    counts = [np.array([count]) for count in (300, 500, 5000, 1000)]
    low, high, _ = ratio_bounds(counts[0], one, counts[1], one, 0.975)
    times_low, times_high, _ = ratio_bounds(counts[2], one, counts[3], one, 0.975)
    assert row["low95"][0] == pytest.approx((low * times_low)[0])
    assert row["high95"][0] == pytest.approx((high * times_high)[0])


def test_where_nobody_may_post_there_is_no_known_lift() -> None:
    few = {"posters": 5, "brands": 100, "scenes": 100, "pairs": 10}
    table = affinities(released(STUDY, lambda s, _: few[s.id]), PAIRS)
    assert set(table["verdict"]) == {NOT_KNOWN}


def test_a_label_that_may_be_shown_by_nobody_has_no_known_lift() -> None:
    def counts(one: Statistic, cell: tuple[str, ...]) -> int:
        return 3 if one.id == "brands" and cell == ("Nike",) else _counts(one, cell)

    table = affinities(released(STUDY, counts), PAIRS).filter(brand="Nike")
    assert table["lift"].null_count() == table["low95"].null_count() == table.height
    assert set(table["verdict"]) == {NOT_KNOWN}


@pytest.mark.parametrize("missing", range(3))
def test_without_its_base_there_is_no_lift(missing: int) -> None:
    of = study(PAIRS, *(part for number, part in enumerate(PARTS) if number != missing))
    one = released(of, _counts)
    with pytest.raises(NotReleased, match="counts no contributors by"):
        affinities(one, PAIRS)


def test_a_base_of_other_periods_or_fewer_labels_will_not_do() -> None:
    weekly = statistic("pairs", BRAND, WITH_SCENE, WEEK, measure=Together())
    with pytest.raises(NotReleased):
        Base.of(released(study(weekly, *PARTS), _counts), weekly)
    few = statistic("brands", Dimension("brand", ("Nike",)))
    with pytest.raises(NotReleased):
        Base.of(released(study(PAIRS, few, *PARTS[1:]), _counts), PAIRS)


def test_what_counts_no_pairs_has_no_lift() -> None:
    one = released(STUDY, _counts)
    with pytest.raises(NotReleased):
        affinities(one, one.statistic("brands"))


def test_each_week_has_its_own_base() -> None:
    one = released(everything(), lambda s, _: {"pairs": 100, "posters": 1000}.get(s.id, 400))
    table = affinities(one, one.statistic("pairs"))
    assert table.height == 18
    assert set(table["whole"]) == {1000}
    assert table["lift"].to_list() == pytest.approx([100 * 1000 / 400**2] * 18)


def test_a_brand_that_meets_a_brand_takes_both_from_one_statistic() -> None:
    pairs = statistic("pairs", BRAND, Dimension("with_brand", BRAND.keys), measure=Together())
    of = study(pairs, statistic("brands", BRAND), statistic("posters"))

    def counts(one: Statistic, cell: tuple[str, ...]) -> int:
        if one.id == "brands":
            return {"Nike": 200, "Puma": 300, "Adidas": 400}[cell[0]]
        return 1000 if one.id == "posters" else 90

    table = affinities(released(of, counts), pairs)
    assert table.select("brand", "with_brand", "first", "second").rows() == [
        ("Adidas", "Nike", 400, 200),
        ("Adidas", "Puma", 400, 300),
        ("Nike", "Puma", 200, 300),
    ]
