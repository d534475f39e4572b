"""What rose and fell, and what is not said to have."""

import numpy as np
import pytest

from engine.insight.changes import FALL, NO_CHANGE, RISE, changes, holm
from engine.insight.errors import NotReleased
from engine.insight.laws import law
from engine.statistics.interface import Statistic
from tests.unit.engine.insight.made import (
    BRAND,
    WEEK,
    WEEKS,
    everything,
    released,
    statistic,
    study,
)

WEEKLY = study(statistic("brands", BRAND, WEEK))


def _counts(_: Statistic, cell: tuple[str, ...]) -> int:
    week = WEEKS.index(cell[1])
    return {"Nike": [100, 200, 200], "Puma": [100, 40, 40], "Adidas": [100, 105, 103]}[cell[0]][
        week
    ]


def test_a_rise_and_a_fall_are_named_and_noise_is_not() -> None:
    one = released(WEEKLY, _counts)
    table = changes(one, one.statistic("brands"))
    first = table.filter(before="2026-W23")
    assert dict(zip(first["brand"], first["verdict"], strict=True)) == {
        "Nike": RISE,
        "Puma": FALL,
        "Adidas": NO_CHANGE,
    }
    assert set(table.filter(before="2026-W24")["verdict"]) == {NO_CHANGE}
    assert table["week"].null_count() == table.height == 6
    nike = first.filter(brand="Nike").row(0, named=True)
    width = law("geometric", 4.0, 2).half_width(0.95)
    assert (nike["change"], nike["low95"], nike["high95"]) == (100, 100 - width, 100 + width)
    assert nike["times_low95"] < nike["times"] == 2.0 < nike["times_high95"]


def test_periods_can_be_chosen() -> None:
    one = released(WEEKLY, _counts)
    table = changes(one, one.statistic("brands"), [("2026-W23", "2026-W25")])
    assert set(table["after"]) == {"2026-W25"}
    assert table.height == 3
    with pytest.raises(NotReleased):
        changes(one, one.statistic("brands"), [("2026-W23", "2027-W01")])


def test_times_is_not_known_of_what_may_have_been_nothing() -> None:
    one = released(WEEKLY, lambda _, cell: 5 if cell[1] == "2026-W23" else 80)
    table = changes(one, one.statistic("brands")).filter(before="2026-W23")
    assert table["times"].null_count() == 3
    assert set(table["verdict"]) == {RISE}


def test_a_change_that_one_cell_would_show_is_not_named_among_many() -> None:
    few = study(statistic("posters", WEEK))
    gap = law("geometric", 4.0, 2).half_width(0.97) + 1
    one = released(few, lambda _, cell: 100 + gap * (cell[-1] != "2026-W23"))
    alone = changes(one, one.statistic("posters"), [("2026-W23", "2026-W24")])
    assert alone["verdict"].to_list() == [RISE]
    assert changes(one, one.statistic("posters"))["verdict"].to_list() == [NO_CHANGE, NO_CHANGE]


def test_holm_steps_down_and_stops() -> None:
    assert holm(np.array([0.02, 0.001, 0.9]), 6).tolist() == [False, True, False]
    # 0.05/6 passes the first, 0.05/5 the second, 0.05/4 the third.
    assert holm(np.array([0.012, 0.009, 0.008]), 6).tolist() == [True, True, True]
    assert holm(np.array([0.012, 0.011, 0.008]), 6).tolist() == [False, False, True]
    assert holm(np.empty(0), 0).tolist() == []


def test_what_has_no_periods_or_noise_that_runs_on_is_refused() -> None:
    one = released(everything(), lambda *_: 100)
    for name in ("leaders", "totals"):
        with pytest.raises(NotReleased):
            changes(one, one.statistic(name))
