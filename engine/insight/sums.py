"""Cells of one statistic added up over some of its dimensions, with the law of their noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.insight.errors import NotReleased
from engine.insight.laws import Law
from engine.insight.released import Released
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos

ADDED = (Contributors, Photos)
"""Measures whose cells can be added up. A contributor of several cells is in their sum as often,
so that a sum over weeks is of contributor-weeks."""


@dataclass(frozen=True)
class Summed:
    """One row for each combination of the kept keys: `statistic`, the keys and `value`."""

    statistic: Statistic
    rows: pl.DataFrame
    draws: int
    """How many cells, and so draws of noise, are in each sum."""
    released: Released

    def law(self, sums: int = 1) -> Law:
        """Return the law of the noise of so many of these sums, added up."""
        return self.released.law(self.statistic, self.draws * sums)


def summed(released: Released, statistic: Statistic, kept: Sequence[str]) -> Summed:
    """Add up a statistic's cells over every dimension but those kept.

    Raises `NotReleased` where the statistic's cells can't be added up.
    """
    if not isinstance(statistic.measure, ADDED):
        raise NotReleased(f"the numbers of {statistic.id} can't be added up")
    cells = released.rows(statistic)
    # INVARIANT: the grid is complete, so that every sum is of as many cells.
    rows = cells.group_by("statistic", *kept).agg(pl.col("value").sum()).sort(*kept or ["value"])
    return Summed(statistic, rows, cells.height // rows.height, released)


def spelled_out(released: Released, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with every dimension of the study as a column, null where they have none."""
    missing = [name for name in released.study.dimensions if name not in rows.columns]
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
