"""Where faces are: facenet-pytorch's MTCNN (Zhang et al. 2016).

Promises boxes in the photo's own pixels, finite, or an exception; never a silent nothing after
a failure inside.
"""

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


def find_faces(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (n, 4) face boxes x0, y0, x1, y1 of an (h, w, 3) uint8 RGB photo.

    Raises `ValueError` when the detector answers with something that is no box.
    """
    padded = cv2.copyMakeBorder(
        pixels, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT, value=(127, 127, 127)
    )
    found, _ = load().detect(padded)
    if found is None:
        return np.empty((0, 4))
    boxes = np.asarray(found, dtype=np.float64).reshape(-1, 4) - BORDER
    if not np.isfinite(boxes).all():
        raise ValueError("the face detector answered with no box")
    return boxes
