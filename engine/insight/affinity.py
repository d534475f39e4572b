"""Which two labels meet more, or less, than each one's own spread would have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl

from engine.insight.balance import known_only, ratio_bounds
from engine.insight.errors import NotReleased
from engine.insight.laws import Bools, Floats, Ints, Law
from engine.insight.released import Released, stacked
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Together

MORE: Final = "together more than apart"
LESS: Final = "together less than apart"
NO_AFFINITY: Final = "no detectable affinity"
NOT_KNOWN: Final = "not known"
LEVEL: Final = 0.95

NUMBERS: Final = pl.Schema(
    {
        "together": pl.Int64,
        "first": pl.Int64,
        "second": pl.Int64,
        "whole": pl.Int64,
        "lift": pl.Float64,
        "low95": pl.Float64,
        "high95": pl.Float64,
        "known": pl.Boolean,
        "verdict": pl.String,
    }
)
"""Columns after the keys. `together` contributors show both labels in one photo, `first` the one
label, `second` the other, and `whole` post at all; `lift` is together * whole / (first * second)
and null, as its bounds, where `known` is false: `first`, `second` or `whole` can't be told from
0."""


@dataclass(frozen=True)
class Base:
    """The statistics that say what a pair's meetings are to be measured against."""

    first: Statistic
    second: Statistic
    whole: Statistic

    @classmethod
    def of(cls, released: Released, pairs: Statistic) -> Self:
        """Find the study's own base of a statistic of pairs.

        Raises `NotReleased`, naming what is missing, where the study does not count contributors
        by each of the two labels and by none, in the same periods and places.
        """
        label, second = pairs.labelled, pairs.second
        if label is None or second is None or not isinstance(pairs.measure, Together):
            raise NotReleased(f"{pairs.id} counts no two labels that meet")
        around = [d for d in pairs.by if d not in (label, second)]
        other = Dimension(second.name.removeprefix("with_"), second.keys)
        return cls(
            _counting(released, [label, *around]),
            _counting(released, [other, *around]),
            _counting(released, around),
        )


def _counting(released: Released, by: list[Dimension]) -> Statistic:
    keys = {dimension.name: set(dimension.keys) for dimension in by}
    for statistic in released.with_measure(Contributors):
        theirs = {dimension.name: set(dimension.keys) for dimension in statistic.by}
        if set(theirs) == set(keys) and all(keys[name] <= theirs[name] for name in keys):
            return statistic
    raise NotReleased(f"the study counts no contributors by {', '.join(keys) or 'no label'}")


def affinities(released: Released, pairs: Statistic) -> pl.DataFrame:
    """Return the lift of every pair, against the study's own counts of each label.

    The lift is within `low95`..`high95`, or not known, with 95 %. Verdicts come from wider
    bounds, which hold for all pairs together: with 95 % none of the answer's is wrong. Bias from
    bounding and recognition is in neither (see `caveats.AFFINITY`).

    Raises `NotReleased` where the study lacks a base for the pairs.
    """
    base = Base.of(released, pairs)
    rows, counts, laws = counted(released, pairs, base)
    low, high, known = lift_bounds(counts, laws, LEVEL)
    level = level_of_all(released, pairs, base, 1 - LEVEL)
    low_all, high_all, all_known = lift_bounds(counts, laws, level)
    together, first, second, whole = (count.astype(np.float64) for count in counts)
    expected = np.where(known, first * second, 1) / np.where(known, whole, 1)
    lift = np.clip(together / expected, low, high)
    verdicts = np.select(
        [~known, all_known & (low_all > 1), all_known & (high_all < 1)],
        [NOT_KNOWN, MORE, LESS],
        NO_AFFINITY,
    )
    rows = rows.with_columns(
        *known_only(known, {"lift": lift, "low95": low, "high95": high}),
        pl.Series("verdict", verdicts.tolist(), pl.String),
    )
    return stacked([rows], pl.Schema({**released.keys, **NUMBERS})).sort(*released.keys)


def counted(
    released: Released, pairs: Statistic, base: Base
) -> tuple[pl.DataFrame, list[Ints], list[Law]]:
    """Return the pairs with the four counts of each, and the laws of the counts' noise."""
    rows = _with_counts(released, pairs, base)
    counts = [rows[name].to_numpy() for name in ("together", "first", "second", "whole")]
    return rows, counts, [released.law(s) for s in (pairs, base.first, base.second, base.whole)]


def level_of_all(released: Released, pairs: Statistic, base: Base, risk: float) -> float:
    """Return the level at which all lifts are within their bounds but for a chance of `risk`."""
    # Ratios of one base cell are one ratio, so these are all there are.
    ratios = released.rows(pairs).height + released.rows(base.second).height
    return 1 - risk * 2 / ratios


def _with_counts(released: Released, pairs: Statistic, base: Base) -> pl.DataFrame:
    rows = released.rows(pairs).rename({"value": "together"})
    for name, statistic in (("first", base.first), ("second", base.second), ("whole", base.whole)):
        theirs = list(statistic.names)
        ours = [_ours(pairs, key) if name == "second" else key for key in theirs]
        counted = released.rows(statistic).select(*theirs, pl.col("value").alias(name))
        rows = (
            rows.join(counted, left_on=ours, right_on=theirs)
            if theirs
            else rows.join(counted, how="cross")
        )
    return rows


def _ours(pairs: Statistic, key: str) -> str:
    assert pairs.second is not None
    return pairs.second.name if pairs.second.name == f"with_{key}" else key


def lift_bounds(
    counts: Sequence[Ints], laws: Sequence[Law], level: float
) -> tuple[Floats, Floats, Bools]:
    """Return the lowest and highest possible n_ab N / (n_a n_b), and where they are known.

    A lift is the product of n_ab / n_a and N / n_b, whose noise is independent. Each is within its
    bounds but for half of 1 - `level`, so the product is within theirs with `level` (Bonferroni).
    """
    together, first, second, whole = zip(counts, laws, strict=True)
    each = 1 - (1 - level) / 2
    low, high, known = ratio_bounds(*together, *first, each)
    times_low, times_high, times_known = ratio_bounds(*whole, *second, each)
    whole_known = whole[0] > whole[1].half_width(each)
    return low * times_low, high * times_high, known & times_known & whole_known
