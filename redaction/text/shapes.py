"""From the detector's map to shapes: where a line is, and what has to go under the veil with it.

The map says for each pixel how likely it lies in the middle of a line of text (Liao et al.,
"Real-time Scene Text Detection with Differentiable Binarization", 2020): a line appears as a
kernel about half as high as its letters. From a kernel come two shapes: a tight one, which is
cut out and read, and a wider one, which is veiled. What is too faint to be cut out and read, and
lies under no line's veil, is veiled as it stands.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.text.line import Outline

SURE_PIXEL: Final = 0.2
SURE_MEAN: Final = 0.3
"""RapidOCR's own are 0.3 and 0.5; the lower ones find 7 to 10 % more of the text in streets at
the same cost (measured on ICDAR-2015 and SROIE samples)."""
FAINT_PIXEL: Final = 0.03
FAINT_PEAK: Final = 0.1
"""A faint kernel counts where it reaches this somewhere."""
UNCLIP: Final = 1.2
"""Area by outline by which a kernel grows to the shape that is read. RapidOCR's is 1.6, from
smaller kernels: of 80 drawn names, 55 are read at 1.6, 60 at 1.0, 51 at 2.0."""
LETTERS: Final = 1.6
"""The same for the shape in which all of the letters lie."""
BESIDE: Final = 1.1
BEYOND: Final = 1.7
"""Heights of the kernel by which it grows to the veil, on its long sides and at its ends: at 0.5
and 0.75, .44 of the boxes in streets and .986 of those on receipts are covered to 90 %, at these
.60 and .997; more gains little."""
FAINTER: Final = 1.5
"""Factor of both for what is faint: its kernel is only the part of the text that was seen."""
AT_LEAST: Final = 2.0
"""Pixels of the map by which it grows in any case."""
AT_MOST: Final = 12.0
"""Pixels of the map by which the veil reaches beyond the letters: large ones are found well."""
UPRIGHT: Final = 20.0
"""Degrees off the level or the plumb up to which the veil is the upright rectangle around it: the
angle of a short kernel is a guess, and what a tilted veil spares at its corners may be letters."""
UPRIGHT_AREA: Final = 2.0
UPRIGHT_ASPECT: Final = 8.0
"""Times the tilted veil's area that the upright one may have, and length by height that it is done
for: long lines tell their angle well."""
BRANCHED: Final = 3.0
"""Times its own thickness that a component's rectangle is high where it is more than one line."""
THICKEST: Final = 0.1
"""Share of the map's shorter side beyond which a component is too thick for a line: letters are
about twice as tall as what the map shows of them, and taller ones than a fifth are scenery."""
OWN_MEAN: Final = 0.5
"""Of the map over its own pixels: lines that cross are text for sure."""
CELL: Final = 2.0
"""Thicknesses that a part of such a component is long."""
_THINNEST: Final = 2.0
_SMALLEST_CELL: Final = 8


@dataclass(frozen=True)
class Shape:
    """One kernel and its shapes, in pixels of the map."""

    kernel: NDArray[np.float64]
    """(4, 2) corners of what the map shows."""
    quad: NDArray[np.float64]
    """(4, 2) corners around the letters, clockwise from the upper left."""
    outline: Outline
    """(4, 2) corners of what to veil, and of what no other line may clear."""
    sure: bool
    """Whether it is clear enough to be read."""
    strokes: tuple[Outline, ...] = ()
    """What to veil where it is lines that cross or touch and not one line; none for one line, or
    for something solid."""

    def at(self, scale: float) -> "Shape":
        """Return it in pixels of the photo, of which the map is `scale` times the size."""
        outline = Outline(self.outline.veil / scale, self.outline.letters / scale)
        strokes = tuple(Outline(s.veil / scale, s.letters / scale) for s in self.strokes)
        return Shape(self.kernel / scale, self.quad / scale, outline, self.sure, strokes)


def shapes(text_map: NDArray[np.float32]) -> list[Shape]:
    """Return the shapes in an (h, w) map of values 0 to 1."""
    height, width = text_map.shape
    sure = _thickened((text_map >= SURE_PIXEL).astype(np.uint8))
    covered = np.zeros((height, width), np.uint8)
    found: list[Shape] = []
    for contour, rect in _rects(sure):
        if min(rect[1]) < _THINNEST:
            continue
        parts = strokes(text_map, sure, contour, rect)
        if _mean_inside(text_map, rect) >= SURE_MEAN:
            found.append(_shape(rect, sure=True, strokes=parts))
            _draw(covered, _corners(rect, (_clip(rect, LETTERS),) * 2))
        elif parts:
            found.append(_shape(rect, sure=False, strokes=parts))
    # INVARIANT: every pixel that may be text lies in some shape. Not the veil counts but the
    # letters' own place: the veil falls with its line, when that is cleared.
    faint = ((text_map >= FAINT_PIXEL) & (covered == 0)).astype(np.uint8)
    found += [_shape(rect, sure=False) for _, rect in _rects(_with_peak(faint, text_map))]
    return found


def strokes(
    text_map: NDArray[np.float32],
    mask: NDArray[np.uint8],
    contour: NDArray[np.int32],
    rect: "Rect",
) -> tuple[Outline, ...]:
    """Return outlines of the parts of a component that is branched, in cells; none for others.

    `mask` is (h, w), 1 where components are; `contour` is the component's own, `rect` its
    rectangle. Lines that cross are one component, as tall as what is no text at all; but they are
    thin everywhere.
    """
    low = min(rect[1])
    if low < BRANCHED * _THINNEST:
        return ()
    x, y, width, height = cv2.boundingRect(contour)
    own = np.zeros((height + 2, width + 2), np.uint8)
    cv2.drawContours(own, [contour - (x - 1, y - 1)], -1, 1, cv2.FILLED)
    # With its holes, which what is no text has many of. Of a strip's pixels, the mean way to its
    # edge is a quarter of its width.
    thick = 4 * float(cv2.mean(cv2.distanceTransform(own, cv2.DIST_L2, 5), own)[0])
    own[1:-1, 1:-1] &= mask[y : y + height, x : x + width]
    inside = text_map[y : y + height, x : x + width]
    if thick > min(low / BRANCHED, THICKEST * min(text_map.shape)):
        return ()
    if cv2.mean(inside, own[1:-1, 1:-1])[0] < OWN_MEAN:
        return ()
    cell = max(_SMALLEST_CELL, round(CELL * thick))
    letters, veil = (max(AT_LEAST, share * thick) for share in (LETTERS / 2, BESIDE))
    found = []
    for top in range(0, height + 2, cell):
        for left in range(0, width + 2, cell):
            points = cv2.findNonZero(own[top : top + cell, left : left + cell])
            if points is not None:
                (px, py), (w, h), angle = cv2.minAreaRect(points)
                part = ((px + left + x - 1, py + top + y - 1), (w + 1, h + 1), angle)
                found.append(Outline(_corners(part, (veil,) * 2), _corners(part, (letters,) * 2)))
    return tuple(found)


def _thickened(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.dilate(mask, np.ones((2, 2), np.uint8)).astype(np.uint8)


def _with_peak(faint: NDArray[np.uint8], text_map: NDArray[np.float32]) -> NDArray[np.uint8]:
    count, found = cv2.connectedComponents(faint, connectivity=8)
    labels = found.astype(np.int64)
    peaks = np.zeros(count, np.float32)
    at = labels > 0
    np.maximum.at(peaks, labels[at], text_map[at])
    kept: NDArray[np.uint8] = (peaks >= FAINT_PEAK)[labels].astype(np.uint8)
    return kept


Rect = tuple[tuple[float, float], tuple[float, float], float]
"""Centre, size and angle in degrees, as OpenCV has them."""


def _rects(mask: NDArray[np.uint8]) -> list[tuple[NDArray[np.int32], Rect]]:
    # Two levels: what lies in the hole of another component is found as well.
    contours, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is None:
        return []
    outer = [c for c, level in zip(contours, levels[0], strict=True) if level[3] < 0]
    rects = [cv2.minAreaRect(contour) for contour in outer]
    # Contours run through the middles of pixels.
    grown = [((x, y), (w + 1, h + 1), angle) for (x, y), (w, h), angle in rects]
    return [(c.astype(np.int32), rect) for c, rect in zip(outer, grown, strict=True)]


def _mean_inside(text_map: NDArray[np.float32], rect: Rect) -> float:
    corners = cv2.boxPoints(rect)
    x0, y0 = np.floor(corners.min(axis=0)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 1
    x0, y0 = max(x0, 0), max(y0, 0)
    part = text_map[y0:y1, x0:x1]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(inside, np.rint(corners - [x0, y0]).astype(np.int32), 1)
    return float(cv2.mean(part, inside)[0])


def _shape(rect: Rect, *, sure: bool, strokes: tuple[Outline, ...] = ()) -> Shape:
    w, h = rect[1]
    low, long = min(w, h), max(w, h)
    more = low if sure else FAINTER * low
    widest = _clip(rect, LETTERS) + AT_MOST
    beside, beyond = (min(widest, max(AT_LEAST, share * more)) for share in (BESIDE, BEYOND))
    by = (beyond, beside) if w >= h else (beside, beyond)
    if long < 1.5 * low:
        by = (max(by), max(by))  # which way the line runs can't be told
    quad = _corners(rect, (_clip(rect, UNCLIP),) * 2)
    kernel = _corners(rect, (0.0, 0.0))
    # Of what is faint, where its letters end is a guess; a name that was read is none.
    letters = _corners(rect, (_clip(rect, LETTERS),) * 2) if sure else kernel
    outline = Outline(_upright(_corners(rect, by)), letters)
    return Shape(kernel, quad, outline, sure, strokes)


def _clip(rect: Rect, ratio: float) -> float:
    width, height = rect[1]
    return width * height * ratio / (2 * (width + height))


def _upright(quad: NDArray[np.float64]) -> NDArray[np.float64]:
    along = quad[1] - quad[0]
    angle = abs(np.degrees(np.arctan2(along[1], along[0]))) % 90
    if min(angle, 90 - angle) > UPRIGHT:
        return quad
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    sides = np.linalg.norm(quad[:2] - quad[1:3], axis=1)
    long = sides.max() > UPRIGHT_ASPECT * sides.min()
    if long or (x1 - x0) * (y1 - y0) > UPRIGHT_AREA * sides.prod():
        return quad
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _corners(rect: Rect, by: tuple[float, float]) -> NDArray[np.float64]:
    centre, (w, h), angle = rect
    points = cv2.boxPoints((centre, (w + 2 * by[0], h + 2 * by[1]), angle)).astype(np.float64)
    # Clockwise from the upper left: the two leftmost, the upper one first.
    left, right = np.split(points[np.argsort(points[:, 0], kind="stable")], 2)
    left, right = (side[np.argsort(side[:, 1], kind="stable")] for side in (left, right))
    return np.stack([left[0], right[0], right[1], left[1]])


def _draw(canvas: NDArray[np.uint8], quad: NDArray[np.float64]) -> None:
    cv2.fillConvexPoly(canvas, np.rint(quad).astype(np.int32), 1)
