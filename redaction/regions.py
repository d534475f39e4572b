"""What to veil: heads or whole people, codes, and text that no catalogue names.

All are looked for on the same pixels; one mask is the union. Where they meet, the veil wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from policies.lexicon import Lexicon
from redaction.clearing import LEAST_CONFIDENCE, Span, clear
from redaction.codes import find_codes
from redaction.faces import SURE, find_faces
from redaction.hinting import hinted, joined, placed
from redaction.people import find_people
from redaction.personal import must_be_veiled
from redaction.rules import RedactionRules
from redaction.text import Line, find_lines
from redaction.text.plates import plate_border, plate_like
from redaction.types.photo import ClearedWord
from redaction.types.region import Region

# A face box runs from the brows to the chin. Hair, ears and neck identify as well (Oh et al.
# 2016), and a box that is a little off must still cover the face. Above and below are
# shares of the box's height, beside of its width.
HEAD_ABOVE: Final = 0.45
HEAD_BESIDE: Final = 0.40
HEAD_BELOW: Final = 0.20
NARROWEST_FACE: Final = 0.8
"""Width by height. A face turned aside gets a narrow box on a round head."""
CROWD: Final = 25
"""Faces of which the detector is not sure, from which on they are a crowd."""
SMALLEST_FACE: Final = 11.0
"""Pixels of the longer side of a face's box; smaller ones name nobody."""
FACE_COVERED: Final = 0.75
"""Share of a face's box under a veil from which on it is another's veil, or its own, that was
seen."""


@dataclass(frozen=True)
class Examination:
    """What was found in one photo. Private to redaction."""

    regions: tuple[Region, ...]
    words: tuple[ClearedWord, ...]
    cleared: tuple[NDArray[np.float64], ...]
    """(4, 2) corners of each line that stays visible."""
    doubted: float
    """Share of the photo that is veiled for faces of which the detector is not sure; none where
    they are no crowd."""


def examine(pixels: NDArray[np.uint8], rules: RedactionRules) -> Examination:
    """Look for people, codes and text in (h, w, 3) uint8 RGB `pixels`."""
    faces = find_faces(pixels)
    regions = [
        Region("face", head(face, turned=bool(turned)))
        for face, turned in zip(faces.boxes, faces.turned, strict=True)
    ]
    doubted = _doubted(regions, faces.scores >= SURE, *pixels.shape[:2])
    if rules.people == "people":
        # A body hangs below a face that is sure, and upright; others have boxes of their own.
        with_body = faces.boxes[(faces.scores >= SURE) & ~faces.turned]
        regions += [Region("person", corners) for corners in find_people(pixels, with_body)]
    regions += [Region("code", corners) for corners in find_codes(pixels)]
    text, words, cleared = _text(pixels, rules)
    regions += text
    return Examination(tuple(regions), tuple(words), tuple(cleared), doubted)


def _doubted(heads: Sequence[Region], sure: NDArray[np.bool_], height: int, width: int) -> float:
    if len(sure) - np.count_nonzero(sure) < CROWD:
        return 0.0
    whole = mask_of(heads, height, width)
    surely = mask_of([h for h, s in zip(heads, sure, strict=True) if s], height, width)
    return float((whole & ~surely).mean())


def _text(
    pixels: NDArray[np.uint8], rules: RedactionRules
) -> tuple[list[Region], list[ClearedWord], list[NDArray[np.float64]]]:
    height, width = pixels.shape[:2]
    regions: list[Region] = []
    words: list[ClearedWord] = []
    cleared: list[NDArray[np.float64]] = []
    nameless: list[Line] = []
    for line in find_lines(pixels):
        spans, whole = _cleared(line, rules.lexicon)
        if not spans:
            nameless.append(line)
            spans = hinted(line, rules.lexicon)
        words.extend(placed(line, span, width, height) for span in spans)
        # INVARIANT: what is not all names of the catalogue stays visible under one rule only.
        if whole or (rules.text == "pii-only" and not line.cut and not must_be_veiled(line)):
            cleared.append(line.quad)
            continue
        regions += text_regions(line)
    words.extend(joined(nameless, rules.lexicon, width, height))
    return regions, words, cleared


def text_regions(line: Line) -> list[Region]:
    """Return what to veil for a line that may not be seen."""
    regions = [Region("text", outline.veil, core=outline.letters) for outline in line.outlines]
    return [*regions, Region("plate", plate_border(line))] if plate_like(line) else regions


def is_bare(box: NDArray[np.float64], mask: NDArray[np.bool_]) -> bool:
    """Say whether a face x0, y0, x1, y1 is large enough to name somebody, and not veiled."""
    height, width = mask.shape
    x0, y0 = np.clip(np.floor(box[:2]), 0, [width, height]).astype(int)
    x1, y1 = np.clip(np.ceil(box[2:]), 0, [width, height]).astype(int)
    inside = mask[y0:y1, x0:x1]
    large = max(box[2] - box[0], box[3] - box[1]) >= SMALLEST_FACE
    return bool(large and inside.size and inside.mean() < FACE_COVERED)


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


def mask_of(
    regions: Sequence[Region],
    height: int,
    width: int,
    cleared: Sequence[NDArray[np.float64]] = (),
) -> NDArray[np.bool_]:
    """Return the (height, width) union of the regions; what lies outside the photo is cut.

    A line that stays visible, one of the `cleared` quads, keeps its place from the margins of the
    regions, never from their cores.
    """
    canvas = np.zeros((height, width), dtype=np.uint8)
    for region in regions:
        if region.core is not None:
            _draw(canvas, region.corners, 1)
    for quad in cleared:
        _draw(canvas, quad, 0)
    for region in regions:
        _draw(canvas, region.corners if region.core is None else region.core, 1)
    return canvas.astype(np.bool_)


def _draw(canvas: NDArray[np.uint8], corners: NDArray[np.float64], value: int) -> None:
    if not len(corners):
        return
    outline = np.rint(np.clip(corners, -4 * 4096, 8 * 4096)).astype(np.int32)
    cv2.fillConvexPoly(canvas, cv2.convexHull(outline), value)


def _cleared(line: Line, lexicon: Lexicon) -> tuple[tuple[Span, ...], bool]:
    # Not `<`: what is no number clears nothing.
    if not line.confidence >= LEAST_CONFIDENCE or line.cut:
        return (), False
    clearing = clear(line.text, lexicon)
    return clearing.spans, clearing.whole
