"""One region of text. Private to redaction: `text` is what somebody wrote."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Outline:
    """What to veil for one sight of a line: two convex shapes, (n, 2) corners each."""

    veil: NDArray[np.float64]
    """The letters and their surroundings."""
    letters: NDArray[np.float64]
    """The letters alone, as far as they were seen."""


@dataclass(frozen=True)
class Line:
    """Where text stands, what it says if it was read, and what to veil unless it is cleared."""

    quad: NDArray[np.float64]
    """(4, 2) corners x, y, clockwise from the text's upper left."""
    text: str = field(repr=False, default="")
    """What was read; empty when nothing was."""
    confidence: float = 0.0
    """0 to 1."""
    read: bool = False
    """Whether the reader looked at it at all."""
    outlines: tuple[Outline, ...] = ()
    """Cover the text together, as it was seen at every size."""
    strokes: tuple[Outline, ...] = ()
    """Cover it where it is lines that cross or touch, and no one line."""
    cut: bool = False
    """Whether another size showed more of it than was read."""

    @property
    def height(self) -> float:
        """Pixels across the line: its shorter side, for a line is longer than it is high."""
        sides = np.linalg.norm(self.quad[:2] - self.quad[1:3], axis=1)
        return float(sides.min())
