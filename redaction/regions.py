"""What to veil: heads, and text that no catalogue names.

The head and the text are looked for on the same pixels; one mask is the union of both. Where
they meet, the veil wins.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from policies.lexicon import Lexicon
from redaction.clearing import Span, clear
from redaction.faces import find_faces
from redaction.text import Line, find_lines
from redaction.types.photo import Box, ClearedWord

# A face box runs from the brows to the chin. Hair, ears and neck identify as well (Oh et al.
# 2016), and a box that is a little off must still cover the face. Shares of the box's side.
HEAD_ABOVE: Final = 0.45
HEAD_BESIDE: Final = 0.30
HEAD_BELOW: Final = 0.25

TEXT_MARGIN: Final = 0.15
"""Share of a line's height by which its region grows on every side; at least 2 pixels."""
LEAST_CONFIDENCE: Final = 0.5
"""A line read with less can't clear a word."""


@dataclass(frozen=True)
class Region:
    """One thing that is veiled."""

    kind: str
    """`face` or `text`."""
    corners: NDArray[np.float64]
    """(n, 2) corners x, y of a convex shape."""


@dataclass(frozen=True)
class Examination:
    """What was found in one photo. Private to redaction."""

    regions: tuple[Region, ...]
    words: tuple[ClearedWord, ...]
    mask: NDArray[np.bool_]
    """(h, w), true where nothing may be seen."""


def examine(pixels: NDArray[np.uint8], lexicon: Lexicon) -> Examination:
    """Look for heads and text in (h, w, 3) uint8 RGB `pixels`."""
    height, width = pixels.shape[:2]
    regions = [Region("face", head(face)) for face in find_faces(pixels)]
    words: list[ClearedWord] = []
    for line in find_lines(pixels):
        spans, whole = _cleared(line, lexicon)
        words.extend(_word(line, span, width, height) for span in spans)
        if not whole:
            regions.append(Region("text", grown(line.quad)))
    return Examination(tuple(regions), tuple(words), mask_of(regions, height, width))


def head(face: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (4, 2) corners of the head around a face box x0, y0, x1, y1."""
    x0, y0, x1, y1 = face
    # The longer side on both axes: a face turned aside gets a narrow box on a round head.
    side = max(x1 - x0, y1 - y0)
    beside = (side - (x1 - x0)) / 2 + HEAD_BESIDE * side
    left, right = x0 - beside, x1 + beside
    top, bottom = y0 - HEAD_ABOVE * side, y1 + HEAD_BELOW * side
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def grown(quad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a text quad grown on every side."""
    along = _unit(quad[1] + quad[2] - quad[0] - quad[3])
    down = _unit(quad[3] + quad[2] - quad[0] - quad[1])
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    by = max(2.0, TEXT_MARGIN * float(min(sides[:2].max(), sides[1:3].max())))
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float64)
    grown_quad: NDArray[np.float64] = quad + by * (signs[:, :1] * along + signs[:, 1:] * down)
    return grown_quad


def mask_of(regions: list[Region], height: int, width: int) -> NDArray[np.bool_]:
    """Return the (height, width) union of the regions; what lies outside the photo is cut."""
    canvas = np.zeros((height, width), dtype=np.uint8)
    for region in regions:
        outline = np.rint(np.clip(region.corners, -4 * 4096, 8 * 4096)).astype(np.int32)
        cv2.fillConvexPoly(canvas, cv2.convexHull(outline), 1)
    return canvas.astype(np.bool_)


def _cleared(line: Line, lexicon: Lexicon) -> tuple[tuple[Span, ...], bool]:
    if line.confidence < LEAST_CONFIDENCE:
        return (), False
    clearing = clear(line.text, lexicon)
    return clearing.spans, clearing.whole


def _word(line: Line, span: Span, width: int, height: int) -> ClearedWord:
    """Place a word on its line by its share of the characters: near enough to point at."""
    shares = np.array([span.start, span.end], dtype=np.float64) / max(len(line.text), 1)
    upper, lower = line.quad[1] - line.quad[0], line.quad[2] - line.quad[3]
    points = np.concatenate(
        [line.quad[0] + shares[:, None] * upper, line.quad[3] + shares[:, None] * lower]
    )
    x0, y0 = np.floor(points.min(axis=0)).astype(int)
    x1, y1 = np.ceil(points.max(axis=0)).astype(int)
    box = Box(max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))
    return ClearedWord(span.match.alias, span.match.similarity, box)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.zeros(2)
