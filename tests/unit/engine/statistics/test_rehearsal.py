from datetime import date

import polars as pl
import pytest

from engine.statistics import (
    SIGHTING_SCHEMA,
    Dimension,
    Photos,
    RunningTotal,
    Statistic,
    Study,
    Together,
    Top,
)
from engine.statistics.rehearsal import made_up, rehearse
from policies.amounts import Rho

DAYS = (date(2026, 6, 1), date(2026, 6, 21))
BRAND = Dimension("brand", ("a", "b", "c", "d"))
WEEK = Dimension("week", ("2026-W23", "2026-W24", "2026-W25"))
REGION = Dimension("region", ("north", "south"))
RHO = Rho.parse("0.5")
STUDY = Study(
    (
        Statistic("brands", (BRAND, WEEK, REGION), RHO),
        Statistic("crowd", (), RHO),
        Statistic("families", (Dimension("parent", ("P",), (("a", "P"), ("x", "P"))),), RHO),
        Statistic("pairs", (BRAND, Dimension("with_scene", ("bar", "beach"))), RHO, Together()),
        Statistic("photos", (BRAND,), RHO, Photos(2)),
        Statistic("so_far", (BRAND, WEEK), RHO, RunningTotal(3)),
        Statistic("top", (BRAND,), RHO, Top(2)),
    ),
    max_cells=100,
)


def test_the_same_seed_gives_the_same_crowd_of_the_studys_labels() -> None:
    one, two, other = (made_up(STUDY, DAYS, 50, 3, seed) for seed in (1, 1, 2))
    assert one.schema == SIGHTING_SCHEMA
    assert one.equals(two)
    assert not one.equals(other)
    assert set(one.filter(pl.col("kind") == "brand")["label"]) <= {*BRAND.keys, "x"}
    assert set(one.filter(pl.col("kind") == "scene")["label"]) <= {"bar", "beach"}
    assert set(one["region"]) <= set(REGION.keys)
    assert DAYS[0] <= one["day"].min() <= one["day"].max() <= DAYS[1]  # type: ignore[operator]
    assert one["contributor"].n_unique() == 50


def test_without_a_bound_that_bites_only_the_noise_is_between_value_and_truth() -> None:
    found = {r.id: r for r in rehearse(made_up(STUDY, DAYS, 300, 2, 1), STUDY, 10)}
    assert set(found) == {s.id for s in STUDY.statistics}
    for name in ("brands", "crowd", "families", "pairs", "so_far"):
        assert found[name].bound_error == 0
        assert found[name].kept == 1
        assert found[name].noise_error == found[name].error
    # Counts of a hundred and more, noise of a few.
    assert found["top"].right == pytest.approx(1, abs=0.3)
    assert found["crowd"].told_from_zero == 1


def test_a_bound_that_bites_is_told_apart_from_the_noise() -> None:
    tight = Study((Statistic("brands", (BRAND, WEEK), RHO), STUDY.statistics[4]), max_cells=1)
    brands, photos = rehearse(made_up(tight, DAYS, 300, 10, 1), tight, 5)
    assert brands.kept < 0.5
    assert photos.kept < 0.5
    assert brands.noise_error is not None
    assert brands.bound_error > 5 * brands.noise_error


def test_the_bounds_cover_what_they_say() -> None:
    found = rehearse(made_up(STUDY, DAYS, 100, 2, 1), STUDY, 40)
    brands = next(r for r in found if r.id == "brands")
    # 960 values at 95 % or a little more: 6 sd below is far rarer than one in a million.
    assert brands.covered is not None
    assert brands.covered > 0.95 - 6 * 0.007
