"""Ranks with their bounds, and how sure the first k are."""

import numpy as np
import polars as pl
import pytest

from engine.insight.errors import NotReleased
from engine.insight.laws import law
from engine.insight.ranking import ranking, spread, spreads_beyond, top_sets
from tests.unit.engine.insight.made import (
    BRAND,
    LAWS,
    WEEK,
    everything,
    released,
    statistic,
    study,
)

BY_BRAND = study(statistic("brands", BRAND))


@pytest.mark.parametrize(("mechanism", "std"), LAWS)
def test_the_range_of_two_is_their_distance(mechanism: str, std: float) -> None:
    gaps = np.arange(12)
    two = spreads_beyond(law(mechanism, std), 2, gaps)
    assert two == pytest.approx(law(mechanism, std, 2).beyond(gaps), abs=1e-9)


def test_the_range_of_many_normal_draws_is_tukeys() -> None:
    # 5 % point of the studentised range, infinite degrees of freedom, 10 groups: 4.474.
    assert spread(law("discrete-gaussian", 200.0), 10) == pytest.approx(4.474 * 200, rel=2e-3)
    assert spread(law("discrete-gaussian", 4_000.0), 10) == pytest.approx(4.474 * 4_000, rel=5e-3)


def test_on_a_lattice_of_several_counts_one_step_is_given_away() -> None:
    wide, narrow = law("geometric", 4_000.0), law("geometric", 400.0)
    assert spread(wide, 10) == 10 * (spread(narrow, 10) + 1)


def test_labels_that_are_far_apart_are_told_apart_and_others_not() -> None:
    values = {"Nike": 100, "Puma": 94, "Adidas": 30}
    one = released(BY_BRAND, lambda _, cell: values[cell[0]])
    table = ranking(one, one.statistic("brands"))
    assert table.select("brand", "rank", "best", "worst", "sure").rows() == [
        ("Nike", 1, 1, 2, False),
        ("Puma", 2, 1, 2, False),
        ("Adidas", 3, 3, 3, True),
    ]


def test_the_distance_that_tells_apart_is_the_range_and_one() -> None:
    apart = spread(law("geometric", 4.0), 3)
    for gap, sure in ((apart, False), (apart + 1, True)):
        values = {"Nike": 1000, "Puma": 1000 - gap, "Adidas": 0}
        one = released(BY_BRAND, lambda _, cell, of=values: of[cell[0]])
        assert ranking(one, one.statistic("brands"))["sure"].to_list() == [sure, sure, True]


def test_equal_values_share_their_bounds_and_are_ordered_by_key() -> None:
    one = released(BY_BRAND, lambda *_: 7)
    table = ranking(one, one.statistic("brands"))
    assert table["brand"].to_list() == ["Adidas", "Nike", "Puma"]
    assert table.select("best", "worst").unique().rows() == [(1, 3)]


def test_first_sets_say_how_doubtful_they_are() -> None:
    values = {"Nike": 100, "Puma": 94, "Adidas": 30}
    one = released(BY_BRAND, lambda _, cell: values[cell[0]])
    table = top_sets(one, one.statistic("brands"), (1, 2, 3, 10))
    assert table["k"].to_list() == [1, 2]
    assert table["members"].to_list() == [["Nike"], ["Nike", "Puma"]]
    assert table["gap"].to_list() == [6, 64]
    assert table["sure"].to_list() == [False, True]
    assert table["doubt"][0] > 0.3
    assert table["doubt"][1] < 1e-6
    assert table["brand"].null_count() == 2


def test_each_period_and_place_is_ranked_alone_and_pairs_are_ranked_as_pairs() -> None:
    one = released(everything(), lambda *_: 100)
    assert ranking(one, one.statistic("brands")).height == 9
    pairs = ranking(one, one.statistic("pairs"))
    assert pairs.group_by("week").agg(pl.col("rank").max())["rank"].to_list() == [6, 6, 6]
    tops = top_sets(one, one.statistic("pairs"), (1,))
    assert tops["members"].to_list() == [["Adidas & beach"]] * 3
    assert tops["week"].to_list() == ["2026-W23", "2026-W24", "2026-W25"]


def test_what_has_no_labels_has_no_ranks() -> None:
    one = released(everything(), lambda *_: 100)
    for name in ("posters", "totals", "leaders"):
        with pytest.raises(NotReleased):
            ranking(one, one.statistic(name))


def test_one_label_is_first() -> None:
    from engine.statistics.dimensions import Dimension

    of = study(statistic("one", Dimension("brand", ("Nike",)), WEEK))
    one = released(of, lambda *_: 3)
    assert ranking(one, one.statistic("one"))["sure"].all()
    assert top_sets(one, one.statistic("one"), (1,)).height == 0
