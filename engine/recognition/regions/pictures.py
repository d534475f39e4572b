"""Pictures of windows and of marks, all alike in size, as the region net takes them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv
from engine.recognition.nets import load
from engine.recognition.weights.regions import EMBEDDER

SIDE: Final = 96
GROWN: Final = 1.1
"""A window is taken with this much around it."""
BATCH: Final = 8
"""Few enough that what lies between the layers stays in the cache: 64 take half as long again."""
NUMBERS: Final = 128
"""Numbers in an embedding."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def embed(pictures: Pixels, *, short: bool = False) -> Floats:
    """Return what the net makes of (n, side, side, 3): (n, 128), each of length 1.

    `short` is for what a photo is looked at with: in bfloat16, where there is any. What a catalogue
    is built from is seen in floats, so that its file is the same with the extra and without.
    """
    if not len(pictures):
        return np.zeros((0, NUMBERS), dtype=np.float32)
    session = load(EMBEDDER, short=short)
    parts = [
        session.run(["embedding"], {"pixels": pictures[at : at + BATCH]})[0]
        for at in range(0, len(pictures), BATCH)
    ]
    return np.concatenate(parts)


def cut(pixels: Pixels, box: Floats) -> Pixels:
    """Return a box of a photo as a square; what lies over the photo's edge repeats the edge."""
    wide, tall = (float(side) * GROWN for side in (box[2] - box[0], box[3] - box[1]))
    left, top = (box[0] + box[2] - wide) / 2, (box[1] + box[3] - tall) / 2
    x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    x1 = min(pixels.shape[1], int(np.ceil(left + wide)))
    y1 = min(pixels.shape[0], int(np.ceil(top + tall)))
    part = pixels[y0:y1, x0:x1]
    by_x = by_y = 1.0
    small_x, small_y = min(1.0, SIDE * 1.5 / wide), min(1.0, SIDE * 1.5 / tall)
    if min(small_x, small_y) < 0.9:
        columns = max(2, round(part.shape[1] * small_x))
        rows = max(2, round(part.shape[0] * small_y))
        by_x, by_y = columns / part.shape[1], rows / part.shape[0]
        part = np.asarray(cv.resize(part, (columns, rows), interpolation=cv.INTER_AREA), np.uint8)
    step_x, step_y = wide * by_x / SIDE, tall * by_y / SIDE
    shift_x = (left - x0) * by_x + step_x / 2 - 0.5
    shift_y = (top - y0) * by_y + step_y / 2 - 0.5
    matrix = np.array([[step_x, 0, shift_x], [0, step_y, shift_y]], dtype=np.float32)
    how = cv.INTER_LINEAR | cv.WARP_INVERSE_MAP
    square = cv.warpAffine(part, matrix, (SIDE, SIDE), flags=how, borderMode=cv.BORDER_REPLICATE)
    return np.asarray(square, dtype=np.uint8)
