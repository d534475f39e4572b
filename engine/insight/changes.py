"""What rose or fell from one period to another, and what can't be told."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from engine.insight.balance import ratio_columns
from engine.insight.errors import NotReleased
from engine.insight.laws import Bools, Floats, Law
from engine.insight.released import INDEPENDENT, Released, stacked
from engine.insight.sums import ADDED, spelled_out
from engine.statistics.interface import Statistic

RISE: Final = "rise"
FALL: Final = "fall"
NO_CHANGE: Final = "no detectable change"
FAMILY_RISK: Final = 0.05
"""Chance that one verdict or more of a call is wrong."""

NUMBERS: Final = pl.Schema(
    {
        "before": pl.String,
        "after": pl.String,
        "value_before": pl.Int64,
        "value_after": pl.Int64,
        "change": pl.Int64,
        "low95": pl.Int64,
        "high95": pl.Int64,
        "times": pl.Float64,
        "times_low95": pl.Float64,
        "times_high95": pl.Float64,
        "p_value": pl.Float64,
        "verdict": pl.String,
    }
)
"""Columns after the keys, where the period's own is null. `change` is `value_after` less
`value_before`; `times` is one divided by the other, with bounds of its own, and null where
`value_before` can't be told from 0. `p_value` is the one-sided chance that noise alone moves the
value so far or further in that direction."""


def changes(
    released: Released, statistic: Statistic, periods: Sequence[tuple[str, str]] | None = None
) -> pl.DataFrame:
    """Return the change of every cell between each two periods; by default, between neighbours.

    `low95` and `high95` hold the change of the counts before noise with 95 %, by the exact law of
    the difference of two cells' noise. Verdicts go by Holm's step-down procedure over both
    directions of all rows (Holm 1979): whatever the counts are, with 95 % no rise is named where
    the count did not rise, and no fall where it did not fall, in the whole answer.

    Raises `NotReleased` where the statistic has no period, not these, or no independent noise.
    """
    period = statistic.period
    if period is None or not isinstance(statistic.measure, INDEPENDENT):
        raise NotReleased(f"{statistic.id} has no periods to compare")
    if periods is None:
        periods = list(pairwise(period.in_order))
    if not {key for pair in periods for key in pair} <= set(period.keys):
        raise NotReleased(f"{statistic.id} lacks a period that is to be compared")
    cells = released.rows(statistic)
    schema = pl.Schema({**released.keys, **NUMBERS})
    parts = [_between(cells, statistic, period.name, *pair) for pair in periods]
    rows = stacked(parts, pl.Schema({name: schema[name] for name in _counted(schema)}))
    judged = _judged(rows, released.law(statistic), released.law(statistic, 2))
    return judged.select(*schema).sort(*released.keys, "before", "after")


def movers(released: Released, statistic: Statistic) -> pl.DataFrame:
    """Return how each label moved from the first third of the periods to the last, in every place.

    Both thirds are of equally many periods, one at least; a period between is in neither. Bounds
    and verdicts as in `changes`, of the sums over each third: what drifts slowly shows here, where
    no two neighbours differ by more than their noise.

    Raises `NotReleased` where the statistic has no labels or periods, or can't be added up.
    """
    rows, laws = thirds(released, statistic)
    schema = pl.Schema({**released.keys, **NUMBERS})
    return _judged(rows, *laws).select(*schema).sort(*released.keys)


def thirds(released: Released, statistic: Statistic) -> tuple[pl.DataFrame, tuple[Law, Law]]:
    """Return the sums of the first and the last third, and the laws of one's noise and of both's.

    Raises as `movers` does.
    """
    period = statistic.period
    if period is None or len(period.keys) < 2 or statistic.labelled is None:
        raise NotReleased(f"{statistic.id} has no labels over periods")
    if not isinstance(statistic.measure, ADDED):
        raise NotReleased(f"the numbers of {statistic.id} can't be added up")
    third = max(1, len(period.keys) // 3)
    first, last = period.in_order[:third], period.in_order[-third:]
    kept = [name for name in statistic.names if name != period.name]
    cells = released.rows(statistic)
    sums = [
        cells.filter(pl.col(period.name).is_in(keys))
        .group_by("statistic", *kept)
        .agg(pl.col("value").sum().alias(name))
        for name, keys in (("value_before", first), ("value_after", last))
    ]
    rows = spelled_out(released, sums[0].join(sums[1], on=["statistic", *kept])).with_columns(
        pl.lit(_stretch(first)).alias("before"), pl.lit(_stretch(last)).alias("after")
    )
    laws = released.law(statistic, third), released.law(statistic, 2 * third)
    return rows.sort(*kept), laws


def _stretch(periods: Sequence[str]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


def _counted(schema: pl.Schema) -> list[str]:
    names = list(schema)
    return names[: names.index("change")]


def _between(
    cells: pl.DataFrame, statistic: Statistic, period: str, before: str, after: str
) -> pl.DataFrame:
    on = [name for name in statistic.names if name != period]
    first = cells.filter(pl.col(period) == before).rename({"value": "value_before"})
    second = cells.filter(pl.col(period) == after).select(*on, value_after="value")
    rows = first.join(second, on=on) if on else first.hstack(second)
    return rows.with_columns(
        pl.lit(None, pl.String).alias(period),
        pl.lit(before).alias("before"),
        pl.lit(after).alias("after"),
    )


def _judged(rows: pl.DataFrame, one: Law, both: Law) -> pl.DataFrame:
    before, after = rows["value_before"].to_numpy(), rows["value_after"].to_numpy()
    change = after - before
    width = both.half_width(0.95)
    p_value = both.beyond(np.abs(change) - 1) / 2
    named = holm(p_value, 2 * len(p_value))
    times = ratio_columns(after, one, before, one, ("times", "times_low95", "times_high95"))
    verdicts = np.where(named, np.where(change > 0, RISE, FALL), NO_CHANGE)
    return rows.with_columns(
        pl.Series("change", change, pl.Int64),
        pl.Series("low95", change - width, pl.Int64),
        pl.Series("high95", change + width, pl.Int64),
        *times[:-1],
        pl.Series("p_value", p_value, pl.Float64),
        pl.Series("verdict", verdicts.tolist(), pl.String),
    )


def holm(p_values: Floats, hypotheses: int) -> Bools:
    """Return which p-values, the smallest of so many hypotheses', Holm's procedure rejects.

    The chance that one or more true hypotheses are rejected is at most `FAMILY_RISK`, whatever
    the dependence between them.
    """
    order = np.argsort(p_values, kind="stable")
    passed = p_values[order] <= FAMILY_RISK / (hypotheses - np.arange(len(order)))
    rejected = np.zeros(len(order), dtype=np.bool_)
    rejected[order] = np.logical_and.accumulate(passed)
    return rejected
