"""Where faces are: facenet-pytorch's MTCNN (Zhang et al. 2016).

Promises boxes in the photo's own pixels, finite, or an exception; never a silent nothing after
a failure inside.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.errors import ModelUnusable

MIN_FACE: Final = 16
"""Least face, in pixels of the working photo, that is looked for."""
THRESHOLDS: Final = (0.5, 0.6, 0.6)
"""Of MTCNN's three nets; its defaults are 0.6, 0.7, 0.7. On 100 WIDER photos the lower ones cover
.60 instead of .55 of the faces of at least 12 pixels, for a fifth more time and 1 % more veil."""
BORDER: Final = 24
"""Pixels of grey put around the photo: MTCNN fails on narrow pictures, and loses faces that
touch the edge."""
TURNED_SIZE: Final = 0.5
"""Scale at which the photo is looked at again on its sides and upside down: MTCNN finds 16 to 60 %
of faces turned so, and all of them (31 of 31 portraits) when the photo is turned for it."""


@cache
def load() -> Any:
    """Return the detector, loaded once per process; raises `ModelUnusable`."""
    try:
        import torch  # noqa: PLC0415

        from redaction.torchvision_stand_in import install_where_needed  # noqa: PLC0415

        install_where_needed()
        from facenet_pytorch import MTCNN  # noqa: PLC0415

        torch.set_num_threads(1)  # one photo per process is faster than one photo on all cores
        return MTCNN(
            keep_all=True, min_face_size=MIN_FACE, thresholds=list(THRESHOLDS), device="cpu"
        ).eval()
    except Exception as error:
        raise ModelUnusable("the face detector does not load") from error


@dataclass(frozen=True)
class Faces:
    """Boxes x0, y0, x1, y1 in pixels, (n, 4) float each."""

    upright: NDArray[np.float64]
    turned: NDArray[np.float64]
    """Found when the photo was turned by 90, 180 or 270 degrees; upright ones can be among them."""


def find_faces(pixels: NDArray[np.uint8]) -> Faces:
    """Return the faces of an (h, w, 3) uint8 RGB photo.

    Raises `ValueError` when the detector answers with something that is no box.
    """
    height, width = pixels.shape[:2]
    small = (max(1, round(width * TURNED_SIZE)), max(1, round(height * TURNED_SIZE)))
    half = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
    scale = np.array([width / small[0], height / small[1]] * 2)
    turned = [
        turn_back(_detect(np.rot90(half, turns)), turns, small) * scale for turns in (1, 2, 3)
    ]
    return Faces(_detect(pixels), np.concatenate(turned))


def turn_back(boxes: NDArray[np.float64], turns: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return boxes found in `np.rot90(photo, turns)` as boxes of the photo.

    `size` is the photo's width and height.
    """
    sides = size if turns % 2 == 0 else (size[1], size[0])
    for _ in range(turns):
        # Each quarter turn counterclockwise sent (x, y) to (y, width - x).
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([sides[1] - y1, x0, sides[1] - y0, x1], axis=1)
        sides = (sides[1], sides[0])
    return boxes


def _detect(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    padded = cv2.copyMakeBorder(
        np.ascontiguousarray(pixels),
        *(BORDER, BORDER, BORDER, BORDER),
        cv2.BORDER_CONSTANT,
        value=(127, 127, 127),
    )
    found, _ = load().detect(padded)
    if found is None:
        return np.empty((0, 4))
    boxes = np.asarray(found, dtype=np.float64).reshape(-1, 4) - BORDER
    if not np.isfinite(boxes).all():
        raise ValueError("the face detector answered with no box")
    return boxes
