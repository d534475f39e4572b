"""The square root of the running total, on a lattice of whole numbers.

A, the lower triangle of ones, is the square of the lower triangular Toeplitz matrix with
coefficients r_k = (1 3 ... (2k-1)) / (2 4 ... 2k) (Fichtenberger, Henzinger, Upadhyay 2023;
Henzinger, Upadhyay 2025 show it to be the best of its kind for the largest error). Here
C = round(2^BITS r), and the totals are read off as A C^-1 y with the inverse of the *rounded*
matrix, so that rounding costs no bias; and the sensitivity is that of the rounded matrix.

**Why 10 bits.** Rounding moves each coefficient by at most 2^-11. At every horizon up to 2,048 the
largest error is then within 1 in 10,000 of that of the real square root (a test compares them; 8
bits cost up to 8 in 10,000). The noise grows along with the weights, so that more bits buy nothing
and use up the numbers that are exact and the scales that noise is drawn at: a row of 2,048 periods
is less than 2^16 times the largest count, so that counts up to 2^36 stay below 2^52.

**Sensitivity with more participations.** The coefficients fall and are not below zero, so
G = C^T C has entries g(d, m), d the distance of the two columns and m the rows below the later one,
that fall with d and grow with m. Let s_1 < ... < s_P be any columns. Then s_j >= j and
s_j - s_i >= j - i, so that no entry is larger than that of columns i and j: the first P columns
are the worst, and `squares` is exact (Kalinin, Lampert 2024 for the real square root).
"""

from math import fsum
from operator import mul
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.statistics.running.strategy import FloatArray, IntArray, Strategy, require_horizon

_Number = TypeVar("_Number", np.int64, np.float64)

BITS: Final = 10
"""The lattice: coefficients are multiples of 2^-10, and rows are 2^10 times as large."""


class Toeplitz(Strategy):
    """A strategy whose encoder is a lower triangular Toeplitz matrix of falling coefficients."""

    def squares(self, participations: int) -> int:
        """Return the exact largest sum of squares: that of the first columns."""
        first = self.encoder[:, :participations].sum(axis=1)
        return sum(int(entry) ** 2 for entry in first)


def toeplitz(horizon: int) -> Strategy:
    """Return the square root of the running total over so many periods."""
    require_horizon(horizon)
    coefficients = _rounded_roots(horizon)
    weights = _inverse_of(coefficients)
    encoder: IntArray = _lower(np.array(coefficients, dtype=np.int64))
    decoder: FloatArray = _lower(np.array(weights, dtype=np.float64))
    return Toeplitz("toeplitz", encoder, tuple(range(1, horizon + 1)), decoder)


def _rounded_roots(horizon: int) -> list[int]:
    """Return round(2^BITS r_k), from exact fractions: the same on every machine."""
    above, below, rounded = 1, 1, []
    for k in range(horizon):
        rounded.append((2 * (above << BITS) + below) // (2 * below))
        above, below = above * (2 * k + 1), below * (2 * k + 2)
    return rounded


def _inverse_of(coefficients: list[int]) -> list[float]:
    """Return the coefficients of A C^-1: those b for which b * c (convolved) is 1, 1, 1, ..."""
    weights: list[float] = []
    for k in range(len(coefficients)):
        known = fsum(map(mul, weights, reversed(coefficients[1 : k + 1])))
        weights.append((1.0 - known) / coefficients[0])
    return weights


def _lower(column: NDArray[_Number]) -> NDArray[_Number]:
    n = len(column)
    distance = np.subtract.outer(np.arange(n), np.arange(n))
    return np.where(distance >= 0, column[distance.clip(0)], column.dtype.type(0))
