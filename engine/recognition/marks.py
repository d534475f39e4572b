"""A mark: one picture of a brand's sign, as the recognisers take it.

The catalogue opens files and draws SVGs; from here on a mark is pixels in memory. What is learned
from marks is plain arrays, so that it can be kept in one file that holds no code.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mark:
    """A crop of a photo, or a drawing, of one brand's mark."""

    label: str
    pixels: NDArray[np.uint8]
    """Height, width and RGB; of a drawing, on a plain ground."""
    alpha: NDArray[np.uint8] | None
    """What belongs to the mark (255) and what to its ground (0); None of a plain photo."""
    drawn: bool
    """Of an SVG or another flat drawing, rather than of a photo."""
