"""How far bars reach above and below the line along which they were read."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.outline import Outline

COLUMNS: Final = 192
"""Samples along the line."""
ALIKE: Final = 0.5
"""Correlation with the lines before, from which on a line still crosses the bars."""
GAP: Final = 3
"""Lines that may be unlike before the bars end: a stroke of a pen, a fold."""
QUIET: Final = 0.04
"""Share of the line's length added at its ends: the reader's ends are rough."""
EDGE: Final = 3.0
"""Least pixels added above and below: a strip of one pixel is enough to read bars."""
THICK: Final = 0.2
"""Height by length, from which on a line is a shape, whose direction is known."""
CROSSING: Final = 0.5
STEADY: Final = 0.95
"""Least cosine between a line, or a shape, and the right angle to the bars in it."""


def stretched(grey: NDArray[np.uint8], line: Outline) -> Outline:
    """Return the outline of the bars that are crossed by a line, itself four corners."""
    first, last = (line[0] + line[3]) / 2, (line[1] + line[2]) / 2
    length = float(np.linalg.norm(last - first))
    if length < 4:
        return line
    thick = float(np.linalg.norm(line[3] - line[0])) > THICK * length
    along = _across_the_bars(grey, first, last, STEADY if thick else CROSSING)
    up = np.array([-along[1], along[0]])
    # A slanted line crosses all the bars on a shorter way.
    across = abs(float((last - first) @ along))
    step = across / COLUMNS
    reach = 2 * COLUMNS
    origin = (first + last) / 2 - along * across / 2 - up * step * reach / 2
    to_photo = np.stack([along * step, up * step, origin], axis=1)
    lines = cv2.warpAffine(
        grey,
        to_photo,
        (COLUMNS, reach),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    ).astype(np.float32)
    # Light and shade and lone edges run on beyond the bars; the bars themselves do not.
    lines -= cv2.blur(lines, (COLUMNS // 8, 1))
    top, bottom = (_reach(lines, way) for way in (-1, 1))
    # The reader's own corners can reach farther, as with stacked codes.
    frame = np.stack([along, up], axis=1)
    own = (line - origin) @ frame
    low = np.minimum(own.min(axis=0), (0, top * step))
    high = np.maximum(own.max(axis=0), (across, bottom * step))
    more = np.array([QUIET * across, max(EDGE, 2 * step)])
    low, high = low - more, high + more
    box = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    outline: Outline = box @ frame.T + origin
    return outline


def _across_the_bars(
    grey: NDArray[np.uint8], first: NDArray[np.float64], last: NDArray[np.float64], least: float
) -> NDArray[np.float64]:
    """Return the unit vector at right angles to the bars, pointing along the line."""
    way = (last - first) / max(float(np.linalg.norm(last - first)), 1e-6)
    low = np.maximum(np.floor(np.minimum(first, last)) - 4, 0).astype(int)
    high = np.ceil(np.maximum(first, last)).astype(int) + 5
    part = grey[low[1] : high[1], low[0] : high[0]]
    if min(part.shape) < 3:
        return way
    x = cv2.Sobel(part, cv2.CV_32F, 1, 0)
    y = cv2.Sobel(part, cv2.CV_32F, 0, 1)
    double = complex(float((x * x - y * y).sum()), 2 * float((x * y).sum()))
    angle = float(np.angle(double)) / 2
    steepest = np.array([np.cos(angle), np.sin(angle)])
    side = float(steepest @ way)
    # Bars that the line does not cross at such an angle are something else in the same place.
    return way if abs(side) < least else steepest * np.sign(side)


def _reach(lines: NDArray[np.float32], way: int) -> int:
    """Return the row at which lines stop being like the middle one, going up or down."""
    middle = len(lines) // 2
    like = lines[middle - 1 : middle + 2].mean(axis=0)
    last, at = middle, middle
    while 0 <= at + way < len(lines) and abs(at - last) <= GAP:
        at += way
        size = float(np.linalg.norm(like) * np.linalg.norm(lines[at])) + 1e-3
        if float(like @ lines[at]) / size >= ALIKE:
            last = at
            like = 0.9 * like + 0.1 * lines[at]
    return last + (1 if way > 0 else 0)
