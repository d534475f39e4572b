"""Exact counts in, what may leave of them out: one way for each sort of measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.statistics.accounting.cost import law_of
from engine.statistics.interface import Statistic, Study, strategy_of
from engine.statistics.measures import RunningTotal, Top
from engine.statistics.noise import randomise
from engine.statistics.running import running_totals
from engine.statistics.top import TopLaw


@dataclass(frozen=True)
class Noised:
    """What leaves of one statistic. No field is exact data."""

    values: Sequence[int]
    stds: Sequence[float | None]
    lows: Sequence[int | None]
    highs: Sequence[int | None]
    mechanism: str
    cells: Sequence[int] | None = None
    """Places in the grid that the values are of; None for every cell in order."""


def noised(study: Study, statistic: Statistic, counts: NDArray[np.int64]) -> Noised:
    """Return fresh noisy values of the statistic's counts (one a cell, in the grid's order)."""
    if isinstance(statistic.measure, Top):
        return _lists(study, statistic, counts)
    if isinstance(statistic.measure, RunningTotal):
        return _totals(study, statistic, counts)
    law = law_of(study, statistic)
    values = randomise(law, counts.tolist())
    width = law.half_width
    return Noised(
        values,
        [law.std] * len(values),
        [value - width for value in values],
        [value + width for value in values],
        law.name,
    )


def _totals(study: Study, statistic: Statistic, counts: NDArray[np.int64]) -> Noised:
    """Add noise to sums of periods, and read the running totals off them."""
    law, period = law_of(study, statistic), statistic.period
    assert period is not None
    shape = [len(dimension.keys) for dimension in statistic.by]
    axis = statistic.names.index(period.name)
    by_series = np.moveaxis(counts.reshape(shape), axis, -1)
    totals = running_totals(
        by_series.reshape(-1, shape[axis]), strategy_of(statistic), law.draw, law.std
    )

    def on_grid(of_series: NDArray[Any]) -> list[Any]:
        back = np.moveaxis(of_series.reshape(by_series.shape), -1, axis)
        flat: list[Any] = back.ravel().tolist()
        return flat

    values = on_grid(totals.values)
    stds = on_grid(np.broadcast_to(totals.std, totals.values.shape))
    widths = on_grid(np.broadcast_to(totals.half_width, totals.values.shape))
    return Noised(
        values,
        stds,
        [value - width for value, width in zip(values, widths, strict=True)],
        [value + width for value, width in zip(values, widths, strict=True)],
        statistic.measured,
    )


def _lists(study: Study, statistic: Statistic, counts: NDArray[np.int64]) -> Noised:
    """Draw one list of labels for each combination of the other dimensions."""
    law = TopLaw.of(study, statistic)
    shape = [len(dimension.keys) for dimension in statistic.by]
    axis = statistic.names.index(statistic.label.name)
    places = np.moveaxis(np.arange(counts.size).reshape(shape), axis, -1)
    cells: list[int] = []
    for line in places.reshape(-1, shape[axis]):
        cells.extend(int(line[place]) for place in law.draw(counts[line].tolist()))
    nothing = [None] * len(cells)
    ranks = [rank + 1 for _ in range(len(cells) // law.k) for rank in range(law.k)]
    return Noised(ranks, nothing, nothing, nothing, law.name, cells)
