"""Noise, drawn from the operating system's generator and added to integers.

Never a seed, never a floating-point release: diffprivlib's float mechanisms give the count away
by their low bits (IBM/differential-privacy-library#94), so its `Geometric` is all that is used.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.statistics.errors import CountOutOfRange, StatisticsError
from engine.statistics.geometric import GeometricLaw

LARGEST_COUNT = 2**52
"""Counts stay below this in size: they and their noise are then exact in a double as well."""


class Mechanism(Protocol):
    """Turns the counts of one statistic into values that may leave."""

    @property
    def name(self) -> str:
        """What the release's table calls it."""

    @property
    def std(self) -> float:
        """Standard deviation of one value's noise."""

    @property
    def half_width(self) -> int:
        """Largest distance of a value to its count, in 95 % of draws."""

    def randomise(self, counts: Sequence[int]) -> list[int]:
        """Return the counts with fresh noise, each drawn on its own."""


@dataclass(frozen=True)
class GeometricMechanism(GeometricLaw):
    """diffprivlib's `Geometric`: integer noise for counts of whole contributors.

    It takes no seed. Every call draws anew from `secrets.SystemRandom`.
    """

    name = "geometric"

    def randomise(self, counts: Sequence[int]) -> list[int]:
        """Return counts + noise; raises `CountOutOfRange` at 2^52 and `TypeError` off integers."""
        # Imported here: a plan needs no noise, and this import takes most of a second.
        from diffprivlib.mechanisms import Geometric  # noqa: PLC0415

        for count in counts:
            if type(count) is not int:
                raise TypeError("counts are Python integers")
            if abs(count) >= LARGEST_COUNT:
                raise CountOutOfRange("a count is too large to be noised exactly")
        geometric = Geometric(epsilon=self.float_epsilon, sensitivity=1)
        if not isinstance(geometric._rng, secrets.SystemRandom):
            raise StatisticsError("noise would not come from the operating system's generator")
        # INVARIANT: the noise's law never depends on the count (no rounding at large counts).
        return [count + _noise(geometric.randomise) for count in counts]


class _Draw(Protocol):
    def __call__(self, value: int) -> int: ...


def _noise(draw: _Draw) -> int:
    """Return one draw around zero; the uniform that has no logarithm is drawn again."""
    while True:
        try:
            with np.errstate(divide="ignore"):
                return int(draw(0))
        except OverflowError:
            continue
