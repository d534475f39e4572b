"""A look at the photo at another size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.faces.interface import FaceDetector, Found


def seen_at(detector: FaceDetector, pixels: NDArray[np.uint8], size: tuple[int, int]) -> Found:
    """Return what a detector finds in (h, w, 3) uint8 RGB `pixels` at `size`, width and height.

    Boxes are in pixels of the photo as given.
    """
    height, width = pixels.shape[:2]
    if size != (width, height):
        way = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, size, interpolation=way).astype(np.uint8)
    found = detector.detect(pixels)
    back = np.array([width / size[0], height / size[1]] * 2)
    return Found(found.boxes * back, found.scores, found.turned)


def scaled(pixels: NDArray[np.uint8], scale: float) -> tuple[int, int]:
    """Return the photo's width and height times `scale`, at least a pixel each."""
    height, width = pixels.shape[:2]
    return max(1, round(width * scale)), max(1, round(height * scale))
