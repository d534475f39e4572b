"""Look for lines of text at two sizes, and read what can be read."""

from dataclasses import dataclass, field, replace
from typing import Final, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.text import reader
from redaction.text.detector import text_map
from redaction.text.line import Line
from redaction.text.shapes import Shape, shapes


class Otherwise(TypedDict, total=False):
    """How else a line can be read."""

    narrower: float
    upside_down: bool


NEAR_SIDE: Final = 1280
"""Longest side in pixels to which a smaller photo is enlarged, at most by `CLOSEST`."""
CLOSEST: Final = 2.0
FAR: Final = 0.5
"""Scale of the other look, of the near one: letters can be too large for the detector, too."""
MOST_WIDTH: Final = 8_000
"""Pixels of all lines that are read in one photo, side by side, 48 high: about a quarter of a CPU
second. The tallest come first; the others are veiled unread."""
LONGEST_READ: Final = 40
"""Width by height of a line that is read; the reader's memory grows with it."""
LOWEST_READ: Final = 6.0
"""Pixels of height; nobody can read less."""
OTHERWISE: Final[tuple[tuple[float, Otherwise], ...]] = (
    (0.97, {"narrower": 0.85}),
    (0.97, {"upside_down": True}),
)
"""Confidence below which a line is read again, and how: what is read more surely counts. Of 36
drawn names that RapidOCR reads, 33 are read at first, 34 narrower; what stands on its head is read
by nobody else, and of what runs up or down nobody knows which way."""
PHANTOM_HEIGHT: Final = 0.2
"""Share of the photo's shorter side. The detector takes whole skies, faces and bodies for text of
that height (a third of a sample of COCO and SUN photos would have gone grey); real text so large
is read easily. So a region taller than this that was looked at by the reader counts only when it
reads as something."""
PHANTOM_CONFIDENCE: Final = 0.3
FEW: Final = 2
"""Letters that whole pictures are read as: of 70 such regions in 208 photos, 4 were letters."""
FEW_CONFIDENCE: Final = 0.8
"""What a region that reads as so few needs, and any that is taller than the photo is wide."""
FEW_HEIGHT: Final = 0.4
"""Share of the photo's shorter side from which on so few letters are a picture, however sure."""
FAINT_HEIGHT: Final = 0.1
"""The same share for what is too faint to be read: taller, it is never text (no box of the
ICDAR-2015 and SROIE samples is lost, and the veil on 43 COCO photos halves)."""
KNOWN: Final = 0.7
"""Share of a kernel that lies in lines found before, from which on it is the same text."""

ALONE: Final = 0.9
"""Share of a kernel that lies in a line's quad, below which there is more than the line."""


@dataclass
class _Found:
    """What the looks have found so far, in pixels of the photo."""

    lines: list[Line]
    readable: list[bool]
    known: NDArray[np.uint8]
    """(h, w), 1 where a line is."""
    apart: list[Line] = field(default_factory=list)
    """What is too tall and faint for a line: only its strokes count."""


def find_lines(pixels: NDArray[np.uint8]) -> tuple[Line, ...]:
    """Return the lines of text of an (h, w, 3) uint8 RGB photo."""
    height, width = pixels.shape[:2]
    near = near_scale(height, width)
    found = _Found([], [], np.zeros((height, width), dtype=np.uint8))
    # INVARIANT: the second look only adds; it can't unveil what the first one found.
    for scale in (near, near * FAR):
        for shape in shapes(text_map(pixels, scale)):
            _add(found, shape.at(scale), FAINT_HEIGHT * shorter_side(height, width))
        for line in found.lines:
            _draw(found.known, line.quad)
    _read(pixels, found)
    tall = PHANTOM_HEIGHT * shorter_side(height, width)
    lines = [part_of(line, tall) if is_phantom(line, tall) else line for line in found.lines]
    return tuple(line for line in (*lines, *found.apart) if line.outlines)


def shorter_side(height: int, width: int) -> float:
    """Return the side by which heights of text are judged: of a strip, what a photo would have."""
    return max(float(min(height, width)), max(height, width) / 3)


def near_scale(height: int, width: int) -> float:
    """Return the scale at which a photo of that size is looked at for small letters."""
    return min(CLOSEST, max(1.0, NEAR_SIDE / max(height, width)))


def is_phantom(line: Line, tall: float) -> bool:
    """Say whether a tall region was looked at by the reader, and found to say nothing."""
    if line.height <= tall or not line.read:
        return False
    return says_nothing(line, line.height * PHANTOM_HEIGHT / tall)


def part_of(phantom: Line, tall: float) -> Line:
    """Return what has to go under the veil of something tall that says nothing, unread.

    Its strokes, if it is lines that cross; and what another size showed in it.
    """
    seen = [o for o in phantom.outlines if Line(o.letters).height <= tall]
    return Line(phantom.quad, outlines=(*seen, *phantom.strokes))


def says_nothing(line: Line, share: float) -> bool:
    """Say whether what was read in a line is nothing; `share` is its height by the photo's."""
    letters = sum(c.isalnum() for c in line.text)
    if letters == 0 or (letters <= FEW and share > FEW_HEIGHT):
        return True
    doubtful = letters <= FEW or share > 1
    return line.confidence < (FEW_CONFIDENCE if doubtful else PHANTOM_CONFIDENCE)


def _add(found: _Found, shape: Shape, tallest_faint: float) -> None:
    line = Line(shape.quad, outlines=(shape.outline,), strokes=shape.strokes)
    if not shape.sure and line.height > tallest_faint:
        found.apart.append(replace(line, outlines=shape.strokes))
        return
    if share_of(found.known, shape.kernel) < KNOWN:
        found.lines.append(line)
        found.readable.append(shape.sure)
        return
    # The same text, seen at another size: its shape counts too, if it is one line's alone.
    at = _same(found.lines, shape)
    if at is not None:
        line = found.lines[at]
        cut = line.cut or _inside(line.quad, shape.kernel) < ALONE
        quad = line.quad if cut or not shape.sure else _lengthened(line, shape.quad)
        found.lines[at] = replace(
            line,
            quad=quad,
            outlines=(*line.outlines, shape.outline),
            strokes=(*line.strokes, *shape.strokes),
            cut=cut,
        )


def _same(lines: list[Line], shape: Shape) -> int | None:
    """Return which line has the middle of the shape, when the line is most of the shape."""
    middle = shape.quad.mean(axis=0)
    for i, line in enumerate(lines):
        outline = line.quad.astype(np.float32)
        if cv2.pointPolygonTest(outline, (float(middle[0]), float(middle[1])), False) >= 0:
            areas = [abs(cv2.contourArea(q.astype(np.float32))) for q in (line.quad, shape.quad)]
            return i if areas[0] >= areas[1] / 2 else None
    return None


def _lengthened(line: Line, other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a line's quad as long as another quad of it shows it, a letter's width more at most.

    A kernel may end before the last letter does, and a name without it is none of the catalogue.
    """
    quad = line.quad
    sides = quad[1] - quad[0], quad[3] - quad[0]
    lengths = [float(np.linalg.norm(side)) for side in sides]
    if min(lengths) < 1:
        return quad
    level = lengths[0] >= lengths[1]
    along = sides[not level] / max(lengths)
    reach, new = (points @ along for points in (quad, other))
    before = np.clip(reach.min() - new.min(), 0, min(lengths))
    after = np.clip(new.max() - reach.max(), 0, min(lengths))
    last = np.array([0, 1, 1, 0] if level else [0, 0, 1, 1], np.bool_)
    longer: NDArray[np.float64] = quad + np.where(last, after, -before)[:, None] * along
    return longer


def _inside(quad: NDArray[np.float64], kernel: NDArray[np.float64]) -> float:
    both, _ = cv2.intersectConvexConvex(quad.astype(np.float32), kernel.astype(np.float32))
    return both / max(abs(cv2.contourArea(kernel.astype(np.float32))), 1.0)


def _read(pixels: NDArray[np.uint8], found: _Found) -> None:
    """Read the readable lines, the tallest first, until the photo has cost enough."""
    left = MOST_WIDTH
    order = sorted(range(len(found.lines)), key=lambda i: (-found.lines[i].height, i))
    for i in order:
        line = found.lines[i]
        width = reader.width_of(line.quad)
        small = line.height < LOWEST_READ or width > LONGEST_READ * reader.HEIGHT
        if small or not found.readable[i] or width > left:
            continue
        left -= width
        text, confidence = reader.read(pixels, line.quad)
        for least, otherwise in OTHERWISE:
            if confidence < least and width <= left:
                left -= width
                other = reader.read(pixels, line.quad, **otherwise)
                text, confidence = max((text, confidence), other, key=lambda read: read[1])
        found.lines[i] = replace(line, text=text, confidence=confidence, read=True)


def _draw(canvas: NDArray[np.uint8], quad: NDArray[np.float64]) -> None:
    cv2.fillConvexPoly(canvas, np.rint(quad).astype(np.int32), 1)


def share_of(known: NDArray[np.uint8], quad: NDArray[np.float64]) -> float:
    """Return the share of the quad that is known, looking only at the part of the photo around."""
    height, width = known.shape
    x0, y0 = np.clip(np.floor(quad.min(axis=0)), 0, [width, height]).astype(int)
    x1, y1 = np.clip(np.ceil(quad.max(axis=0)) + 1, 0, [width, height]).astype(int)
    inside = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
    if not inside.size:
        return 0.0
    _draw(inside, quad - [x0, y0])
    return float((known[y0:y1, x0:x1] & inside).sum()) / max(int(inside.sum()), 1)
