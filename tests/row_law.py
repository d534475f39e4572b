"""Noise for rows of running totals that a test chooses itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """A law by its draws and its spread, for `running_totals`."""

    drawn: Callable[[int], Sequence[int]]
    std: float

    def draw(self, draws: int) -> list[int]:
        """Return what the test draws, as it is."""
        return self.drawn(draws)  # type: ignore[return-value]
