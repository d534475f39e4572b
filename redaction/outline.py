"""Four corners in the photo, and what is done with them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float64]
"""(4, 2) corners x, y of a convex shape, in pixels of the photo."""


def widened(outline: Outline, along: float, across: float) -> Outline:
    """Return the outline moved out by `along` pixels on the ends and `across` above and below.

    The ends are the sides from the fourth corner to the first and from the second to the third.
    """
    right = _unit(outline[1] + outline[2] - outline[0] - outline[3])
    down = _unit(outline[3] + outline[2] - outline[0] - outline[1])
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float64)
    wider: Outline = outline + along * signs[:, :1] * right + across * signs[:, 1:] * down
    return wider


def drawn(outlines: list[Outline], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return an (h, w) canvas with 1 inside any of the outlines."""
    canvas = np.zeros(shape[:2], dtype=np.uint8)
    for outline in outlines:
        inside = np.rint(np.clip(outline, -1e4, 1e5)).astype(np.int32)
        cv2.fillConvexPoly(canvas, cv2.convexHull(inside), 1)
    return canvas


def share_within(outline: Outline, canvas: NDArray[np.uint8]) -> float:
    """Return which share of the outline is inside what is drawn on the canvas."""
    height, width = canvas.shape
    low = np.maximum(np.floor(outline.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(outline.max(axis=0)), (width, height)).astype(int) + 1
    part = canvas[low[1] : high[1], low[0] : high[0]]
    if part.size == 0 or not part.any():
        return 0.0
    own = drawn([outline - low], part.shape)
    return float((own & part).sum()) / max(float(own.sum()), 1.0)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.zeros(2)
