"""Running totals by a matrix mechanism of whole numbers.

Of each series, x counts contributors period by period, and the running totals are A x, with A the
lower triangle of ones. Each number that gets noise, called a row, is a sum of periods with
weights that are whole numbers: y = C x + z. The totals are read off the rows, as B y with
B C = A (Li, Miklau, Hay, McGregor, Rastogi 2015, "The matrix mechanism"; Denisov, McMahan, Rush,
Smith, Thakurta 2022 for running totals).

Two things hold for every strategy here:

- C x is exact, since C and x are whole numbers: only B, which comes after the noise, is in floats.
- Rows come in the order in which their last period closes, and the total up to a period is read
  off the rows that are complete by then. So it never looks ahead, and it never changes later.
"""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from math import fsum, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.statistics.errors import StudyInvalid
from engine.statistics.sensitivity import Sensitivity

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

LONGEST: Final = 2048
"""Periods of a running total, at most: five years of days."""


@dataclass(frozen=True, eq=False)
class Strategy:
    """Which sums of periods get noise, and how the running totals are read off them."""

    name: str
    encoder: IntArray = field(repr=False)
    """C: one line a row, one column a period; whole numbers, zero or more."""
    complete: tuple[int, ...] = field(repr=False)
    """Of each period, how many rows are complete once it has closed."""
    decoder: FloatArray = field(repr=False)
    """B: one line a period, one column a row; zero for rows that are not complete by then."""

    def __post_init__(self) -> None:
        self.encoder.setflags(write=False)
        self.decoder.setflags(write=False)

    @property
    def horizon(self) -> int:
        """Periods that it is made for."""
        return len(self.complete)

    @property
    def rows(self) -> int:
        """Numbers that get noise, of each series."""
        return len(self.encoder)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the name and the encoder: equal where the same sums get noise."""
        lines = self.encoder.astype("<i8").tobytes()
        return sha256(f"{self.name} {self.horizon} ".encode() + lines).hexdigest()

    def sensitivity(self, participations: int, series: int = 1) -> Sensitivity:
        """Return how far one person moves the rows of all series before noise, at most.

        A person counts for one in at most `participations` periods of each of at most `series`
        series, and so adds as many columns of C to the rows of each. With one participation every
        part is exact; with more, `linf` and `l1` are, and `l2_squared` may lie above what can
        happen. Raises `StudyInvalid` below 1.
        """
        if not all(type(n) is int and n >= 1 for n in (participations, series)):
            raise StudyInvalid("participations and series are whole numbers, 1 at least")
        times = min(participations, self.horizon)
        # INVARIANT: no entry of C is below zero, so that sums of its largest entries are reached.
        return Sensitivity(
            linf=int(_largest(self.encoder, times).max()),
            l1=series * int(_largest(self.encoder.sum(axis=0), times)),
            l2_squared=series * self.squares(times),
        )

    def squares(self, participations: int) -> int:
        """Return at least the largest sum of squares that so many columns of C can add up to.

        For a set S of columns it is the sum over i and j in S of G_ij, where G = C^T C has no
        entry below zero. For each i, the sum over j is no more than that of the P largest of line
        i; and there are at most P such i.
        """
        if int(self.encoder.max()) ** 2 * self.rows * participations**2 >= 2**63:
            raise StudyInvalid("the weights are too large to be added up exactly")
        gram = self.encoder.T @ self.encoder
        return int(_largest(_largest(gram, participations), participations))

    @cached_property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of the total up to each period, where a row's noise has one of 1."""
        return tuple(sqrt(fsum(w * w for w in line)) for line in self.decoder.tolist())

    def decode(self, rows: NDArray[Any], start: int = 0) -> FloatArray:
        """Return the totals (series x periods) from period `start` on that the rows are enough for.

        `rows` is series x rows: the noisy rows so far, all of them up to a period's end. A total
        has the same bits whether it is asked for with later ones or without.
        """
        there = (0, *self.complete)
        if rows.shape[1] not in there:
            raise ValueError("the rows end in the middle of a period")
        periods = there.index(rows.shape[1])
        totals = np.zeros((rows.shape[0], max(0, periods - start)), dtype=np.float64)
        for t in range(start, periods):
            # Row by row: a matrix product may add in another order for another shape.
            for row in np.flatnonzero(self.decoder[t]):
                totals[:, t - start] += self.decoder[t, row] * rows[:, row]
        return totals


def require_horizon(horizon: int) -> None:
    """Raise `StudyInvalid` for a horizon that no strategy is made for."""
    if type(horizon) is not int or not 1 <= horizon <= LONGEST:
        raise StudyInvalid(f"a running total has from 1 to {LONGEST} periods")


def _largest(values: IntArray, count: int) -> IntArray:
    """Return the sum of the `count` largest along the last axis."""
    kept: IntArray = np.sort(values, axis=-1)[..., -count:]
    total: IntArray = kept.sum(axis=-1)
    return total
