"""Codes that zxing-cpp reads, or begins to read.

Only its positions are used; what a code says is never touched.
"""

from typing import Any, Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from redaction.codes.bars import stretched
from redaction.codes.texture import Patch
from redaction.outline import Outline, share_within, widened

MARGIN: Final = 0.06
"""Share of a matrix code's shorter side by which it is widened, and `LEAST_MARGIN` pixels."""
LEAST_MARGIN: Final = 3.0
BEGUN_WITHIN: Final = 0.5
"""Share of a code begun that has to have the texture of one."""
CLOSER: Final = 2.0
"""How much larger a patch is looked at again, while it stays within `CLOSEST` pixels."""
CLOSEST: Final = 900
AROUND: Final = 32.0
"""Pixels that are looked at around a patch."""
_LINEAR: Final = frozenset(
    zxingcpp.barcode_formats_list(zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.AllLinear))
)


def begun(grey: NDArray[np.uint8], likely: NDArray[np.uint8]) -> list[Outline]:
    """Return the outlines of the codes in an (h, w) photo.

    `likely` is (h, w), 1 where the photo has the texture of a code. What the reader began to read
    and could not finish has to be there: in photos it begins QR codes where there are none.
    """
    found = []
    for code in zxingcpp.read_barcodes(grey, return_errors=True):
        outline = _outline(grey, code)
        if code.valid or share_within(outline, likely) >= BEGUN_WITHIN:
            found.append(outline)
    return found


def readable(grey: NDArray[np.uint8]) -> bool:
    """Say whether any code in an (h, w) photo can be read to its end."""
    return bool(zxingcpp.read_barcodes(grey))


def closer_look(grey: NDArray[np.uint8], patch: Patch) -> list[Outline]:
    """Return the codes that show when a patch is turned upright and enlarged."""
    return _read_closer(grey, patch.corners, errors=True)


def left_over(grey: NDArray[np.uint8], outlines: list[Outline]) -> list[Outline]:
    """Return what can be read around the outlines in an (h, w) photo that is blank inside them.

    A code that corrects errors can be read when a strip of it is missed.
    """
    found = []
    for outline in outlines:
        low, high = outline.min(axis=0), outline.max(axis=0)
        box = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
        for times in (1.0, CLOSER):
            found += _read_closer(grey, box, times=times)
    return found


def _read_closer(
    grey: NDArray[np.uint8],
    corners: Outline,
    *,
    times: float = CLOSER,
    errors: bool = False,
) -> list[Outline]:
    sides = np.linalg.norm(corners[1:3] - corners[:2], axis=1)
    corners = widened(corners, AROUND, AROUND)
    width, height = (float(side) + 2 * AROUND for side in sides)
    times = min(times, CLOSEST / max(width, height))
    size = (max(1, round(width * times)), max(1, round(height * times)))
    ends = np.array([[0, 0], [size[0], 0], [0, size[1]]], dtype=np.float32)
    to_photo = cv2.getAffineTransform(ends, corners[[0, 1, 3]].astype(np.float32))
    seen = cv2.warpAffine(
        grey,
        to_photo,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8)
    found = zxingcpp.read_barcodes(seen, return_errors=errors)
    return [_outline(seen, code) @ to_photo[:, :2].T + to_photo[:, 2] for code in found]


def _outline(grey: NDArray[np.uint8], code: Any) -> Outline:
    at = code.position
    points = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    corners = np.array([(point.x, point.y) for point in points], dtype=np.float64)
    if code.format in _LINEAR:
        corners = stretched(grey, corners)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    by = max(LEAST_MARGIN, MARGIN * float(sides.min()))
    return widened(corners, by, by)
