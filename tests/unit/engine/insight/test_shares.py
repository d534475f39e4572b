"""Shares of voice: of the right sum, with bounds, and not known where there is nothing."""

import numpy as np
import pytest

from engine.insight.balance import part_bounds
from engine.insight.errors import NotReleased
from engine.insight.laws import law
from engine.insight.shares import shares
from tests.unit.engine.insight.made import BRAND, WEEK, everything, released, statistic, study

WEEKLY = study(statistic("brands", BRAND, WEEK))


def test_shares_are_of_the_sum_of_one_period() -> None:
    one = released(WEEKLY, lambda _, cell: 300 if cell == ("Nike", "2026-W23") else 100)
    table = shares(one, one.statistic("brands"))
    nike = table.filter(brand="Nike")
    assert nike["share"].to_list() == pytest.approx([0.6, 1 / 3, 1 / 3])
    assert nike["total"].to_list() == [500, 300, 300]
    assert table["known"].all()
    assert (table["low95"] < table["share"]).all()
    assert (table["share"] < table["high95"]).all()


def test_bounds_are_of_the_label_against_all_others() -> None:
    one = released(WEEKLY, lambda _, cell: {"Nike": 30, "Puma": 50, "Adidas": 90}[cell[0]])
    nike = shares(one, one.statistic("brands")).filter(brand="Nike")
    alone, others = law("geometric", 4.0), law("geometric", 4.0, 2)
    low, high = part_bounds(np.array([30]), alone, np.array([140]), others)
    assert nike.select("low95", "high95").rows() == [(low[0], high[0])] * 3


def test_labels_are_compared_within_their_group_and_a_group_of_one_is_left_out() -> None:
    one = released(WEEKLY, lambda _, cell: {"Nike": 30, "Puma": 50, "Adidas": 90}[cell[0]])
    groups = {"Nike": "sport", "Adidas": "sport", "Puma": "shoes"}
    table = shares(one, one.statistic("brands"), groups)
    assert set(table["brand"]) == {"Nike", "Adidas"}
    assert set(table["total"]) == {120}
    assert set(table["group"]) == {"sport"}


def test_a_sum_that_may_be_nothing_gives_no_share() -> None:
    one = released(WEEKLY, lambda _, cell: 4 if cell[1] == "2026-W23" else 40)
    table = shares(one, one.statistic("brands"))
    unknown = table.filter(week="2026-W23")
    assert not unknown["known"].any()
    for column in ("share", "low95", "high95"):
        assert unknown[column].null_count() == 3


def test_a_value_below_zero_is_a_share_of_zero_at_least() -> None:
    one = released(WEEKLY, lambda _, cell: -9 if cell[0] == "Nike" else 60)
    table = shares(one, one.statistic("brands"))
    assert set(table.filter(brand="Nike")["share"]) == {0.0}
    assert (table["high95"] <= 1).all()
    assert table.filter(brand="Nike")["high95"].min() > 0


def test_what_counts_no_labels_has_no_shares() -> None:
    one = released(everything(), lambda *_: 100)
    for name in ("posters", "pairs", "totals"):
        with pytest.raises(NotReleased):
            shares(one, one.statistic(name))
