"""The reading table: the released numbers made consistent, beside the machine's own."""

from typing import Final

import numpy as np
import polars as pl

from engine.insight.containment import containments
from engine.insight.laws import Ints
from engine.insight.projection import rising, under_ceilings, whole
from engine.insight.released import Released
from engine.statistics.measures import RunningTotal

NUMBERS: Final = pl.Schema(
    {
        "value": pl.Int64,
        "reading": pl.Int64,
        "low95": pl.Int64,
        "high95": pl.Int64,
        "distinguishable_from_0": pl.Boolean,
        "stands_out_from": pl.Int64,
        "seen_surely_from": pl.Int64,
    }
)
"""Columns after the keys. `value`, `low95` and `high95` are the machine table's; `reading` is 0 or
more. `distinguishable_from_0` says that `low95` is above 0, which happens to a count of 0 in at
most 2.5 %; `stands_out_from` is the smallest released value of which that is so;
`seen_surely_from` is the smallest count before noise that stands out in 97.5 % of releases."""


def reading(released: Released) -> pl.DataFrame:
    """Return the reading table, one row for each number of the release, in order of the keys.

    Readings are the whole numbers nearest to the released ones, weighted by 1 / std^2, that the
    counts before noise could have been: none below 0, no running total that falls, no cell above
    one that contains it (see `containment`). It costs no budget, as it sees noisy numbers alone.
    """
    table = released.table
    values = table["value"].to_numpy().astype(np.float64)
    weights = table["std"].to_numpy().clip(1e-6) ** -2.0
    pairs = containments(released)
    nearest = under_ceilings(values, weights, pairs)
    for chain in _running_totals(released):
        nearest[chain] = rising(values[chain], weights[chain])
    half = (pl.col("high95") - pl.col("low95")) // 2
    numbered = table.with_columns(
        pl.Series("reading", whole(nearest, pairs)),
        (pl.col("low95") > 0).alias("distinguishable_from_0"),
        (half + 1).alias("stands_out_from"),
        (2 * half + 1).alias("seen_surely_from"),
    )
    return numbered.select(*released.keys, *NUMBERS)


def _running_totals(released: Released) -> list[Ints]:
    """Return the rows of each running total, in order of its periods."""
    numbered = released.table.with_row_index("row")
    chains = []
    for statistic in released.with_measure(RunningTotal):
        period = statistic.period
        assert period is not None
        rows = numbered.filter(pl.col("statistic") == statistic.id).sort(period.name)
        over = [name for name in statistic.names if name != period.name]
        chains += [part["row"].to_numpy() for part in rows.partition_by(over, maintain_order=True)]
    return [chain.astype(np.int64) for chain in chains]
