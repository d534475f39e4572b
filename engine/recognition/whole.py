"""A whole photo as numbers: what taught scenes, and trained heads of scenes, are told by."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv
from engine.recognition.backbone import Backbone, Pixels
from engine.recognition.veil import blind
from engine.recognition.weights import LITE0

LONGEST: Final = (320, 448)
"""Longer sides at which the photo's upper and lower half are looked at."""
LAYOUT: Final = 0.85
"""How much the halves count beside the whole. They tell a sky from a desert."""

Floats = NDArray[np.float64]


def embedded(
    backbone: Backbone, pixels: Pixels, whole: NDArray[np.float32] | None = None
) -> Floats:
    """Return the photo, (h, w, 3) uint8 RGB, as numbers: the whole, and with Lite0 the halves.

    What is veiled does not count in the halves. A net in Lite0's place gives the whole alone.
    `whole` is the net's embedding of these pixels, where it is at hand.
    """
    seen = backbone.embedding(pixels) if whole is None else whole
    numbers = _unit(np.asarray(seen, dtype=np.float64))
    if backbone.net != LITE0:
        return numbers
    bare = (~blind(pixels)).astype(np.float32)
    halves = [_halves(backbone, pixels, bare, longest) for longest in LONGEST]
    return np.concatenate([numbers, *(LAYOUT * _unit(half) for half in halves)])


def _halves(backbone: Backbone, pixels: Pixels, bare: NDArray[np.float32], longest: int) -> Floats:
    """Return the means of the coarse map over the upper and the lower half's bare places."""
    coarse = np.asarray(backbone.maps(pixels, longest).stride32, dtype=np.float64)
    height, width = coarse.shape[1:]
    small = cv.resize(bare, (width, height), interpolation=cv.INTER_AREA)
    weights = np.asarray(small, dtype=np.float64).reshape(height, width)
    # A photo of one row has no halves: both are the whole of it.
    middle = (height + 1) // 2
    return np.concatenate(
        [_mean(coarse, weights, rows) for rows in (slice(middle), slice(height - middle, height))]
    )


def _mean(coarse: Floats, weights: Floats, rows: slice) -> Floats:
    inside = weights[rows]
    # Of what is veiled from edge to edge the veil's look is all there is.
    inside = inside if inside.sum() > 0 else np.ones_like(inside)
    return np.asarray((coarse[:, rows] * inside).sum(axis=(1, 2)) / inside.sum())


def _unit(numbers: Floats) -> Floats:
    # Roots tame the few numbers that are large.
    roots = np.sign(numbers) * np.sqrt(np.abs(numbers))
    return roots / max(float(np.linalg.norm(roots)), 1e-9)
