"""The text reader: PP-OCRv6 small, as RapidOCR's wheel ships it, on one line cut out of a photo."""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.errors import ModelUnusable
from redaction.models import text_recogniser
from redaction.nets import load_net

HEIGHT: Final = 48
"""Pixels to which a line is scaled: what the net was trained on."""
_NARROWEST: Final = 64
_STEP: Final = 16
UPRIGHT_AT_MOST: Final = 1.5
"""Height by width from which on a line is taken to run downwards, and turned before it is read."""


@cache
def net() -> tuple[Any, tuple[str, ...]]:
    """Return the net and its characters, loaded once per process; raises `ModelUnusable`."""
    session = load_net(text_recogniser(), keep_memory=True)
    characters = session.get_modelmeta().custom_metadata_map.get("character", "").splitlines()
    classes = session.get_outputs()[0].shape[-1]
    # The blank of CTC comes first, the space last.
    if len(characters) + 2 != classes:
        raise ModelUnusable("the text reader and its characters do not agree")
    return session, ("", *characters, " ")


def width_of(quad: NDArray[np.float64]) -> int:
    """Return how many pixels wide the line is when it is read, which is what reading costs."""
    across, down = _sides(quad)
    if down >= UPRIGHT_AT_MOST * across:
        across, down = down, across
    wide = max(_NARROWEST, round(HEIGHT * across / max(down, 1.0)))
    return -(-wide // _STEP) * _STEP


def read(
    pixels: NDArray[np.uint8],
    quad: NDArray[np.float64],
    *,
    narrower: float = 1.0,
    upside_down: bool = False,
) -> tuple[str, float]:
    """Return the text in (4, 2) `quad` of (h, w, 3) RGB `pixels`, and its confidence 0 to 1.

    The line may be scaled to less than its width, or turned upside down, before it is read.
    """
    cut = _cut(pixels, quad)
    if narrower < 1:
        size = (max(1, round(cut.shape[1] * narrower)), cut.shape[0])
        cut = cv2.resize(cut, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    if upside_down:
        cut = cv2.rotate(cut, cv2.ROTATE_180).astype(np.uint8)
    strip = _strip(cut, width_of(quad))
    session, characters = net()
    scores = session.run(None, {session.get_inputs()[0].name: strip})[0][0]
    if not np.isfinite(scores).all():
        raise ValueError("the text reader answered with something that is no score")
    best = scores.argmax(axis=1)
    # CTC: of a run of the same class the first counts, and blanks do not.
    first = np.ones(len(best), dtype=np.bool_)
    first[1:] = best[1:] != best[:-1]
    taken = np.flatnonzero(first & (best != 0))
    if not taken.size:
        return "", 0.0
    return "".join(characters[i] for i in best[taken]), float(scores[taken, best[taken]].mean())


def _sides(quad: NDArray[np.float64]) -> tuple[float, float]:
    across = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    down = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    return float(across), float(down)


def _cut(pixels: NDArray[np.uint8], quad: NDArray[np.float64]) -> NDArray[np.uint8]:
    across, down = _sides(quad)
    width, height = max(1, int(across)), max(1, int(down))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(quad.astype(np.float32), flat)
    cut = cv2.warpPerspective(
        pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if height >= UPRIGHT_AT_MOST * width:
        cut = cv2.rotate(cut, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return cut.astype(np.uint8)


def _strip(cut: NDArray[np.uint8], width: int) -> NDArray[np.float32]:
    within = min(width, max(1, -(-HEIGHT * cut.shape[1] // cut.shape[0])))
    how = cv2.INTER_AREA if cut.shape[0] > HEIGHT else cv2.INTER_LINEAR
    line = cv2.resize(np.ascontiguousarray(cut), (within, HEIGHT), interpolation=how)
    strip = np.zeros((1, 3, HEIGHT, width), dtype=np.float32)
    # Blue first, -1 to 1, as it was trained; what lies beside the line is the grey between.
    strip[0, :, :, :within] = line[:, :, ::-1].transpose(2, 0, 1) * np.float32(2 / 255) - 1
    return strip
