"""Licence plates, by the shape and the characters of a line of text.

A plate is more than its number: the frame, and the town above it, are known too. So a line that
may be a plate's is veiled to the plate's border.
"""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.outline import widened
from redaction.text.line import Line

_APART: Final = re.compile(r"[\s·.:;,'|_-]+")
"""What stands between the groups of a plate, and what screws and seals are read as."""
LENGTH: Final = (5, 8)
"""Letters and digits on a plate."""
LEAST_DIGITS: Final = 2
ASPECT: Final = (1.8, 8.0)
"""Width by height of the number on a plate, from motorcycles' to the long European ones."""
BORDER: Final = 0.4
"""Share of the number's height from it to the border above and below; half of that beside. On 60
Brazilian plates the borders are 0.1 to 0.35 away."""


def plate_like(line: Line) -> bool:
    """Say whether a line that was read has the characters and the proportions of a plate."""
    sides = np.linalg.norm(line.quad - np.roll(line.quad, 1, axis=0), axis=1)
    aspect = float(sides.max()) / max(float(sides.min()), 1.0)
    characters = _APART.sub("", line.text)
    digits = sum(c.isdigit() for c in characters)
    return (
        characters.isalnum()
        and characters.upper() == characters
        and LENGTH[0] <= len(characters) <= LENGTH[1]
        and LEAST_DIGITS <= digits < len(characters)
        and ASPECT[0] <= aspect <= ASPECT[1]
    )


def plate_border(line: Line) -> NDArray[np.float64]:
    """Return the (4, 2) corners of the plate around its number."""
    by = BORDER * line.height
    wide = np.linalg.norm(line.quad[1] - line.quad[0]) >= np.linalg.norm(
        line.quad[3] - line.quad[0]
    )
    beside, above = (by / 2, by) if wide else (by, by / 2)
    return widened(line.quad, beside, above)
