"""Arithmetic of boxes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def best_first(
    boxes: Floats, scores: Floats, overlap: float, *, of_smaller: bool = False
) -> NDArray[np.intp]:
    """Return the indices that survive non-maximum suppression, best score first.

    A box goes when it overlaps a better one by more than `overlap`: intersection over union, or
    over the smaller of the two. Ties go by index, so that the answer is one and the same.
    """
    order = np.argsort(-scores, kind="stable")
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        inner = np.prod(np.maximum(high - low, 0), axis=1)
        if of_smaller:
            whole = np.minimum(area[best], area[rest])
        else:
            whole = area[best] + area[rest] - inner
        order = rest[inner <= overlap * whole]
    return np.array(kept, dtype=np.intp)


def mirrored(boxes: Floats, width: float) -> Floats:
    """Return boxes of a mirrored picture as boxes of the picture, `width` pixels wide."""
    x0, y0, x1, y1 = boxes.T
    return np.stack([width - x1, y0, width - x0, y1], axis=1)
