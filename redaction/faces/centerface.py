"""CenterFace (Xu et al. 2019, "CenterFace: Joint Face Detection and Alignment...").

A heat map of face centres at a quarter of the picture's size, with the size of the face at each.
It finds faces in any direction, and small ones better than the others here do.
"""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from redaction.faces.boxes import best_first
from redaction.faces.interface import Found
from redaction.nets import load_net
from redaction.weights import CENTERFACE

FLOOR: Final = 0.03
"""Centres below this are not faces of any use: they come by the thousand."""
OVERLAP: Final = 0.3
TURNED_FROM: Final = 1.4
"""Cotangent of the angle (35 degrees) from which on a head counts as turned."""
SURE: Final = 0.15
"""Score below which the points of a face say nothing."""
_STRIDE: Final = 4
STEP: Final = 32
"""Pixels of which the sides of what the net sees are multiples: it halves five times."""
_LARGEST: Final = 9.0  # log of a side; what is beyond fits in no photo


@cache
def load() -> Any:
    """Return the net, loaded once a process; raises `ModelUnusable`."""
    return load_net(CENTERFACE, keep_memory=True)


class CenterFace:
    """A `FaceDetector`."""

    def detect(self, pixels: NDArray[np.uint8]) -> Found:
        """As the protocol says."""
        down, across = (-side % STEP for side in pixels.shape[:2])
        framed = np.pad(pixels, ((0, down), (0, across), (0, 0)))
        given = np.ascontiguousarray(framed.transpose(2, 0, 1)[None], dtype=np.float32)
        heat, sizes, shifts, points = load().run(None, {"input.1": given})
        rows, columns = np.nonzero(heat[0, 0] > FLOOR)
        scores = heat[0, 0, rows, columns].astype(np.float64)
        here = np.stack([columns, rows], axis=1).astype(np.float64)
        shift = shifts[0, ::-1, rows, columns].astype(np.float64)
        half = np.exp(np.minimum(sizes[0, ::-1, rows, columns].astype(np.float64), _LARGEST)) / 2
        centre = here + shift + 0.5
        boxes = np.concatenate([centre - half, centre + half], axis=1) * _STRIDE
        if not np.isfinite(heat).all():
            raise ValueError("the face detector answered with something that is no heat map")
        kept = best_first(boxes, scores, OVERLAP)
        turned = _turned(points[0, :, rows, columns][kept], half[kept]) & (scores[kept] >= SURE)
        return Found(boxes[kept], scores[kept], turned)


def _turned(points: NDArray[np.float32], half: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each face whether its mouth is not below its eyes.

    `points` is (n, 10): y, x of both eyes, the nose and both corners of the mouth, as shares of
    the box.
    """
    y, x = points.reshape(-1, 5, 2).transpose(2, 0, 1).astype(np.float64)
    down = (y[:, 3:].mean(axis=1) - y[:, :2].mean(axis=1)) * half[:, 1]
    aside = (x[:, 3:].mean(axis=1) - x[:, :2].mean(axis=1)) * half[:, 0]
    return np.asarray(down < np.abs(aside) * TURNED_FROM)
