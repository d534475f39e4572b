"""A look at the photo at another size."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.faces.interface import FaceDetector, Found

FEWEST: Final = 0.25
"""Share of a photo's pixels down to which each counts in a resized one without a mean."""


def seen_at(detector: FaceDetector, pixels: NDArray[np.uint8], size: tuple[int, int]) -> Found:
    """Return what a detector finds in (h, w, 3) uint8 RGB `pixels` at `size`, width and height.

    Boxes are in pixels of the photo as given.
    """
    height, width = pixels.shape[:2]
    if size != (width, height):
        share = size[0] * size[1] / (width * height)
        # Down to half, four neighbours are all the pixels there are, at a fifth of the time.
        smaller = cv2.INTER_AREA if share <= FEWEST else cv2.INTER_LINEAR
        way = smaller if share < 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, size, interpolation=way).astype(np.uint8)
    found = detector.detect(pixels)
    back = np.array([width / size[0], height / size[1]] * 2)
    return Found(found.boxes * back, found.scores, found.turned)


def scaled(pixels: NDArray[np.uint8], scale: float) -> tuple[int, int]:
    """Return the photo's width and height times `scale`, at least a pixel each."""
    height, width = pixels.shape[:2]
    return max(1, round(width * scale)), max(1, round(height * scale))
