"""From exact counts to noisy rows, and from rows to running totals with their bounds.

**The bounds.** A total's value differs from its count by the weighted sum of the rows' noise,
rounded; both are whole numbers, and so is the difference. With s its standard deviation and z the
97.5 % point of the normal law, the half width is the smallest whole number w with
w + 1/2 >= z s, since a rounded number is at most w where the number itself is below w + 1/2.

Rows with two-sided geometric noise have bounds of their own (`geometric_rows`).

Promised for discrete Gaussian noise: the bounds hold the count before noise with a probability of
at least 95 %; and of at most 95 % + 0.12 / s (so 95.5 % or less where s is 24 or more), since one
step of w adds no more. Where a row's noise has a standard deviation below 1 it is not close to
the normal law; w is then the smallest whole number with w >= z s, which is at least 95 % as well (a
test adds the laws up exactly), and may be far more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final, Protocol

import numpy as np

from engine.statistics.errors import CountOutOfRange, StatisticsError
from engine.statistics.noise.geometric import GeometricLaw
from engine.statistics.noise.interface import LARGEST_COUNT
from engine.statistics.running.geometric_rows import half_widths
from engine.statistics.running.strategy import IntArray, Strategy

NORMAL_975: Final = 1.959963984540055
"""The 97.5 % point of the normal law, rounded up."""

Draw = Callable[[int], Sequence[int]]
"""Gives so many independent draws of a law of whole numbers around zero, fresh each time."""


@dataclass(frozen=True, eq=False)
class RunningTotals:
    """Running totals that may leave, series x periods. No field is exact data."""

    values: IntArray = field(repr=False)
    std: tuple[float, ...]
    """Standard deviation of each period's totals."""
    half_width: tuple[int, ...]
    """Of each period: the value is no further than this from the count, in 95 % of cases."""


class RowLaw(Protocol):
    """The law of each row's noise."""

    @property
    def std(self) -> float:
        """Standard deviation of one draw."""

    def draw(self, draws: int) -> list[int]:
        """Return independent draws."""


def running_totals(counts: IntArray, strategy: Strategy, law: RowLaw) -> RunningTotals:
    """Return the running totals of all periods at once.

    `counts` is series x periods: how many contributors count in each. `law` is the one that was
    made for `strategy.sensitivity`. Raises `CountOutOfRange` before anything
    is drawn where a row could reach 2^52.
    """
    rows = noisy_rows(counts, strategy, 0, law.draw)
    return with_bounds(values_of(rows, strategy), strategy, law)


def noisy_rows(counts: IntArray, strategy: Strategy, start: int, draw: Draw) -> IntArray:
    """Return the rows that periods `start` and later complete, with fresh noise.

    `counts` is series x periods, from the first period to the last that has closed. The noise is
    asked for period by period, and within one series by series, so that the same draws meet the
    same rows however many periods are closed at a time.
    """
    _require_counts(counts, strategy)
    done = strategy.complete[start - 1] if start else 0
    noisy = [np.empty((len(counts), 0), dtype=np.int64)]
    for period in range(start, counts.shape[1]):
        until = strategy.complete[period]
        weights = strategy.encoder[done:until, : counts.shape[1]]
        # INVARIANT: exact, as no partial sum reaches 2^52; noise is added to whole numbers.
        noisy.append(_with_noise(counts @ weights.T, draw))
        done = until
    return np.concatenate(noisy, axis=1)


def values_of(rows: IntArray, strategy: Strategy, start: int = 0) -> IntArray:
    """Return the totals from period `start` on that follow from the noisy rows, rounded."""
    return np.rint(strategy.decode(rows, start)).astype(np.int64)


def with_bounds(values: IntArray, strategy: Strategy, law: RowLaw) -> RunningTotals:
    """Return the totals of the first periods with what noise of that law does to them."""
    stds = tuple(law.std * weight for weight in strategy.std[: values.shape[1]])
    if isinstance(law, GeometricLaw):
        widths = half_widths(strategy, law.float_epsilon)[: len(stds)]
    else:
        widths = tuple(_half_width(s, law.std) for s in stds)
    return RunningTotals(values, stds, widths)


def _half_width(total: float, row: float) -> int:
    return ceil(NORMAL_975 * total - (0.5 if row >= 1 else 0.0))


def _require_counts(counts: IntArray, strategy: Strategy) -> None:
    if counts.ndim != 2 or counts.dtype != np.int64 or counts.shape[1] > strategy.horizon:
        raise StatisticsError("counts are series by periods, as 64-bit whole numbers")
    if counts.size == 0:
        return
    weight = int(strategy.encoder.sum(axis=1).max())
    if int(counts.min()) < 0 or int(counts.max()) * weight >= LARGEST_COUNT:
        raise CountOutOfRange("a count is too large, or below zero, to be noised exactly")


def _with_noise(exact: IntArray, draw: Draw) -> IntArray:
    noise = draw(exact.size)
    if len(noise) != exact.size or not all(type(z) is int for z in noise):
        raise StatisticsError("the law drew something else than was asked for")
    rows = [y + z for y, z in zip(exact.ravel().tolist(), noise, strict=True)]
    if any(abs(row) >= LARGEST_COUNT for row in rows):
        raise CountOutOfRange("a row is too large with its noise to be read exactly")
    return np.array(rows, dtype=np.int64).reshape(exact.shape)
