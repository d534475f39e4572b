"""Local features: SIFT's points with RootSIFT descriptors, one byte a number.

SIFT: Lowe 2004, as OpenCV has it. RootSIFT: Arandjelovic and Zisserman 2012. The same pixels give
the same bytes: nothing here is drawn by lot or runs in threads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv

BYTES = 128
UNIT = 512.0
"""The length of a descriptor's vector in its bytes' units; two bytes' worth at the most."""

_MOST = 2000
_CONTRAST = 0.03


@dataclass(frozen=True)
class Features:
    """The features of one picture."""

    places: NDArray[np.float32]
    """One row each: x, y, size (pixels) and angle (radians)."""
    descriptors: NDArray[np.uint8]
    """One row of 128 bytes each."""

    def __len__(self) -> int:
        return len(self.places)


def features(grey: NDArray[np.uint8], most: int = _MOST) -> Features:
    """Return the features of a grey picture, the strongest `most` of them."""
    if min(grey.shape) < 8:
        return Features(np.zeros((0, 4), np.float32), np.zeros((0, BYTES), np.uint8))
    sift = cv.SIFT.create(nfeatures=most, contrastThreshold=_CONTRAST)
    points, raw = sift.detectAndCompute(grey, np.empty(0, np.uint8))
    if raw is None:
        return Features(np.zeros((0, 4), np.float32), np.zeros((0, BYTES), np.uint8))
    table = np.array([(*p.pt, p.size, p.angle) for p in points])
    table[:, 3] = np.deg2rad(table[:, 3])
    places = table.astype(np.float32)
    # equal strengths leave OpenCV in no promised order
    order = np.lexsort(places.T[::-1])
    return Features(places[order], _root(np.asarray(raw, np.float32)[order]))


def _root(raw: NDArray[np.float32]) -> NDArray[np.uint8]:
    total = np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    scaled: NDArray[np.uint8] = np.clip(np.sqrt(raw / total) * UNIT + 0.5, 0, 255).astype(np.uint8)
    return scaled


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture's brightness."""
    return np.asarray(cv.cvtColor(pixels, cv.COLOR_RGB2GRAY), dtype=np.uint8)


def resized(grey: NDArray[np.uint8], longer: float) -> tuple[NDArray[np.uint8], float]:
    """Return the picture with its longer side so many pixels long, and the factor."""
    factor = longer / max(grey.shape)
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    way = cv.INTER_AREA if factor < 1 else cv.INTER_CUBIC
    return np.asarray(cv.resize(grey, size, interpolation=way), dtype=np.uint8), factor
