"""The discrete Gaussian: P(X = k) proportional to exp(-k^2 / (2 s^2)) over the integers.

Canonne, Kamath, Steinke 2020: independent draws with s^2 = D^2 / (2 rho) on integer numbers with
L2 sensitivity D are rho-zCDP (Theorem 14 and its multivariate form), exactly as the continuous
Gaussian is; its variance is below s^2 (Corollary 9), and its tails below the continuous ones.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from engine.statistics.errors import StudyInvalid
from engine.statistics.noise import exact
from engine.statistics.noise.interface import half_width_of
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Rho

SMALLEST: Final = 0.25
"""Least scale: below it the noise is nothing, and so is the promise."""
LARGEST: Final = 1e9
_SUMMED_TO: Final = 1000.0
"""Up to this scale tails are summed; above it they are the normal law's to eleven digits."""


@dataclass(frozen=True)
class DiscreteGaussian:
    """The noise of a statistic with an L2 sensitivity, at a price in rho."""

    rho: Rho
    sensitivity: Sensitivity
    name: ClassVar[str] = "discrete-gaussian"

    def __post_init__(self) -> None:
        if self.rho == Rho.zero() or not SMALLEST <= self.scale <= LARGEST:
            raise StudyInvalid(
                "rho is out of range for what a contributor can touch",
                hint="Noise has a scale between 0.25 and 1,000,000,000: change rho or max_cells.",
            )

    @property
    def variance_parameter(self) -> Fraction:
        """The exact s^2 that the price pays for."""
        return Fraction(self.sensitivity.l2_squared) / (2 * self.rho.value)

    @cached_property
    def scale(self) -> float:
        """The smallest double that is not below s."""
        nearest = math.sqrt(self.variance_parameter)
        # INVARIANT: the double never promises less noise than the exact amount.
        while Fraction(nearest) ** 2 < self.variance_parameter:
            nearest = math.nextafter(nearest, math.inf)
        return nearest

    @property
    def delta(self) -> Fraction:
        """None: the sampler is exact."""
        return Fraction(0)

    @property
    def std(self) -> float:
        """Standard deviation of one draw; the scale itself where the two agree to 11 digits."""
        if self.scale > 3:
            return self.scale
        ks = np.arange(len(self._masses))
        return math.sqrt(2 * float(np.sum(ks**2 * self._masses)))

    @property
    def half_width(self) -> int:
        """Smallest w with P(|X| <= w) >= 0.95."""
        return half_width_of(self, round(1.96 * self.scale))

    def tail(self, width: int) -> float:
        """Return P(|X| > width)."""
        if self.scale > _SUMMED_TO:
            return math.erfc((width + 0.5) / (self.scale * math.sqrt(2)))
        return 2 * float(np.sum(self._masses[width + 1 :]))

    def draw(self, draws: int) -> list[int]:
        """Return exact draws by OpenDP core."""
        return exact.draws("gaussian", self.scale, draws)

    @cached_property
    def _masses(self) -> NDArray[np.float64]:
        """P(X = k) for k = 0, 1, ... as far as a double can tell from nothing."""
        ks = np.arange(math.ceil(40 * self.scale) + 2, dtype=np.float64)
        weights = np.exp(-(ks**2) / (2 * self.scale**2))
        masses: NDArray[np.float64] = weights / (2 * weights.sum() - 1)
        return masses
