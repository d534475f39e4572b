"""MTCNN (Zhang et al. 2016), with facenet-pytorch's weights, run by onnxruntime.

The same cascade as facenet-pytorch's own `MTCNN` (a test compares the two), without torch: a net
looks at the picture at many sizes, and two larger ones look again at what it proposes.
"""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.faces.boxes import Floats, best_first
from redaction.faces.interface import Found
from redaction.nets import load_net
from redaction.weights import MTCNN

FACTOR: Final = 0.709
"""From one size of the picture to the next; half the area."""
_CELL: Final = 12  # what the first net sees, in pixels
_STRIDE: Final = 2
_BATCH: Final = 256


@cache
def load() -> tuple[Any, Any, Any]:
    """Return the three nets, loaded once a process; raises `ModelUnusable`."""
    proposes, refines, decides = (load_net(file) for file in MTCNN)
    return proposes, refines, decides


class Mtcnn:
    """A `FaceDetector` for faces of at least `least` pixels."""

    def __init__(self, least: int, thresholds: tuple[float, float, float]) -> None:
        self.least = least
        self.thresholds = thresholds

    def detect(self, pixels: NDArray[np.uint8]) -> Found:
        """As the protocol says."""
        picture = _Picture(pixels)
        boxes = self._propose(picture)
        if len(boxes):
            boxes = self._refine(picture, boxes)
        if len(boxes):
            return self._decide(picture, boxes)
        return Found(np.empty((0, 4)), np.empty(0), np.empty(0, dtype=np.bool_))

    def _propose(self, picture: "_Picture") -> Floats:
        found, grades = [np.empty((0, 8))], [np.empty(0)]
        scale = _CELL / self.least
        while min(picture.height, picture.width) * scale >= _CELL:
            size = int(picture.height * scale + 1), int(picture.width * scale + 1)
            shifts, odds = _finite(load()[0].run(None, {"pixels": picture.whole(*size)[None]}))
            rows, columns = np.nonzero(odds[0, 1] >= self.thresholds[0])
            here = np.stack([columns, rows], axis=1).astype(np.float64) * _STRIDE + 1
            corners = np.floor(np.concatenate([here, here + _CELL - 1], axis=1) / scale)
            score = odds[0, 1, rows, columns].astype(np.float64)
            kept = best_first(corners, score, 0.5)
            by = shifts[0, :, rows, columns].reshape(-1, 4).astype(np.float64)
            found.append(np.concatenate([corners, by], axis=1)[kept])
            grades.append(score[kept])
            scale *= FACTOR
        rows_found, score = np.concatenate(found), np.concatenate(grades)
        kept = best_first(rows_found[:, :4], score, 0.7)
        corners, by = rows_found[kept, :4], rows_found[kept, 4:]
        sides = np.tile(corners[:, 2:] - corners[:, :2], 2)
        return _square(corners + by * sides)

    def _refine(self, picture: "_Picture", boxes: Floats) -> Floats:
        boxes, crops = picture.crops(boxes, 24)
        shifts, odds = _in_batches(load()[1], crops)
        sure = odds[:, 1] > self.thresholds[1]
        boxes, shifts, score = boxes[sure], shifts[sure], odds[sure, 1].astype(np.float64)
        kept = best_first(boxes, score, 0.7)
        return _square(_shifted(boxes[kept], shifts[kept]))

    def _decide(self, picture: "_Picture", boxes: Floats) -> Found:
        boxes, crops = picture.crops(boxes, 48)
        shifts, _, odds = _in_batches(load()[2], crops)
        sure = odds[:, 1] > self.thresholds[2]
        boxes, score = _shifted(boxes[sure], shifts[sure]), odds[sure, 1].astype(np.float64)
        kept = best_first(boxes, score, 0.7, of_smaller=True)
        return Found(boxes[kept], score[kept], np.zeros(len(kept), dtype=np.bool_))


class _Picture:
    """A picture from which any part is had at any size, as torch's `area` interpolation does it.

    Each pixel of the result is the mean of those it covers, whole pixels only; the sums over
    rectangles come from one table (Crow 1984, "Summed-area tables for texture mapping").
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.height, self.width = pixels.shape[:2]
        # Doubles hold these sums exactly.
        self._sums = cv2.integral(np.ascontiguousarray(pixels), sdepth=cv2.CV_64F)

    def whole(self, height: int, width: int) -> NDArray[np.float32]:
        """Return the picture as (3, height, width), normalised for the nets."""
        top, bottom = _bins(np.zeros(1, np.int64), np.array([self.height]), height)
        left, right = _bins(np.zeros(1, np.int64), np.array([self.width]), width)
        mean: NDArray[np.float32] = self._means(top, bottom, left, right)[0]
        return mean

    def crops(self, boxes: Floats, side: int) -> tuple[Floats, NDArray[np.float32]]:
        """Return the boxes that have pixels, and those as (n, 3, side, side)."""
        whole = np.trunc(boxes).astype(np.int64)
        low = np.maximum(whole[:, :2], 1) - 1
        high = np.minimum(whole[:, 2:], [self.width, self.height])
        there = (high > low).all(axis=1)
        low, high = low[there], high[there]
        left, right = _bins(low[:, 0], high[:, 0], side)
        top, bottom = _bins(low[:, 1], high[:, 1], side)
        return boxes[there], self._means(top, bottom, left, right)

    def _means(
        self,
        top: NDArray[np.int64],
        bottom: NDArray[np.int64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        t, b = top[:, :, None], bottom[:, :, None]
        le, r = left[:, None, :], right[:, None, :]
        sums = self._sums[b, r] - self._sums[t, r] - self._sums[b, le] + self._sums[t, le]
        mean = sums / ((b - t) * (r - le))[..., None]
        return ((mean - 127.5) * 0.0078125).astype(np.float32).transpose(0, 3, 1, 2)


def _bins(
    low: NDArray[np.int64], high: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return starts and ends, (n, count), of the pixels that each new one is the mean of."""
    steps = np.arange(count)
    length = (high - low)[:, None]
    start = low[:, None] + steps * length // count
    end = low[:, None] - (-(steps + 1) * length // count)
    return start, end


def _in_batches(net: Any, crops: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    parts = [
        net.run(None, {"pixels": crops[start : start + _BATCH]})
        for start in range(0, max(len(crops), 1), _BATCH)
    ]
    return _finite([np.concatenate(outputs) for outputs in zip(*parts, strict=True)])


def _finite(answers: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
    # INVARIANT: a NaN is below every threshold, and would be a silent nothing.
    if not all(np.isfinite(answer).all() for answer in answers):
        raise ValueError("the face detector answered with something that is no number")
    return tuple(answers)


def _shifted(boxes: Floats, by: NDArray[np.float32]) -> Floats:
    return boxes + by.astype(np.float64) * np.tile(boxes[:, 2:] - boxes[:, :2] + 1, 2)


def _square(boxes: Floats) -> Floats:
    sides = boxes[:, 2:] - boxes[:, :2]
    longest = sides.max(axis=1, keepdims=True)
    low = boxes[:, :2] + (sides - longest) / 2
    return np.concatenate([low, low + longest], axis=1)
