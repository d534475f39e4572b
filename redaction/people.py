"""Where whole people are: their boxes, and a body below every face.

Hair, clothes and bearing name people too (Oh et al. 2016), so `people` veils more than heads. The
net is NanoDet-g (github.com/RangiLyu/nanodet, Apache-2.0, trained on COCO), converted by
`weights/build_person.py`. What it misses but a face detector saw gets a body by proportions.

Promises convex shapes in the photo's own pixels, finite, or an exception; never a silent nothing
after a failure inside.
"""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction import precision
from redaction.faces.boxes import Floats, best_first
from redaction.nets import load_net

SIDES: Final = (416, 832)
"""Longest sides in pixels at which the photo is looked at: what the net was trained at, for people
who fill the photo, and twice that, for people far away."""
LARGEST_FAR: Final = 300
"""Longest side of a box, in pixels of the larger look, that is believed there; people who fill
the photo come apart at that size (a third of the area veiled for nothing came from this)."""
SHARES: Final = (0.01, 0.10)
LEAST_SCORES: Final = (0.12, 0.20, 0.30)
"""Least score of a box whose area is below 1 %, below 10 %, and above that share of the photo. A
wrong small box costs little veil and small people score low. Chosen on 254 people."""
LEAST_TURNED: Final = (0.15, 0.30, 0.45)
"""The same where the photo was turned by a quarter, a half and three quarters, at the smaller
size: for people who lie, and photos stored on their side (people of 32 pixels and more whose box
is covered to 90 %: .97 instead of .68 there, 1 instead of .98 upright, for .11 instead of .07 of
the area veiled for nothing)."""
MARGIN: Final = 0.10
"""Share of a box's width by which it grows on both sides; above and below by half of that share
of its height."""
SAME: Final = 0.6
"""Intersection over union above which two boxes are one person."""

# Proportions of an adult who stands, in face boxes (brows to chin, ear to ear). Anthropometry
# gives 7.5 heads from crown to sole and 3 face widths over the shoulders.
SHOULDERS: Final = 3.2
CROWN: Final = 0.45
FEET: Final = 9.0
"""Face heights from the brows to the soles: 7.5 heads of 1.25 face boxes, less what is above."""
NARROWEST_FACE: Final = 0.8
"""Width by height. A face turned aside gets a narrow box on shoulders no narrower."""
SURE: Final = 0.5
"""Score at which a person's box says where the body below a face ends."""

_MEAN: Final = np.array([103.53, 116.28, 123.675], dtype=np.float32)  # blue, green, red; ImageNet
_SCALE: Final = np.array([57.375, 57.12, 58.395], dtype=np.float32)
_STRIDES: Final = (8, 16, 32)
_BINS: Final = 11
"""Distances from a cell to a side are distributions over 0 to 10 strides (Li et al. 2020,
"Generalized Focal Loss")."""


@cache
def load() -> Any:
    """Return the net, loaded once a process; raises `ModelUnusable`."""
    return load_net(precision.person())


def find_people(pixels: NDArray[np.uint8], faces: Floats) -> tuple[Floats, ...]:
    """Return the corners, (n, 2) each, of convex shapes that cover the people of a photo.

    `pixels` is (h, w, 3) uint8 RGB; `faces` is (m, 4), boxes x0, y0, x1, y1 in its pixels. Shapes
    may reach over the photo's edge. Raises `ValueError` when the net answers with no numbers.
    """
    boxes = person_boxes(pixels)
    shapes = [_corners(box) for box in _grown(boxes[:, :4])]
    shapes += [body(face, boxes) for face in np.asarray(faces, dtype=np.float64).reshape(-1, 4)]
    return tuple(shapes)


def person_boxes(pixels: NDArray[np.uint8]) -> Floats:
    """Return (n, 5) people: x0, y0, x1, y1 as detected, and the score; best first."""
    near, far = (resized(pixels, side) for side in SIDES)
    distant = _detect(far)
    sides = distant[:, 2:4] - distant[:, :2]
    looks = [
        _likely(_detect(near), near, LEAST_SCORES) * _back(near, pixels),
        _likely(distant[sides.max(axis=1) <= LARGEST_FAR], far, LEAST_SCORES) * _back(far, pixels),
    ]
    for turns in (1, 2, 3):
        found = _likely(_detect(np.rot90(near, turns)), near, LEAST_TURNED)
        found[:, :4] = turned_back(found[:, :4], turns, (near.shape[1], near.shape[0]))
        looks.append(found * _back(near, pixels))
    boxes = np.concatenate(looks)
    return boxes[best_first(boxes[:, :4], boxes[:, 4], SAME)]


def turned_back(boxes: Floats, turns: int, size: tuple[int, int]) -> Floats:
    """Return boxes of `np.rot90(photo, turns)` as boxes of the photo, `size` wide and high."""
    sides = size if turns % 2 == 0 else (size[1], size[0])
    for _ in range(turns):
        # A quarter turn counterclockwise sent (x, y) to (y, width - x).
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([sides[1] - y1, x0, sides[1] - y0, x1], axis=1)
        sides = (sides[1], sides[0])
    return boxes


def body(face: Floats, boxes: Floats) -> Floats:
    """Return the six corners of the body of a face x0, y0, x1, y1: crown, shoulders, feet.

    Where one of `boxes`, (n, 5), is surely the person with that face, the body ends with it.
    """
    x0, y0, x1, y1 = face
    tall, middle = y1 - y0, (x0 + x1) / 2
    wide = max(x1 - x0, NARROWEST_FACE * tall)
    feet = y0 + FEET * tall
    theirs = boxes[
        (boxes[:, 4] >= SURE)
        & (boxes[:, 0] < middle)
        & (boxes[:, 2] > middle)
        & (boxes[:, 1] < (y0 + y1) / 2)
        & ((boxes[:, 3] - y1) > 0.5 * (y1 - boxes[:, 1]))
    ]
    if len(theirs):
        lowest = float((theirs[:, 3] + MARGIN * (theirs[:, 3] - theirs[:, 1])).max())
        feet = max(min(feet, lowest), y1 + tall)
    crown, shoulder = 0.9 * wide, SHOULDERS / 2 * wide
    top, neck = y0 - CROWN * tall, y1 + 0.3 * tall
    return np.array(
        [
            [middle - crown, top],
            [middle + crown, top],
            [middle + shoulder, neck],
            [middle + shoulder, feet],
            [middle - shoulder, feet],
            [middle - shoulder, neck],
        ]
    )


def resized(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the photo about `side` pixels long, its sides multiples of what the net needs."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (_multiple(width * scale), _multiple(height * scale))
    way = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=way).astype(np.uint8)


def _back(small: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> Floats:
    """Return what boxes with scores in the resized photo are multiplied by."""
    x, y = pixels.shape[1] / small.shape[1], pixels.shape[0] / small.shape[0]
    return np.array([x, y, x, y, 1.0])


def normalised(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the net takes, (1, 3, h, w), for (h, w, 3) RGB pixels."""
    given = np.empty((1, 3, *small.shape[:2]), dtype=np.float32)
    for channel, (mean, scale) in enumerate(zip(_MEAN, _SCALE, strict=True)):
        # All at once takes eight times as long, most of it for putting them in order.
        np.subtract(small[:, :, 2 - channel], mean, out=given[0, channel], dtype=np.float32)
        given[0, channel] /= scale
    return given


def _detect(small: NDArray[np.uint8]) -> Floats:
    """Return (n, 5) boxes and scores in the picture's pixels; raises `ValueError`."""
    answers = load().run(None, {"pixels": normalised(small)})
    found = np.concatenate(
        [_decode(answer[0], stride) for answer, stride in zip(answers, _STRIDES, strict=True)]
    )
    if not np.isfinite(found).all():
        raise ValueError("the person detector answered with no numbers")
    return found


def _decode(answer: NDArray[np.float32], stride: int) -> Floats:
    """Return (n, 5) boxes and scores of one level, (1 + 4 * 11, rows, columns) logits."""
    logits = answer.astype(np.float64)
    # Not `scores < least`: what is no number must come through and be refused.
    rows, columns = np.nonzero(~(logits[0] < _logit(min(LEAST_SCORES))))
    picked = logits[:, rows, columns]
    sides = picked[1:].reshape(4, _BINS, -1)
    weights = np.exp(sides - sides.max(axis=1, keepdims=True))
    steps = np.arange(_BINS)[None, :, None]
    left, up, right, down = stride * (weights * steps).sum(axis=1) / weights.sum(axis=1)
    x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
    return np.stack([x - left, y - up, x + right, y + down, 1 / (1 + np.exp(-picked[0]))], axis=1)


def _likely(found: Floats, small: NDArray[np.uint8], least: tuple[float, ...]) -> Floats:
    """Return the (n, 5) boxes that score enough for their share of the picture."""
    share = (found[:, 2:4] - found[:, :2]).prod(axis=1) / (small.shape[0] * small.shape[1])
    enough: NDArray[np.bool_] = found[:, 4] >= np.array(least)[np.searchsorted(SHARES, share)]
    return found[enough]


def _grown(boxes: Floats) -> Floats:
    by = MARGIN * (boxes[:, 2:] - boxes[:, :2]) * (1.0, 0.5)
    return np.concatenate([boxes[:, :2] - by, boxes[:, 2:] + by], axis=1)


def _corners(box: Floats) -> Floats:
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _multiple(length: float) -> int:
    return max(_STRIDES[-1], round(length / _STRIDES[-1]) * _STRIDES[-1])


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
