"""The two-sided geometric law again, drawn exactly: by OpenDP core instead of diffprivlib.

The law is that of `geometric`; the sampler works on exact rational numbers and costs no delta.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from engine.statistics.noise import exact
from engine.statistics.noise.geometric import GeometricLaw


@dataclass(frozen=True)
class DiscreteLaplace(GeometricLaw):
    """The noise of a statistic with an L1 sensitivity, at a price in epsilon."""

    name: ClassVar[str] = "discrete-laplace"

    @property
    def scale(self) -> float:
        """The smallest double that is not below 1 / (epsilon of one step)."""
        exactly = 1 / self.step_epsilon
        nearest = float(exactly)
        # INVARIANT: the double never promises less noise than the exact amount.
        return nearest if Fraction(nearest) >= exactly else math.nextafter(nearest, math.inf)

    @property
    def delta(self) -> Fraction:
        """None: the sampler is exact."""
        return Fraction(0)

    def draw(self, draws: int) -> list[int]:
        """Return exact draws by OpenDP core."""
        return exact.draws("laplace", self.scale, draws)
