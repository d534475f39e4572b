"""The reading table: never below zero, never at odds with itself, never further from the truth."""

import numpy as np
import polars as pl
import pytest

from engine.insight.containment import containments
from engine.insight.projection import rising, under_ceilings
from engine.insight.reading import reading
from engine.insight.released import Released
from engine.statistics.interface import Statistic
from engine.statistics.measures import Photos, RunningTotal, Together
from tests.unit.engine.insight.made import (
    BRAND,
    CATEGORY,
    PARENT,
    SCENE,
    WEEK,
    WEEKS,
    WITH_SCENE,
    everything,
    released,
    statistic,
    study,
    table,
)


def _readings(table: pl.DataFrame, name: str) -> list[int]:
    return table.filter(pl.col("statistic") == name)["reading"].to_list()


def test_nothing_reads_below_zero_and_the_machine_table_stays() -> None:
    of = study(statistic("brands", BRAND))
    table = reading(released(of, lambda _, cell: {"Nike": -4, "Puma": 8, "Adidas": 9}[cell[0]]))
    assert table["brand"].to_list() == ["Adidas", "Nike", "Puma"]
    assert table["value"].to_list() == [9, -4, 8]
    assert table["reading"].to_list() == [9, 0, 8]
    assert table["low95"].to_list() == [1, -12, 0]
    assert table["distinguishable_from_0"].to_list() == [True, False, False]
    assert table["stands_out_from"].to_list() == [9, 9, 9]
    assert table["seen_surely_from"].to_list() == [17, 17, 17]


def test_a_running_total_never_falls() -> None:
    of = study(statistic("totals", BRAND, WEEK, measure=RunningTotal()))

    def counts(_: Statistic, cell: tuple[str, ...]) -> int:
        return [10, 30, 20][WEEKS.index(cell[1])] if cell[0] == "Nike" else -5

    table = reading(released(of, counts))
    assert table.filter(brand="Nike")["reading"].to_list() == [10, 25, 25]
    assert table.filter(brand="Puma")["reading"].to_list() == [0, 0, 0]


def test_the_less_noise_a_period_has_the_less_its_total_gives_way() -> None:
    of = study(statistic("totals", BRAND, WEEK, measure=RunningTotal()))
    values = dict(zip(WEEKS, [10, 40, 20], strict=True))
    noisy = pl.col("week").replace_strict({WEEKS[0]: 1.0, WEEKS[1]: 1.0, WEEKS[2]: 0.5})
    stds = table(of, lambda _, cell: values[cell[1]]).with_columns(std=noisy)
    readings = reading(Released.of(stds, of)).filter(brand="Nike")["reading"]
    # (1 * 40 + 4 * 20) / 5
    assert readings.to_list() == [10, 24, 24]


def test_a_brand_is_not_above_those_who_post_and_not_below_a_pair() -> None:
    of = study(
        statistic("brands", BRAND, WEEK),
        statistic("pairs", BRAND, WITH_SCENE, WEEK, measure=Together()),
        statistic("posters", WEEK),
    )
    counts = {"brands": 103, "pairs": 50, "posters": 97}
    noisy = {"brands": ("geometric", 2.0), "pairs": ("geometric", 2.0)}
    one = reading(released(of, lambda s, _: counts[s.id], noisy | {"posters": ("geometric", 2.0)}))
    # Four numbers of equal weight: 103, 103, 103 and 97.
    assert _readings(one, "posters") == _readings(one, "brands")[:3] == [102, 102, 102]
    assert _readings(one, "pairs") == [50] * 18
    # The less noise a number has, the less it gives way.
    sure = released(of, lambda s, _: counts[s.id], noisy | {"posters": ("geometric", 0.1)})
    assert set(_readings(reading(sure), "brands")) == {97}


def test_a_pair_is_not_above_either_of_its_labels() -> None:
    of = study(
        statistic("brands", BRAND),
        statistic("scenes", SCENE),
        statistic("pairs", BRAND, WITH_SCENE, measure=Together()),
    )
    found = containments(released(of, lambda *_: 0))
    assert sorted(len(lower) for lower, _ in found) == [6, 6]
    table = reading(released(of, lambda s, _: {"brands": 10, "scenes": 20, "pairs": 16}[s.id]))
    assert max(_readings(table, "pairs")) <= min(_readings(table, "brands"))


def test_a_brand_is_not_above_its_parent_or_category() -> None:
    of = study(
        statistic("brands", BRAND), statistic("parents", PARENT), statistic("categories", CATEGORY)
    )
    one = released(of, lambda *_: 0)
    above = {
        (
            one.table["brand"][int(below)],
            one.table["parent"][int(up)] or one.table["category"][int(up)],
        )
        for lower, upper in containments(one)
        for below, up in zip(lower, upper, strict=True)
    }
    assert above == {
        ("Adidas", "A"),
        ("Nike", "N"),
        ("Puma", "A"),
        ("Adidas", "sport"),
        ("Nike", "sport"),
        ("Puma", "shoes"),
    }


def test_a_period_is_not_above_all_periods_and_contributors_not_above_their_photos() -> None:
    of = study(
        statistic("ever", BRAND),
        statistic("weekly", BRAND, WEEK),
        statistic("photos", BRAND, measure=Photos(3)),
        statistic("more_photos", BRAND, measure=Photos(9)),
    )
    one = released(of, lambda *_: 0)
    ids = one.table["statistic"]
    assert {(ids[int(low[0])], ids[int(up[0])]) for low, up in containments(one)} == {
        ("weekly", "ever"),
        ("weekly", "photos"),
        ("weekly", "more_photos"),
        ("ever", "photos"),
        ("ever", "more_photos"),
        ("photos", "more_photos"),
    }


def test_what_the_contribution_bound_may_have_cut_is_no_ceiling() -> None:
    """With K below the cells of the larger statistic, its counts may truly be the smaller ones."""
    of = study(statistic("brands", BRAND, WEEK), statistic("posters", WEEK), max_cells=2)
    assert containments(released(of, lambda *_: 0)) == []
    whole = study(
        statistic("brands", BRAND, WEEK), statistic("posters", WEEK, max_cells=3), max_cells=2
    )
    assert len(containments(released(whole, lambda *_: 0))) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_reading_is_nearer_to_the_truth_than_what_was_released(seed: int) -> None:
    """Projecting on a convex set that holds the truth can't lead away from it."""
    rng = np.random.default_rng(seed)
    truth = {"posters": 12, "brands": 9, "brand_photos": 12, "categories": 10, "scenes": 8}
    truth |= {"pairs": 2, "totals": 3}
    one = released(everything(), lambda s, _: truth[s.id], ("geometric", 6.0), rng)
    values = one.table["value"].to_numpy().astype(float)
    exact = np.array([truth[name] for name in one.table["statistic"]], dtype=float)
    weights = one.table["std"].to_numpy() ** -2.0
    pairs = containments(one)
    nearest = under_ceilings(values, weights, pairs)
    for lower, upper in pairs:
        assert (nearest[lower] <= nearest[upper] + 0.01).all()
    assert ((nearest - exact) ** 2).sum() <= ((values - exact) ** 2).sum() + 1e-6


def test_pools_are_those_of_isotonic_regression() -> None:
    weights = np.array([1.0, 2.0, 1.0, 4.0])
    assert rising(np.array([4.0, 1.0, 9.0, 8.0]), weights).tolist() == [2.0, 2.0, 8.2, 8.2]
