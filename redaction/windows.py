"""Where to look once more: windows around what the second look found.

Outside them the photo is as it was when it was looked at, so that nothing new can be found there.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.types.photo import Box
from redaction.types.region import Region

AROUND: Final = 64
"""Pixels that are looked at around a region at least."""
SHARE: Final = 0.5
"""Share of a region's longer side that is looked at around it: what a net sees of a thing's
surroundings grows with the thing."""
WORTH: Final = 0.6
"""Share of the photo from which on windows are one window, the whole."""


def windows(regions: Sequence[Region], height: int, width: int) -> tuple[Box, ...]:
    """Return boxes within the photo, apart from each other, that hold the regions with margins."""
    boxes: list[NDArray[np.float64]] = []
    for region in regions:
        low, high = region.corners.min(axis=0), region.corners.max(axis=0)
        by = max(AROUND, SHARE * float((high - low).max()))
        low, high = np.maximum(low - by, 0), np.minimum(high + by, [width, height])
        if (high > low).all():
            boxes = _with(boxes, np.concatenate([low, high]))
    area = sum(float((box[2:] - box[:2]).prod()) for box in boxes)
    if area >= WORTH * height * width:
        return (Box(0, 0, width, height),)
    found = []
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        x0, y0 = np.floor(box[:2]).astype(int)
        x1, y1 = np.ceil(box[2:]).astype(int)
        found.append(Box(int(x0), int(y0), int(x1), int(y1)))
    return tuple(found)


def _with(boxes: list[NDArray[np.float64]], new: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the boxes with one more; those that meet are one."""
    apart = []
    for box in boxes:
        if (box[:2] < new[2:]).all() and (new[:2] < box[2:]).all():
            union = np.concatenate([np.minimum(box[:2], new[:2]), np.maximum(box[2:], new[2:])])
            return _with([b for b in boxes if b is not box], union)
        apart.append(box)
    return [*apart, new]
