"""What must be known of earlier periods so that a running total goes on, and how it goes on.

A period closes once: its rows are drawn, its totals are set, and rows that come later for it are
dropped. Periods close in order, those without data as well. What no later row needs any more is
forgotten: counts once every row over them is complete, and who counted, after the last period.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from engine.statistics.errors import StudyInvalid
from engine.statistics.running.memory import admit, nobody, per_series, require_rows
from engine.statistics.running.strategy import IntArray
from engine.statistics.running.totals import (
    Draw,
    RowLaw,
    RunningTotals,
    noisy_rows,
    values_of,
    with_bounds,
)
from engine.statistics.running.trend import Trend


@dataclass(frozen=True, eq=False)
class TrendState:
    """A trend after some of its periods have closed. Only `totals` may leave."""

    trend: Trend
    noisy: IntArray = field(repr=False)
    """The rows drawn so far, series x rows."""
    history: IntArray = field(repr=False)
    """Exact counts, series x closed periods; zero where no later row needs them."""
    memory: pl.DataFrame = field(repr=False)
    """Who has counted how often, as `MEMORY_SCHEMA`."""
    values: IntArray = field(repr=False)
    """Totals of the closed periods, series x closed periods, as they are published."""

    @classmethod
    def before(cls, trend: Trend) -> "TrendState":
        """Return the state from before the first period."""
        empty = np.empty((len(trend.series), 0), dtype=np.int64)
        return cls(trend, empty, empty, nobody(), empty)

    @property
    def closed(self) -> int:
        """Periods that have closed."""
        return int(self.values.shape[1])

    def advance(self, rows: pl.DataFrame, until: int, draw: Draw) -> "TrendState":
        """Close the periods before `until`, and return the state after that.

        `rows` is as `ROW_SCHEMA`, periods counted from 0. Rows of periods that are closed already
        are dropped; rows of `until` and later wait for their time, and must be given again then.
        Where nothing is left to close, nothing is drawn and the state is the same.

        INVARIANT: save the new state before any of its totals leaves; what is drawn and not saved
        must never be seen.

        Raises:
            SightingsInvalid: rows of another shape.
            StudyInvalid: `until` is past the horizon.
            CountOutOfRange: a count that can't be noised exactly; nothing was drawn.
        """
        trend, strategy = self.trend, self.trend.strategy
        if type(until) is not int or not 0 <= until <= strategy.horizon:
            raise StudyInvalid("a running total closes no period past its horizon")
        require_rows(rows, len(trend.series))
        if until <= self.closed:
            return self
        memory, counts = self.memory, [self.history]
        for period in range(self.closed, until):
            counted, memory = admit(
                rows.filter(pl.col("period") == period),
                memory,
                participations=trend.participations,
                max_series=trend.max_series,
            )
            counts.append(per_series(counted, len(trend.series)).reshape(-1, 1))
        history = np.concatenate(counts, axis=1)
        fresh = noisy_rows(history, strategy, self.closed, draw)
        noisy = np.concatenate([self.noisy, fresh], axis=1)
        added = values_of(noisy, strategy, self.closed)
        values = np.concatenate([self.values, added], axis=1)
        return replace(self, noisy=noisy, history=history, memory=memory, values=values)._forget()

    def totals(self, law: RowLaw) -> RunningTotals:
        """Return the closed periods' totals as they were set, with the bounds of that law."""
        return with_bounds(self.values, self.trend.strategy, law)

    def _forget(self) -> "TrendState":
        strategy = self.trend.strategy
        later = strategy.encoder[self.noisy.shape[1] :, : self.closed]
        history = np.where(later.any(axis=0), self.history, 0)
        ended = self.closed == strategy.horizon
        return replace(self, history=history, memory=nobody() if ended else self.memory)
