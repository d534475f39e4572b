"""Sums over cells, movers, occasions and quotients: of the right cells, and refused elsewhere."""

import pytest

from engine.insight.changes import FALL, NO_CHANGE, RISE, movers
from engine.insight.concentration import LESS, MORE, SEASONS, concentrations, ways
from engine.insight.errors import NotReleased
from engine.insight.shares import occasions, voice
from engine.insight.sums import summed
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic
from engine.statistics.measures import RunningTotal, Together
from tests.unit.engine.insight.made import (
    BRAND,
    BRANDS,
    WEEK,
    WITH_SCENE,
    released,
    statistic,
    study,
)

REGION = Dimension("region", ("DE", "FR"))
MONTHS = Dimension("month", tuple(f"2026-{month:02}" for month in range(1, 8)))


def test_a_sum_is_of_every_cell_and_has_their_noise() -> None:
    of = study(statistic("brands", BRAND, WEEK, REGION))
    one = released(of, lambda _, cell: 1 + BRANDS.index(cell[0]))
    whole = summed(one, one.statistic("brands"), ["brand"])
    assert whole.rows.select("brand", "value").rows() == [("Adidas", 6), ("Nike", 12), ("Puma", 18)]
    assert whole.draws == 6
    assert whole.law().half_width(0.95) == one.law(one.statistic("brands"), 6).half_width(0.95)
    everything = summed(one, one.statistic("brands"), [])
    assert (everything.rows["value"].to_list(), everything.draws) == ([36], 18)


def test_running_totals_are_never_added_up() -> None:
    of = study(statistic("totals", BRAND, WEEK, measure=RunningTotal()))
    one = released(of, lambda *_: 50)
    with pytest.raises(NotReleased):
        summed(one, one.statistic("totals"), ["brand"])
    with pytest.raises(NotReleased):
        movers(one, one.statistic("totals"))


def test_voice_is_of_the_whole_release() -> None:
    of = study(statistic("brands", BRAND, WEEK))
    one = released(of, lambda _, cell: 100 if cell[0] == "Nike" else 50)
    rows = voice(one, one.statistic("brands"))
    assert rows.height == 3
    nike = rows.filter(brand="Nike")
    assert (nike["value"][0], nike["total"][0], nike["share"][0]) == (300, 600, 0.5)
    assert nike["week"][0] is None


def test_movers_compare_the_outer_thirds() -> None:
    of = study(statistic("brands", BRAND, MONTHS))
    levels = {"Adidas": (50, 90), "Nike": (90, 50), "Puma": (70, 70)}

    def count(_: Statistic, cell: tuple[str, ...]) -> int:
        # What lies between the thirds has no part in it.
        if "2026-02" < cell[1] < "2026-06":
            return 5_000
        return levels[cell[0]][cell[1] >= "2026-06"]

    rows = movers(released(of, count), of.statistics[0])
    assert set(rows["before"]) == {"2026-01 to 2026-02"}
    assert set(rows["after"]) == {"2026-06 to 2026-07"}
    assert rows["value_before"].to_list() == [100, 180, 140]
    assert rows["verdict"].to_list() == [RISE, FALL, NO_CHANGE]
    assert rows["times"].to_list() == pytest.approx([1.8, 100 / 180, 1.0])


def test_a_study_of_one_period_has_no_movers() -> None:
    of = study(statistic("brands", BRAND, Dimension("week", ("2026-W23",))))
    with pytest.raises(NotReleased):
        movers(released(of, lambda *_: 50), of.statistics[0])


def test_occasions_are_parts_of_a_labels_meetings() -> None:
    of = study(statistic("pairs", BRAND, WITH_SCENE, WEEK, measure=Together()))
    one = released(of, lambda _, cell: 90 if cell[1] == "beach" else 30)
    rows = occasions(one, of.statistics[0])
    assert rows.filter(with_scene="beach")["share"].to_list() == [0.75] * 3
    assert set(rows["group"]) == set(BRANDS)


def test_brands_that_meet_brands_are_no_occasion() -> None:
    of = study(statistic("pairs", BRAND, Dimension("with_brand", BRANDS), measure=Together()))
    with pytest.raises(NotReleased):
        occasions(released(of, lambda *_: 50), of.statistics[0])


def test_quotients_are_a_labels_part_over_all_labels_part() -> None:
    of = study(statistic("brands", BRAND, REGION))

    def count(_: Statistic, cell: tuple[str, ...]) -> int:
        return 900 if cell == ("Nike", "DE") else 300

    (along,) = ways(of.statistics[0])
    rows = concentrations(released(of, count), of.statistics[0], along)
    nike = rows.filter(brand="Nike", part="DE")
    # 900 of Nike's 1,200; 1,500 of all 2,400.
    assert nike["quotient"][0] == pytest.approx((900 / 1200) / (1500 / 2400))
    assert nike["low95"][0] < nike["quotient"][0] < nike["high95"][0]
    assert nike["verdict"][0] == MORE
    assert rows.filter(brand="Nike", part="FR")["verdict"][0] == LESS


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ((BRAND, WEEK), []),
        ((BRAND, MONTHS), [SEASONS[0]]),
        ((BRAND, REGION, MONTHS), ["region", SEASONS[0]]),
        ((BRAND, Dimension("day", tuple(f"2026-07-{d:02}" for d in range(1, 15)))), [SEASONS[1]]),
        ((Dimension("brand", ("Nike",)), REGION), []),
        ((REGION, MONTHS), []),
    ],
)
def test_ways_to_part_a_table(by: tuple[Dimension, ...], names: list[str]) -> None:
    assert [along.name for along in ways(statistic("one", *by))] == names


def test_the_same_month_of_two_years_is_one_season() -> None:
    months = Dimension("month", ("2025-06", "2025-07", "2026-06", "2026-07"))
    of = study(statistic("brands", BRAND, months))
    (along,) = ways(of.statistics[0])
    assert along.in_order == ("June", "July")
    rows = concentrations(released(of, lambda *_: 100), of.statistics[0], along)
    assert set(rows["value"]) == {200}
    assert rows["quotient"].to_list() == pytest.approx([1.0] * 6)
