"""The nearest consistent numbers, by weighted least squares.

All sets here are convex and hold the counts before noise, so the projection is never further from
those counts than the released numbers are, in the weighted norm.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.insight.laws import Floats, Ints

_CYCLES: Final = 500
_CLOSE: Final = 1e-3
"""Readings are whole numbers: nearer than this, another cycle changes nothing."""


def under_ceilings(values: Floats, weights: Floats, pairs: Sequence[tuple[Ints, Ints]]) -> Floats:
    """Return the numbers nearest to `values` of which no `pairs` has its first above its second.

    Each entry of `pairs` is a family of stars: many cells, each with one ceiling. One family is
    projected on exactly; several in turns by Dykstra's algorithm (Boyle and Dykstra 1986).
    """
    nearest = values.copy()
    moved = [np.zeros_like(values) for _ in pairs]
    for _ in range(_CYCLES):
        before = nearest.copy()
        for number, (lower, upper) in enumerate(pairs):
            start = nearest + moved[number]
            nearest = _onto_stars(start, weights, lower, upper)
            moved[number] = start - nearest
        if len(pairs) < 2 or np.abs(nearest - before).max() < _CLOSE:
            break
    return nearest


def _onto_stars(values: Floats, weights: Floats, lower: Ints, upper: Ints) -> Floats:
    # Largest first below each ceiling: those above the mean of all before them join the pool.
    order = np.lexsort((-values[lower], upper))
    lower, upper = lower[order], upper[order]
    starts = np.flatnonzero(np.r_[True, upper[1:] != upper[:-1]])
    group = np.cumsum(np.r_[False, upper[1:] != upper[:-1]])
    weight, mass = weights[lower], weights[lower] * values[lower]
    top = upper[starts]

    def earlier(numbers: Floats) -> Floats:
        running: Floats = np.cumsum(numbers) - numbers
        sums: Floats = running - running[starts][group]
        return sums

    mean_before = (weights[top] * values[top])[group] + earlier(mass)
    mean_before = mean_before / (weights[top][group] + earlier(weight))
    pooled = values[lower] > mean_before
    pool_mass = weights[top] * values[top] + np.add.reduceat(np.where(pooled, mass, 0), starts)
    pool_weight = weights[top] + np.add.reduceat(np.where(pooled, weight, 0), starts)
    nearest = values.copy()
    nearest[top] = pool_mass / pool_weight
    nearest[lower[pooled]] = nearest[top][group[pooled]]
    return nearest


def rising(values: Floats, weights: Floats) -> Floats:
    """Return the never-falling numbers nearest to `values`: pool adjacent violators."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, mass, count = value, weight, 1
        while pools and pools[-1][0] > mean:
            before, its_mass, its_count = pools.pop()
            mean = (before * its_mass + mean * mass) / (its_mass + mass)
            mass, count = mass + its_mass, count + its_count
        pools.append((mean, mass, count))
    return np.repeat([mean for mean, _, _ in pools], [count for _, _, count in pools])


def whole(values: Floats, pairs: Sequence[tuple[Ints, Ints]]) -> Ints:
    """Round to whole numbers of 0 or more that keep the pairs in order.

    Rounding keeps order by itself; where the projection ended a hair off, the ceiling is raised.
    """
    # INVARIANT: clamping after projecting is projecting on both (bounded isotonic regression).
    rounded = np.floor(np.maximum(values, 0) + 0.5).astype(np.int64)
    while True:
        raised = rounded.copy()
        for lower, upper in pairs:
            np.maximum.at(raised, upper, raised[lower])
        if np.array_equal(raised, rounded):
            return rounded
        rounded = raised
