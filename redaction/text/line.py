"""One region of text. Private to redaction: `text` is what somebody wrote."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


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
    veil: tuple[NDArray[np.float64], ...] = ()
    """Convex shapes, (n, 2) corners each, that cover the text and its surroundings."""

    @property
    def height(self) -> float:
        """Pixels across the line: its shorter side, for a line is longer than it is high."""
        sides = np.linalg.norm(self.quad[:2] - self.quad[1:3], axis=1)
        return float(sides.min())
