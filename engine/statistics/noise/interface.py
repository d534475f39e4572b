"""A law of integer noise, and how it meets a count."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, Protocol

from engine.statistics.errors import CountOutOfRange

LARGEST_COUNT: Final = 2**52
"""Counts stay below this in size: they and their noise are then exact in a double as well."""
COVERAGE: Final = 0.95
"""Probability that a cell's bounds hold its count before noise."""


class Law(Protocol):
    """A law of independent, symmetric integer noise around zero, the same for every count."""

    @property
    def name(self) -> str:
        """What the release's table calls it."""

    @property
    def std(self) -> float:
        """Standard deviation of one draw."""

    @property
    def half_width(self) -> int:
        """Smallest w so that a draw lies within -w..w in 95 % of cases."""

    @property
    def delta(self) -> Fraction:
        """Upper bound on what the sampler itself adds to the loss of one person."""

    def tail(self, width: int) -> float:
        """Return the probability that a draw is further than `width` from zero."""

    def draw(self, draws: int) -> list[int]:
        """Return independent draws, fresh from the operating system's generator."""


def randomise(law: Law, counts: Sequence[int]) -> list[int]:
    """Return counts + noise, each drawn on its own.

    Raises `CountOutOfRange` at 2^52 and `TypeError` off integers, before anything is drawn.
    """
    for count in counts:
        if type(count) is not int:
            raise TypeError("counts are Python integers")
        if abs(count) >= LARGEST_COUNT:
            raise CountOutOfRange("a count is too large to be noised exactly")
    # INVARIANT: noise is drawn around zero, so its law never depends on the count.
    return [count + noise for count, noise in zip(counts, law.draw(len(counts)), strict=True)]


def half_width_of(law: Law, start: int) -> int:
    """Return the smallest width with a tail of at most 5 %, looked for from `start` on."""
    width = max(0, start)
    # A closed form may be one off where it lands on an integer.
    while width > 0 and law.tail(width - 1) <= 1 - COVERAGE:
        width -= 1
    while law.tail(width) > 1 - COVERAGE:
        width += 1
    return width
