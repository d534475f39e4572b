"""The text detector: PP-OCRv6 small, as RapidOCR's wheel ships it, run on a scaled photo."""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.models import text_detector
from redaction.nets import load_net

_STRIDE: Final = 32
_BORDER: Final = 16
"""Pixels repeated on every side at least, so that text at the edge is found."""


@cache
def net() -> Any:
    """Return the net, loaded once per process; raises `ModelUnusable`."""
    # In bfloat16 no box of the ICDAR-2015 and SROIE samples fewer is covered, and no plate of 60.
    return load_net(text_detector(), keep_memory=True, short=True)


def text_map(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
    """Return how likely each pixel of the scaled photo is the middle of a line, 0 to 1.

    `pixels` is (h, w, 3) RGB; the map has its height and width times `scale`, rounded.
    """
    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size != (width, height):
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        pixels = cv2.resize(pixels, size, interpolation=how).astype(np.uint8)
    across, down = (-(-(side + 2 * _BORDER) // _STRIDE) * _STRIDE - side for side in size)
    left, top = across // 2, down // 2
    framed = cv2.copyMakeBorder(pixels, top, down - top, left, across - left, cv2.BORDER_REPLICATE)
    # Blue first, -1 to 1, as it was trained.
    fed = cv2.dnn.blobFromImage(framed, 2 / 255, mean=(127.5, 127.5, 127.5), swapRB=True)
    found: NDArray[np.float32] = net().run(None, {net().get_inputs()[0].name: fed})[0][0, 0]
    # INVARIANT: no comparison below may meet a NaN, which is neither text nor not.
    if not np.isfinite(found).all():
        raise ValueError("the text detector answered with something that is no map")
    return found[top : top + size[1], left : left + size[0]]
