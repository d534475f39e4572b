"""What to veil: heads, and text that no catalogue names.

The head and the text are looked for on the same pixels; one mask is the union of both. Where
they meet, the veil wins.
"""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from policies.lexicon import Lexicon
from redaction.clearing import Span, clear
from redaction.faces import find_faces
from redaction.text import Line, find_lines
from redaction.types.photo import Box, ClearedWord
from redaction.types.region import Region

# A face box runs from the brows to the chin. Hair, ears and neck identify as well (Oh et al.
# 2016), and a box that is a little off must still cover the face. Above and below are
# shares of the box's height, beside of its width.
HEAD_ABOVE: Final = 0.45
HEAD_BESIDE: Final = 0.40
HEAD_BELOW: Final = 0.20
NARROWEST_FACE: Final = 0.8
"""Width by height. A face turned aside gets a narrow box on a round head."""

LOOKING_SIDE: Final = 1600
"""Longest side in pixels to which a small photo is enlarged, at most by `LOOKING_CLOSER`, before
it is looked at: both detectors miss what is small (twice the size: faces of 12 to 16 pixels .50
instead of .25 covered, text in streets .60 instead of .49)."""
LOOKING_CLOSER: Final = 2.0

TEXT_MARGIN: Final = 0.15
"""Share of a line's height by which its region grows on every side; at least 2 pixels."""
LEAST_CONFIDENCE: Final = 0.5
"""A line read with less can't clear a word."""


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
    closer = min(LOOKING_CLOSER, max(1.0, LOOKING_SIDE / max(height, width)))
    seen = pixels if closer == 1 else _enlarged(pixels, closer)
    faces = find_faces(seen)
    upright = [head(face / closer) for face in faces.upright]
    # A turned face inside the head of an upright one is that face, seen again.
    turned = [
        head(face, turned=True)
        for face in faces.turned / closer
        if not any(_within(face, corners) for corners in upright)
    ]
    regions = [Region("face", corners) for corners in upright + turned]
    words: list[ClearedWord] = []
    for found in find_lines(seen):
        line = replace(found, quad=found.quad / closer)
        spans, whole = _cleared(line, lexicon)
        words.extend(_word(line, span, width, height) for span in spans)
        if not whole:
            regions.append(Region("text", grown(line.quad)))
    return Examination(tuple(regions), tuple(words), mask_of(regions, height, width))


def head(face: NDArray[np.float64], *, turned: bool = False) -> NDArray[np.float64]:
    """Return the (4, 2) corners of the head around a face box x0, y0, x1, y1.

    A turned face has its hair on any side, so it gets the widest margin on all of them.
    """
    x0, y0, x1, y1 = face
    tall = y1 - y0
    if turned:
        by = HEAD_ABOVE * max(tall, x1 - x0)
        left, top, right, bottom = x0 - by, y0 - by, x1 + by, y1 + by
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    wide = max(x1 - x0, NARROWEST_FACE * tall)
    middle, half = (x0 + x1) / 2, (0.5 + HEAD_BESIDE) * wide
    left, right = middle - half, middle + half
    top, bottom = y0 - HEAD_ABOVE * tall, y1 + HEAD_BELOW * tall
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


def _within(face: NDArray[np.float64], corners: NDArray[np.float64]) -> bool:
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool((face[:2] >= low).all() and (face[2:] <= high).all())


def _enlarged(pixels: NDArray[np.uint8], closer: float) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    size = (round(width * closer), round(height * closer))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


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
