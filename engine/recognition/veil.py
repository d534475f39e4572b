"""What redaction left of what it veiled: one grey, which shows nothing."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv

VEIL: Final = 128
"""The grey of a veil, in all three colours."""


def blind(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return (h, w), true where a photo, (h, w, 3), is veiled."""
    return np.asarray(cv.inRange(pixels, (VEIL,) * 3, (VEIL,) * 3)) > 0
