"""Exact counts in, what may leave of them out: one way for each sort of measure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.statistics.accounting.cost import law_of
from engine.statistics.interface import Statistic, Study, strategy_of
from engine.statistics.measures import RunningTotal, Top
from engine.statistics.noise import randomise
from engine.statistics.running import RunningTotals, TrendState, running_totals
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
    law, places = law_of(study, statistic), _places_by_series(statistic)
    totals = running_totals(counts[places], strategy_of(statistic), law)
    return _of_totals(statistic, totals, places)


def carried_on(
    study: Study, statistic: Statistic, state: TrendState, first: int, until: int
) -> Noised:
    """Return the running totals of the periods from `first` up to `until`, as they were set."""
    places = _places_by_series(statistic)[:, first:until]
    whole = state.totals(law_of(study, statistic))
    cut = RunningTotals(
        whole.values[:, first:until], whole.std[first:until], whole.half_width[first:until]
    )
    return _of_totals(statistic, cut, places)


def _of_totals(statistic: Statistic, totals: RunningTotals, places: NDArray[np.int64]) -> Noised:
    """Return totals (series x periods) in the grid's order; `places` says where each stands."""
    order = np.argsort(places.ravel())
    values = totals.values.ravel()[order]
    widths = np.broadcast_to(totals.half_width, places.shape).ravel()[order]
    stds = np.broadcast_to(totals.std, places.shape).ravel()[order]
    return Noised(
        values.tolist(),
        stds.tolist(),
        (values - widths).tolist(),
        (values + widths).tolist(),
        statistic.measured,
        places.ravel()[order].tolist(),
    )


def _places_by_series(statistic: Statistic) -> NDArray[np.int64]:
    """Return the places of the grid's cells as series x periods."""
    assert statistic.period is not None
    shape = [len(dimension.keys) for dimension in statistic.by]
    axis = statistic.names.index(statistic.period.name)
    every = np.arange(statistic.product).reshape(shape)
    return np.moveaxis(every, axis, -1).reshape(-1, shape[axis])


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
