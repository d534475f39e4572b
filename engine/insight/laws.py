"""The law of a released number's noise, as its mechanism and standard deviation tell it.

Both laws are public and symmetric around 0: the two-sided geometric, or discrete Laplace (Ghosh,
Roughgarden, Sundararajan 2009), and the discrete Gaussian (Canonne, Kamath, Steinke 2020). The law
of a sum of independent draws is the inverse Fourier transform of a power of the characteristic
function, on a lattice wide enough that less than 1e-12 lies outside.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.insight.errors import TableRefused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MECHANISMS: Final = ("geometric", "discrete-laplace", "discrete-gaussian")
"""Mechanisms whose noise is independent from cell to cell, and whose law is known from its std."""
_FINEST: Final = 400.0
"""Std of one draw in lattice steps, at most: a wider law is put on a lattice of several counts,
which moves its probabilities by less than 1e-5 of themselves."""


@dataclass(frozen=True, eq=False)
class Law:
    """A symmetric law on the multiples of `step`: `masses[n + k]` is P(X = k step), |k| <= n."""

    step: int
    masses: Floats

    @property
    def reach(self) -> int:
        """The largest multiple of `step` that it holds."""
        return len(self.masses) // 2

    def at_most(self, steps: Floats) -> Floats:
        """Return P(X <= steps * step), element by element."""
        index = np.clip(np.floor(steps + 1e-9) + self.reach + 1, 0, len(self.masses))
        found: Floats = self._cumulative[index.astype(np.int64)]
        return found

    def beyond(self, width: Ints) -> Floats:
        """Return P(|X| > width), never too low; `width` counts, not steps.

        On a lattice of several counts, one step of it is given away.
        """
        steps = (width // self.step - (self.step > 1)).astype(np.float64)
        return np.where(steps < 0, 1.0, 2 * self.at_most(-steps - 1))

    def half_width(self, level: float) -> int:
        """Return the smallest w with P(|X| > w) <= 1 - level."""
        tails = 2 * self._cumulative[self.reach :: -1]
        # tails[k] is P(|X| > k steps) up to rounding, and falls.
        steps = int(np.searchsorted(-tails, -(1 - level) * (1 + 1e-9), side="left"))
        return steps if self.step == 1 else (steps + 1) * self.step

    def nodes(self, most: int) -> tuple[Floats, Floats]:
        """Return at most about `most` points (in steps) and their masses, in place of the law."""
        # A tail of 1e-9 decides no bound.
        end = int(np.searchsorted(-2 * self._cumulative[self.reach :: -1], -1e-9))
        ks = np.arange(-end, end + 1)
        bins = max(1, math.ceil(len(ks) / most))
        # Bins are symmetric around 0, as the law is.
        centres = np.sign(ks) * ((np.abs(ks) + bins // 2) // bins)
        kept = self.masses[self.reach + ks]
        _, where = np.unique(centres, return_inverse=True)
        weight = np.bincount(where, kept)
        return np.bincount(where, kept * ks) / np.maximum(weight, 1e-300), weight / weight.sum()

    @cached_property
    def _cumulative(self) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self.masses)])


@lru_cache(maxsize=256)
def law(mechanism: str, std: float, draws: int = 1) -> Law:
    """Return the law of the sum of so many independent draws of one cell's noise.

    As it is symmetric, the difference of two draws has the law of the sum of two.

    Raises `TableRefused` for a mechanism other than `MECHANISMS`, or a std that is no positive
    number.
    """
    if mechanism not in MECHANISMS or not (math.isfinite(std) and std > 0):
        raise TableRefused("noise of a mechanism or std whose law is not known")
    step = max(1, math.ceil(std / _FINEST))
    std /= step
    if mechanism != "discrete-gaussian":
        e = 2 * math.asinh(1 / (math.sqrt(2) * std))
        # Chernoff: beyond `reach` lies less than exp(-35), whatever the number of draws.
        reach = math.ceil(36 / e + 9 * std * math.sqrt(draws)) + 2
        size = 1 << (2 * reach + 1).bit_length()
        a = math.exp(-e)
        angles = math.pi * np.arange(size // 2 + 1) / size
        wave = (1 - a) ** 2 / ((1 - a) ** 2 + 4 * a * np.sin(angles) ** 2)
    else:
        scale = _scale(std)
        reach = math.ceil(9 * scale * math.sqrt(draws)) + draws + 2
        size = 1 << (2 * reach + 1).bit_length()
        ks = np.minimum(np.arange(size), size - np.arange(size)).astype(np.float64)
        weights = np.exp(-(ks**2) / (2 * scale**2))
        wave = np.fft.rfft(weights / weights.sum()).real
    masses = np.maximum(np.fft.irfft(wave**draws, size), 0.0)
    kept = np.concatenate([masses[reach:0:-1], masses[: reach + 1]])
    return Law(step, kept / kept.sum())


def _scale(std: float) -> float:
    """Return the discrete Gaussian's scale; its std lies below it, and visibly only under 2."""
    if std > 2:
        return std
    squares = np.arange(0.0, 60.0) ** 2
    low, high = std, 3.0
    for _ in range(60):
        scale = (low + high) / 2
        weights = np.exp(-squares / (2 * scale**2))
        variance = 2 * float((squares * weights).sum()) / (2 * float(weights.sum()) - 1)
        low, high = (scale, high) if variance < std**2 else (low, scale)
    return high
