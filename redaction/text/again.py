"""The second look for text: the veiled photo mirrored, with its contrast evened out, unread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.text import reader
from redaction.text.detector import text_map
from redaction.text.finding import (
    FAINT_HEIGHT,
    LOWEST_READ,
    PHANTOM_HEIGHT,
    near_scale,
    says_nothing,
    share_of,
    shorter_side,
)
from redaction.text.line import Line, Outline
from redaction.text.shapes import Shape, shapes
from redaction.types.photo import Box

CONTRAST: Final = 3.0
"""OpenCV's CLAHE limit, over 8 by 8 fields. Mirrored and evened out, the photo shows the detector
about a tenth of the text in streets that it missed (ICDAR-2015 sample: .60 to .66 covered)."""
LEAST_LETTERS: Final = 4
LEAST_CONFIDENCE: Final = 0.6
"""From which on a remnant is legible: less is what readers see in any texture."""

SEAM: Final = 5
"""Pixels of the map by which twice what is known grows, less one: where a veil cuts a letter, the
detector sees the cut."""
BESIDE_KNOWN: Final = 0.3
"""Share of a remnant's veil that is known, from which on it gets no margin."""
_NOWHERE: Final = np.empty((0, 2))


@dataclass(frozen=True)
class Known:
    """Where there is nothing to be found in a veiled photo."""

    mask: NDArray[np.bool_]
    """(h, w), true under the veil."""
    cleared: Sequence[NDArray[np.float64]] = ()
    """(4, 2) corners of each line that stays visible."""

    @cached_property
    def everywhere(self) -> NDArray[np.bool_]:
        """(h, w), true under the veil and on cleared lines."""
        canvas = self.mask.astype(np.uint8)
        for quad in self.cleared:
            cv2.fillConvexPoly(canvas, np.rint(quad).astype(np.int32), 1)
        return canvas.astype(np.bool_)


def find_remnants(
    veiled: NDArray[np.uint8], known: Known, size: float = 1.0
) -> tuple[Outline, ...]:
    """Return the outlines of text still to be seen in a veiled photo, (h, w, 3) uint8 RGB.

    `size` is the scale of the look, of the first one's: half costs a quarter.
    """
    taken = known.everywhere.astype(np.uint8)
    # On a cleared line nothing was seen here, for it is taken out of the map: the line wins, also
    # where the remnant's shape, which has to be convex, lies over it.
    # Beside a veil or a cleared line, the shape itself is enough: a margin would veil the name.
    return tuple(
        Outline(
            shape.quad
            if share_of(taken, shape.outline.veil) >= BESIDE_KNOWN
            else shape.outline.veil,
            _NOWHERE,
        )
        for shape in _look(veiled, known, size)
    )


def legible_remains(
    veiled: NDArray[np.uint8],
    known: Known,
    size: float = 1.0,
    within: Sequence[Box] | None = None,
) -> bool:
    """Say whether text that is not `known` can be read in a veiled photo, within some boxes."""
    for shape in _look(veiled, known, size, within):
        if not shape.sure or Line(shape.quad).height < LOWEST_READ:
            continue
        text, confidence = reader.read(veiled, shape.quad)
        if sum(c.isalnum() for c in text) >= LEAST_LETTERS and confidence >= LEAST_CONFIDENCE:
            return True
    return False


def _look(
    veiled: NDArray[np.uint8],
    known: Known,
    size: float,
    within: Sequence[Box] | None = None,
) -> list[Shape]:
    height, width = veiled.shape[:2]
    if within is None:
        within = (Box(0, 0, width, height),)
    if not within:
        return []
    scale = near_scale(height, width) * size
    # Beside flat veils the detector takes the rest of a busy photo for one large text, and says
    # nothing of what is in it: in 10 of 42 photos, in 5 where the veil is strewn over.
    found = _shapes_in(_strewn(veiled, known.mask), known, scale, within)
    kept, scenery = _told_apart(veiled, found)
    if any(shape.sure for shape in scenery) and known.mask.any():
        found = _shapes_in(veiled, known, scale, within)
        more, also = _told_apart(veiled, found)
        kept, scenery = kept + more, scenery + also
    strokes = [outline for shape in scenery for outline in shape.strokes]
    return kept + [Shape(o.letters, o.letters, o, sure=False) for o in strokes]


def _told_apart(veiled: NDArray[np.uint8], found: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    """Return what may be text, and what is too tall to be any."""
    scenery = [_is_scenery(veiled, shape) for shape in found]
    return (
        [shape for shape, no_text in zip(found, scenery, strict=True) if not no_text],
        [shape for shape, no_text in zip(found, scenery, strict=True) if no_text],
    )


def _shapes_in(
    veiled: NDArray[np.uint8], known: Known, scale: float, within: Sequence[Box]
) -> list[Shape]:
    """Return the shapes of what is not `known`, in pixels of the photo."""
    height, width = veiled.shape[:2]
    evened = _evened(veiled)
    seen = np.zeros((max(1, round(height * scale)), max(1, round(width * scale))), np.float32)
    for box in within:
        flipped = np.ascontiguousarray(evened[box.y0 : box.y1, box.x0 : box.x1][:, ::-1])
        part = text_map(flipped, scale)[:, ::-1]
        place = seen[round(box.y0 * scale) :, round(box.x0 * scale) :]
        rows, columns = (min(a, b) for a, b in zip(part.shape, place.shape, strict=True))
        place[:rows, :columns] = part[:rows, :columns]
    # Taken out of the map, and not of what is found in it: the rest of a line that is half under
    # another's veil is a line.
    seen[_grown(known.everywhere, seen.shape)] = 0
    return [shape.at(scale) for shape in shapes(seen)]


def _strewn(veiled: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the photo with pixels of the rest strewn over the veil; always the same way."""
    hidden, rest = np.flatnonzero(mask), np.flatnonzero(~mask)
    if not len(hidden) or not len(rest):
        return veiled
    drawn = rest[np.random.default_rng(0).integers(0, len(rest), len(hidden))]
    # Four bytes a pixel are moved at once, three are not.
    four = cv2.cvtColor(veiled, cv2.COLOR_RGB2RGBA)
    whole = four.view(np.uint32).reshape(-1)
    whole[hidden] = whole[drawn]
    return cv2.cvtColor(four, cv2.COLOR_RGBA2RGB).astype(np.uint8, copy=False)


def _grown(known: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    size = (shape[1], shape[0])
    small = cv2.resize(known.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return cv2.dilate(small, np.ones((SEAM, SEAM), np.uint8)).astype(np.bool_)


def _is_scenery(veiled: NDArray[np.uint8], shape: Shape) -> bool:
    """Say whether a shape is too tall to be text that nobody can read."""
    line, side = Line(shape.quad), shorter_side(*veiled.shape[:2])
    if not shape.sure:
        return bool(line.height > FAINT_HEIGHT * side)
    if line.height <= PHANTOM_HEIGHT * side:
        return False
    text, confidence = reader.read(veiled, shape.quad)
    if confidence < LEAST_CONFIDENCE:
        return True
    return says_nothing(replace(line, text=text, confidence=confidence), line.height / side)


def _evened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    lab[:, :, 0] = cv2.createCLAHE(CONTRAST, (8, 8)).apply(lab[:, :, 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).astype(np.uint8)
