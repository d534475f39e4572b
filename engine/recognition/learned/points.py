"""A photo, or a part of it, as the numbers that heads are made of: the same in training and in use.

Brands are told by windows, whitened as `regions` sees them. Scenes and interests are told by the
whole photo, as taught scenes see it, less what is common to pictures of anything: else all photos
would lie in one direction.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone, Pixels
from engine.recognition.nets import Net
from engine.recognition.regions.find import embedded
from engine.recognition.regions.whitened import bank
from engine.recognition.weights import LITE0
from engine.recognition.weights.regions import (
    BANK,
    BANK_DIGEST,
    EMBEDDER,
    WHITENING,
    WHITENING_DIGEST,
)
from engine.recognition.weights.scenes import OTHERS, OTHERS_DIGEST, others
from engine.recognition.whole import embedded as embedded_whole
from policies.model_release import TaughtKind

Floats = NDArray[np.float32]

_SHORTEST: Final = 1e-9


def points_of_boxes(pixels: Pixels, boxes: Floats) -> Floats:
    """Return (n, 128), a row of length 1 for each box (n, 4) of a photo."""
    return embedded(pixels, boxes)


def point_of_whole(
    backbone: Backbone, pixels: Pixels, whole: NDArray[np.float32] | None = None
) -> Floats:
    """Return (1, d), of length 1, of a whole photo; `whole` is its embedding, where at hand."""
    seen = embedded_whole(backbone, pixels, whole)
    return _units((seen - _centre(backbone.net))[None])


def public_points(kind: TaughtKind, embedding: Net | None) -> Floats | None:
    """Return (n, d) public rows of what is none of anybody's labels; None for a net without any.

    Raises `NetUnusable` where a file is not the one that ships.
    """
    if kind == "brand":
        return bank()
    return _public_wholes() if embedding is None else None


def digests_of(kind: TaughtKind, embedding: Net | None) -> dict[str, str]:
    """Return what the numbers follow from: the digests of these files, by name."""
    if kind == "brand":
        return {
            BANK.name: BANK_DIGEST,
            EMBEDDER.file.name: EMBEDDER.digest,
            WHITENING.name: WHITENING_DIGEST,
        }
    if embedding is not None:
        return {embedding.file.name: embedding.digest}
    return {LITE0.file.name: LITE0.digest, OTHERS.name: OTHERS_DIGEST}


@cache
def _public_wholes() -> Floats:
    return _units(others() - _centre(LITE0))


@cache
def _centre(net: Net) -> NDArray[np.float64]:
    return others().mean(axis=0) if net == LITE0 else np.zeros(1)


def _units(rows: NDArray[np.float64]) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, _SHORTEST), dtype=np.float32)
