"""What holds of everything derived from a release, whatever the noisy numbers happen to be."""

from dataclasses import fields

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.insight import Insights, TableRefused, insights
from engine.insight.containment import containments
from engine.insight.projection import rising, under_ceilings, whole
from engine.insight.released import Released
from engine.statistics.interface import Study
from tests.unit.engine.insight.made import everything, table

STUDY = everything()
PLAIN = table(STUDY, lambda *_: 0)

values = st.lists(
    st.one_of(st.integers(-40, 60), st.integers(-1_000, 100_000)),
    min_size=PLAIN.height,
    max_size=PLAIN.height,
)
laws = st.sampled_from([("geometric", 0.4), ("geometric", 7.0), ("discrete-gaussian", 3.0)])
few = settings(max_examples=15, deadline=None)


def _table(numbers: list[int], law: tuple[str, float], study: Study = STUDY) -> pl.DataFrame:
    plain = table(study, lambda *_: 0, law)
    return plain.with_columns(
        pl.Series("value", numbers),
        low95=pl.col("low95") + pl.Series(numbers),
        high95=pl.col("high95") + pl.Series(numbers),
    )


def _tables(found: Insights) -> dict[str, pl.DataFrame]:
    return {f.name: getattr(found, f.name) for f in fields(found) if f.name != "notes"}


@few
@given(values, laws, st.integers(0, 1_000))
def test_the_order_of_rows_and_columns_does_not_matter(
    numbers: list[int], law: tuple[str, float], seed: int
) -> None:
    given_table = _table(numbers, law)
    shuffled = given_table.sample(fraction=1, shuffle=True, seed=seed)
    columns = np.random.default_rng(seed).permutation(shuffled.columns).tolist()
    ours, theirs = insights(given_table, STUDY), insights(shuffled.select(columns), STUDY)
    for name, derived in _tables(ours).items():
        assert derived.equals(_tables(theirs)[name]), name


@few
@given(values, laws)
def test_readings_are_consistent_and_never_negative(
    numbers: list[int], law: tuple[str, float]
) -> None:
    given_table = _table(numbers, law)
    read = insights(given_table, STUDY).reading
    released = Released.of(given_table, STUDY)
    readings = read["reading"].to_numpy()
    assert (readings >= 0).all()
    pairs = containments(released)
    assert pairs
    for lower, upper in pairs:
        assert (readings[lower] <= readings[upper]).all()
    totals = read.filter(statistic="totals").sort("brand", "week")
    for _, total in totals.group_by("brand", maintain_order=True):
        assert total["reading"].is_sorted()
    # The machine's numbers stand beside them, untouched.
    assert read["value"].equals(released.table["value"])
    assert read["low95"].equals(released.table["low95"])


@few
@given(values, laws)
def test_bounds_hold_what_they_are_bounds_of(numbers: list[int], law: tuple[str, float]) -> None:
    found = insights(_table(numbers, law), STUDY)
    for derived, name in (
        (found.shares, "share"),
        (found.affinities, "lift"),
        (found.means, "mean"),
    ):
        known = derived.filter("known")
        assert (known["low95"] <= known[name]).all()
        assert (known[name] <= known["high95"]).all()
        assert (known["low95"] >= 0).all()
        assert known["high95"].is_finite().all()
        unknown = derived.filter(~pl.col("known"))
        assert unknown[name].null_count() == unknown["high95"].null_count() == unknown.height
    assert (found.shares["high95"].drop_nulls() <= 1).all()
    assert (found.ranking["best"] <= found.ranking["rank"]).all()
    assert (found.ranking["rank"] <= found.ranking["worst"]).all()
    change = found.changes
    assert (change["low95"] <= change["change"]).all()
    assert (change["change"] <= change["high95"]).all()
    times = change.drop_nulls("times")
    assert (times["times_low95"] <= times["times"]).all()
    assert (times["times"] <= times["times_high95"]).all()


@few
@given(values, laws)
def test_verdicts_never_go_against_their_own_bounds(
    numbers: list[int], law: tuple[str, float]
) -> None:
    found = insights(_table(numbers, law), STUDY)
    assert (found.changes.filter(verdict="rise")["low95"] > 0).all()
    assert (found.changes.filter(verdict="fall")["high95"] < 0).all()
    more = found.affinities.filter(verdict="together more than apart")
    less = found.affinities.filter(verdict="together less than apart")
    assert (more["low95"] > 1).all()
    assert (less["high95"] < 1).all()
    sure = found.tops.filter("sure")
    assert (sure["doubt"] <= 0.05).all()


@given(
    st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=12),
    st.sampled_from([pl.String, pl.Int64, pl.Float64]),
)
def test_a_table_with_another_column_is_refused(name: str, kind: pl.DataType) -> None:
    other = PLAIN.with_columns(pl.lit(None, kind).alias(f"x_{name}"))
    with pytest.raises(TableRefused):
        insights(other, STUDY)


@given(st.sampled_from(PLAIN.columns))
def test_a_table_without_one_of_its_columns_is_refused(name: str) -> None:
    with pytest.raises(TableRefused):
        insights(PLAIN.drop(name), STUDY)


numbers_of_ten = st.lists(st.floats(-1e4, 1e4), min_size=10, max_size=10)
weights_of_ten = st.lists(st.floats(0.01, 100), min_size=10, max_size=10)
PAIRS = [
    (np.array([0, 1, 2, 3]), np.array([6, 6, 7, 7])),
    (np.array([0, 1, 4, 5]), np.array([8, 9, 8, 9])),
    (np.array([6, 7]), np.array([8, 8])),
]


@given(numbers_of_ten, weights_of_ten, st.lists(st.floats(0, 1e4), min_size=4, max_size=4))
def test_one_family_is_projected_on_exactly(
    numbers: list[float], weights: list[float], drops: list[float]
) -> None:
    """The projection p of x is the one point of a convex set with (x - p)(c - p) <= 0 for all c."""
    x, w = np.array(numbers), np.array(weights)
    p = under_ceilings(x, w, PAIRS[:1])
    lower, upper = PAIRS[0]
    assert (p[lower] <= p[upper] + 1e-6).all()
    inside = p.copy()
    inside[lower] = inside[upper] - np.array(drops)
    assert (w * (x - p) * (inside - p)).sum() <= 1e-3 * (1 + np.abs(w).sum())


@given(numbers_of_ten, weights_of_ten)
def test_several_families_are_kept_after_rounding(
    numbers: list[float], weights: list[float]
) -> None:
    rounded = whole(under_ceilings(np.array(numbers), np.array(weights), PAIRS), PAIRS)
    assert (rounded >= 0).all()
    for lower, upper in PAIRS:
        assert (rounded[lower] <= rounded[upper]).all()


@given(numbers_of_ten, weights_of_ten)
def test_a_rising_line_is_the_nearest(numbers: list[float], weights: list[float]) -> None:
    x, w = np.array(numbers), np.array(weights)
    line = rising(x, w)
    assert (np.diff(line) >= -1e-9).all()
    assert np.allclose(rising(line, w), line)
    # Pooling keeps the weighted sum, and what is left over is orthogonal to the line.
    assert (w * (x - line)).sum() == pytest.approx(0, abs=1e-3)
    assert (w * (x - line) * line).sum() == pytest.approx(0, abs=1)
