"""Where text is and what it says: RapidOCR (PP-OCRv6 small), whose models ship in its wheel.

Promises one `Line` for every region in which the detector saw text, readable or not, but for
phantoms: see `PHANTOM_HEIGHT`. The text read stays inside this package: it is compared with the
catalogue and forgotten.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.errors import ModelUnusable
from redaction.models import text_detector, text_recogniser

PIXEL_THRESHOLD: Final = 0.2
BOX_THRESHOLD: Final = 0.3
"""RapidOCR's own are 0.3 and 0.5; the lower ones find 7 to 10 % more of the text in streets at
the same cost (measured on ICDAR-2015 and SROIE samples)."""
MOST_READ: Final = 400
"""Lines read in one photo; further ones are found, and veiled unread."""
LONGEST_READ: Final = 40
"""Width by height of a line that is read; the recogniser's memory grows with it."""
PHANTOM_HEIGHT: Final = 0.2
"""Share of the photo's shorter side. The detector takes whole skies, faces and bodies for text of
that height (a third of a sample of COCO and SUN photos would have gone grey); real text so large
is read easily. So a region taller than this that was looked at by the reader counts only when it
reads as something, be it one letter that is sure."""
PHANTOM_CONFIDENCE: Final = 0.3
LETTER_CONFIDENCE: Final = 0.8
"""The same for a single letter: whole pictures read as one at 0.3 to 0.8 (16 of 22 such regions in
66 sample photos), letters that are there at 0.9 and more."""
AGAIN_AT: Final = 0.5
"""Scale of a second look: the detector misses letters that are too large for it, too."""
KNOWN: Final = 0.7
"""Share of a region that lies in lines found before, from which on it is the same text."""
_PAD: Final = 32


@dataclass(frozen=True)
class Line:
    """One region of text. Private to redaction: `text` is what somebody wrote."""

    quad: NDArray[np.float64]
    """(4, 2) corners x, y, clockwise from the text's upper left."""
    text: str = field(repr=False, default="")
    """What was read; empty when nothing was."""
    confidence: float = 0.0
    """0 to 1."""
    read: bool = False
    """Whether the reader looked at it at all."""


@cache
def load() -> Any:
    """Return the OCR engine, loaded once per process; raises `ModelUnusable`."""
    try:
        from rapidocr import RapidOCR  # noqa: PLC0415

        params = {
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.use_vertical_padding": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            # Named paths: with them RapidOCR has no reason to go and download anything.
            "Det.model_path": str(text_detector()),
            "Rec.model_path": str(text_recogniser()),
            "Det.limit_type": "max",
            "Det.limit_side_len": 4096,
            "Det.thresh": PIXEL_THRESHOLD,
            "Det.box_thresh": BOX_THRESHOLD,
            "Det.max_candidates": 20_000,
        }
        engine = RapidOCR(params=params)
        # The engine loads its nets when they are first used; use them now, so that a broken
        # one is found before the first photo.
        blank = np.full((64, 64, 3), 255, dtype=np.uint8)
        _detect(engine, blank)
        engine.recognize_txt([blank])
        return engine
    except Exception as error:
        raise ModelUnusable("the text reader does not load") from error


def find_lines(pixels: NDArray[np.uint8]) -> tuple[Line, ...]:
    """Return the lines of text of an (h, w, 3) uint8 RGB photo."""
    height, width = pixels.shape[:2]
    first = _look(pixels, np.zeros((height, width), dtype=np.uint8))
    if min(height, width) * AGAIN_AT < _PAD:
        return first
    # INVARIANT: the second look only adds regions; it can't unveil what the first one found.
    size = (round(width * AGAIN_AT), round(height * AGAIN_AT))
    smaller = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    scale = np.array([width / size[0], height / size[1]])
    known = np.zeros((size[1], size[0]), dtype=np.uint8)
    for line in first:
        _draw(known, line.quad / scale)
    second = _look(smaller, known)
    return (*first, *(replace(line, quad=line.quad * scale) for line in second))


def _look(pixels: NDArray[np.uint8], known: NDArray[np.uint8]) -> tuple[Line, ...]:
    """Find and read lines, but for regions that `known`, (h, w) of 0 and 1, has already."""
    engine = load()
    # The models were trained on BGR; the border lets text at the edge be found.
    bgr = np.pad(pixels[:, :, ::-1], ((_PAD, _PAD), (_PAD, _PAD), (0, 0)), mode="edge")
    all_crops, all_quads = _detect(engine, bgr)
    new = [i for i, quad in enumerate(all_quads) if _share_of(known, quad - _PAD) < KNOWN]
    crops, quads = [all_crops[i] for i in new], all_quads[new] - _PAD
    readable = [i for i, crop in enumerate(crops) if _is_readable(crop)][:MOST_READ]
    lines = [Line(quad) for quad in quads]
    if readable:
        answer = engine.recognize_txt([crops[i] for i in readable])
        for i, text, score in zip(readable, answer.txts, answer.scores, strict=True):
            lines[i] = Line(quads[i], text, float(score), read=True)
    tall = PHANTOM_HEIGHT * min(pixels.shape[:2])
    return tuple(line for line in lines if not _is_phantom(line, tall))


def _draw(canvas: NDArray[np.uint8], quad: NDArray[np.float64]) -> None:
    cv2.fillConvexPoly(canvas, np.rint(quad).astype(np.int32), 1)


def _share_of(known: NDArray[np.uint8], quad: NDArray[np.float64]) -> float:
    inside = np.zeros_like(known)
    _draw(inside, quad)
    return float((known & inside).sum()) / max(int(inside.sum()), 1)


def _is_phantom(line: Line, tall: float) -> bool:
    """Say whether a tall region was looked at by the reader, and found to say nothing."""
    sides = np.linalg.norm(line.quad[:2] - line.quad[1:3], axis=1)
    if float(sides.min()) <= tall or not line.read:
        return False
    letters = sum(c.isalnum() for c in line.text)
    least = LETTER_CONFIDENCE if letters == 1 else PHANTOM_CONFIDENCE
    return letters == 0 or line.confidence < least


def _detect(
    engine: Any, bgr: NDArray[np.uint8]
) -> tuple[list[NDArray[np.uint8]], NDArray[np.float64]]:
    from rapidocr.main import RapidOCRError  # noqa: PLC0415

    try:
        crops, found = engine.detect_and_crop(bgr, {})
    except RapidOCRError:
        return [], np.empty((0, 4, 2))  # how RapidOCR says that there is no text
    return crops, np.asarray(found.boxes, dtype=np.float64).reshape(-1, 4, 2)


def _is_readable(crop: NDArray[np.uint8]) -> bool:
    height, width = crop.shape[:2]
    return bool(height > 0 and 0 < width <= LONGEST_READ * height)
