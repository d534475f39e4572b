"""Which parts of a photo may hold a mark: a lattice of windows over feature maps, scored.

Pooling is exact and cheap. A window's cell is an upright rectangle, so the mean of a map over all
cells of a lattice is two matrix products, one over rows and one over columns. What scores the
windows knows no brand: it was trained on drawings pasted over pictures
(`weights/MODEL_CARD_REGIONS.md`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv
from engine.recognition.backbone import CHANNELS, STRIDES, Maps
from engine.recognition.weights.regions import WINDOWS, WINDOWS_DIGEST, read_array

Floats = NDArray[np.float32]

LONGEST: Final = 512
"""Longer side, in pixels, at which the backbone sees the photo."""
GRIDS: Final = (2, 1, 1)
"""Cells a side into which a window is cut, on the maps of stride 8, 16 and 32."""
SIZES: Final = (34, 48, 68, 96, 136, 192, 272, 384)
"""Square roots of the windows' areas, in pixels of the backbone's input."""
ASPECTS: Final = (0.8, 1.25, 2.0, 3.1)
"""Width by height. Half of the marks in photos are wider than 1.3, one in ten than 2.7."""
STEP: Final = 0.45
"""Share of its sides by which a window moves on. Closer ones (0.33) cost a third more time and
hit no more marks among as many windows kept."""
OVERHANG: Final = 1.3
"""A window larger than the photo by less than this is cut to it; by more, left out."""
HIDDEN: Final = 64
SAME: Final = 0.6
"""Intersection over union above which of two windows the better one is kept."""
LOOKED_AT: Final = 800
"""Windows that take part in that."""


@dataclass(frozen=True)
class Windows:
    """Windows of one photo, (n, 4) x0 y0 x1 y1 in pixels of the photo, and a score for each."""

    boxes: Floats
    scores: Floats


def propose(maps: Maps, blind: NDArray[np.bool_], count: int) -> Windows:
    """Return the `count` best windows that are no near-copies of better ones, best first.

    `blind` marks the photo's veiled pixels: a window that is mostly veil is none.
    """
    (fine, *whole), bias, second, last = _layers()
    planes = _planes(maps)
    # The mean of a map's products is the product of its mean: where a window is one cell, the map
    # is weighed before it is averaged, which leaves fewer numbers to average.
    weighed = [planes[0], *(plane @ by for plane, by in zip(planes[1:], whole, strict=True))]
    boxes, scores = [], []
    for lattice, (cells, *sums) in _over(weighed):
        hidden = np.maximum(cells @ fine + sum(sums, bias), 0)
        boxes.append(lattice)
        scores.append(hidden @ second + last)
    scale = np.array([maps.scale_x, maps.scale_y] * 2, dtype=np.float32)
    all_boxes = np.concatenate(boxes) / scale
    all_scores = np.where(veiled(blind, all_boxes) > 0.5, -np.inf, np.concatenate(scores))
    kept = _apart(all_boxes, all_scores, count)
    return Windows(all_boxes[kept], all_scores[kept])


def veiled(blind: NDArray[np.bool_], boxes: Floats) -> Floats:
    """Return the share of each box that is blind."""
    if not blind.any():
        return np.zeros(len(boxes), dtype=np.float32)
    height, width = blind.shape
    total = np.asarray(cv.integral(blind.view(np.uint8)), dtype=np.int64)
    x0, y0, x1, y1 = boxes.round().astype(np.int64).T
    x0, x1 = (np.clip(x, 0, width) for x in (x0, x1))
    y0, y1 = (np.clip(y, 0, height) for y in (y0, y1))
    inside = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    share = inside / np.maximum((x1 - x0) * (y1 - y0), 1)
    return np.asarray(share, dtype=np.float32)


def overlap(one: Floats, other: Floats) -> Floats:
    """Return the intersection over union of each of (n, 4) with each of (m, 4)."""
    a, b = one[:, None], other[None]
    wide = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    tall = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    both = np.clip(wide, 0, None) * np.clip(tall, 0, None)
    areas = [(box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1]) for box in (a, b)]
    return np.asarray(both / np.maximum(areas[0] + areas[1] - both, 1e-6), dtype=np.float32)


def _apart(boxes: Floats, scores: Floats, count: int) -> NDArray[np.int64]:
    order = np.argsort(-scores, kind="stable")[:LOOKED_AT]
    order = order[np.isfinite(scores[order])]
    near = overlap(boxes[order], boxes[order]) > SAME
    dropped = np.zeros(len(order), dtype=bool)
    kept: list[int] = []
    for at in range(len(order)):
        if dropped[at]:
            continue
        kept.append(at)
        if len(kept) == count:
            break
        dropped |= near[at]
    return order[np.array(kept, dtype=np.int64)]


def lattices(maps: Maps) -> Iterator[tuple[Floats, Floats]]:
    """Per size and aspect: boxes (n, 4) in pixels of the input, and their pooled features."""
    for boxes, pooled in _over(_planes(maps)):
        yield boxes, np.concatenate(pooled, axis=1)


def _planes(maps: Maps) -> list[Floats]:
    """Return the maps as (y, x, channels), the finest first."""
    return [
        np.ascontiguousarray(plane.transpose(1, 2, 0))
        for plane in (maps.stride8, maps.stride16, maps.stride32)
    ]


def _over(planes: list[Floats]) -> Iterator[tuple[Floats, list[Floats]]]:
    """Per size and aspect: boxes (n, 4), and of each plane its means over their cells, (n, ...)."""
    height, width = planes[0].shape[0] * STRIDES[0], planes[0].shape[1] * STRIDES[0]
    for xs, ys, wide, tall in _placed(width, height):
        pooled = [
            _pooled(plane, xs, ys, wide, tall, stride, grid)
            for plane, stride, grid in zip(planes, STRIDES, GRIDS, strict=True)
        ]
        left, top = (side.ravel() for side in np.meshgrid(xs, ys))
        boxes = np.stack([left, top, left + wide, top + tall], axis=1).astype(np.float32)
        yield boxes, pooled


Placed = tuple[NDArray[np.float64], NDArray[np.float64], float, float]


def _placed(width: int, height: int) -> Iterator[Placed]:
    for size in SIZES:
        for aspect in ASPECTS:
            wide, tall = size * aspect**0.5, size / aspect**0.5
            if wide > width * OVERHANG or tall > height * OVERHANG:
                continue
            wide, tall = min(wide, width), min(tall, height)
            yield _steps(width, wide), _steps(height, tall), wide, tall
    yield np.zeros(1), np.zeros(1), float(width), float(height)


def _steps(whole: int, part: float) -> NDArray[np.float64]:
    room = whole - part
    count = int(np.ceil(room / (part * STEP) - 1e-6)) + 1 if room > 0 else 1
    return np.linspace(0, room, count)


def _pooled(
    plane: Floats,
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    wide: float,
    tall: float,
    stride: int,
    grid: int,
) -> Floats:
    height, width, channels = plane.shape
    cells = np.arange(grid) / grid
    rows = _shares((ys[:, None] + cells * tall).ravel(), tall / grid, height, stride)
    columns = _shares((xs[:, None] + cells * wide).ravel(), wide / grid, width, stride)
    lines = (rows @ plane.reshape(height, -1)).reshape(len(rows), width, channels)
    means = np.matmul(columns, lines).reshape(len(ys), grid, len(xs), grid, channels)
    return np.asarray(means.transpose(0, 2, 1, 3, 4).reshape(len(ys) * len(xs), -1))


def _shares(starts: NDArray[np.float64], length: float, count: int, stride: int) -> Floats:
    """Weights (starts, count) that average a row of cells over stretches of one length."""
    edges = np.arange(count) * stride
    ends = np.minimum((starts + length)[:, None], edges + stride)
    inside = np.clip(ends - np.maximum(starts[:, None], edges), 0, None)
    return np.asarray(inside / np.maximum(inside.sum(1, keepdims=True), 1e-6), dtype=np.float32)


@cache
def _layers() -> tuple[list[Floats], Floats, Floats, np.float32]:
    """The first layer's weights of each map, its bias, the second's weights, its bias.

    In the file: a table (inputs + 1 + 1 + 1, hidden) of the same, one below the other.
    """
    table = read_array(WINDOWS, WINDOWS_DIGEST)
    sizes = [channels * grid**2 for channels, grid in zip(CHANNELS, GRIDS, strict=True)]
    assert len(table) == sum(sizes) + 3
    assert GRIDS[1:] == (1, 1)
    first = np.split(table[:-3], np.cumsum(sizes)[:-1])
    return first, table[-3], table[-2], table[-1, 0]
