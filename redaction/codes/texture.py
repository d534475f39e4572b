"""Where a photo has the texture of a code: hard edges between two tones, close together.

The photo is looked at in cells of 8 pixels, at three sizes. Eight measures of each cell and its
neighbours go into one score, a quadratic form fitted by logistic regression. Neighbouring cells
with a high score are a patch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.codes.outline import Outline
from redaction.codes.weights import BIAS, LINEAR, MEANS, SPREADS, SQUARES

CELL: Final = 8
SIZES: Final = 3
"""The photo is looked at whole, at a half and at a quarter of its size. A code whose squares are
too large even there is one that the reader finds."""
SMALLEST: Final = 32
"""Pixels; a photo that is smaller at some size is not looked at there."""
LIKELY: Final = 0.8
"""Score from which on a cell is part of a patch: 2 % of the cells of photos without codes."""
LEAST_CONTRAST: Final = 24
"""Grey levels between the lightest and the darkest pixel around a cell; below it is noise."""
LEAST_CELLS: Final = 4
MARGIN: Final = 0.7
"""Cells by which a patch is grown: a cell at the edge of a code sees too much of its surroundings
to be told."""
_FAR: Final = 4.0


@dataclass(frozen=True)
class Patch:
    """A part of the photo that may be a code."""

    corners: Outline
    """In the photo, along the edges in it."""
    grey: NDArray[np.uint8]
    """(h, w), turned upright, at the size at which it was noticed."""
    scale: int
    """Pixels of the photo in a pixel of `grey`."""
    strength: float
    """Mean score of its cells."""
    fill: float
    """Share of its cells among those that its corners enclose."""


@dataclass(frozen=True)
class Cells:
    """What is measured of every cell and its eight neighbours."""

    measures: NDArray[np.float32]
    """(rows, columns, 8)."""
    contrast: NDArray[np.float32]
    fourfold: NDArray[np.complex64]
    """The sum of squared gradients, each with four times its angle as phase."""


def patches(grey: NDArray[np.uint8]) -> Iterator[Patch]:
    """Yield the patches of an (h, w) photo that may be codes, from small edges to large ones."""
    scale = 1
    for _ in range(SIZES):
        if min(grey.shape) < SMALLEST:
            return
        yield from _patches_of(grey, measured(grey), scale)
        half = (max(1, grey.shape[1] // 2), max(1, grey.shape[0] // 2))
        grey = cv2.resize(grey, half, interpolation=cv2.INTER_AREA).astype(np.uint8)
        scale *= 2


def measured(grey: NDArray[np.uint8]) -> Cells:
    """Measure the cells of an (h, w) photo; what does not fill a cell at its edge is left out."""
    rows, columns = grey.shape[0] // CELL, grey.shape[1] // CELL
    grey = grey[: rows * CELL, : columns * CELL]

    def mean(values: NDArray[np.floating]) -> NDArray[np.float32]:
        in_cells = cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA)
        return cv2.blur(in_cells, (3, 3)).astype(np.float32)

    # Every second row and column are enough for means over 24 by 24 pixels.
    sparse = grey[1::2, 1::2].astype(np.float32)
    across = cv2.Sobel(grey, cv2.CV_16S, 1, 0)[1::2, 1::2].astype(np.float32) / 8
    down = cv2.Sobel(grey, cv2.CV_16S, 0, 1)[1::2, 1::2].astype(np.float32) / 8
    xx, yy, xy = across * across, down * down, across * down
    both = xx + yy
    unit = 1 / (both + 1)
    fourfold = mean(both - 8 * xy * xy * unit) + 1j * mean(4 * xy * (xx - yy) * unit)
    mean_xx, mean_yy, mean_xy = mean(xx), mean(yy), mean(xy)
    energy = mean_xx + mean_yy + 1e-3
    steep_x, steep_y = mean(np.abs(across)), mean(np.abs(down))
    drift_x, drift_y = mean(across), mean(down)
    level = mean(sparse)
    variance = np.maximum(mean(sparse * sparse) - level * level, 0)
    contrast = _extreme(grey, cv2.dilate) - _extreme(grey, cv2.erode) + 1
    steepest = np.maximum(np.maximum(steep_x, steep_y), 0.5)
    measures = (
        np.sqrt(variance) / contrast,  # two tones spread wider than many
        np.log((steep_x + steep_y) / contrast + 0.01),  # edges a pixel
        np.sqrt((mean_xx - mean_yy) ** 2 + 4 * mean_xy**2) / energy,  # one direction
        np.abs(fourfold) / energy,  # two directions at right angles
        np.hypot(drift_x, drift_y) / (np.hypot(steep_x, steep_y) + 0.5),  # up without down
        np.log(np.sqrt(energy) / contrast + 0.01),  # how hard edges are
        (steep_x + steep_y) ** 2 / energy,
        np.minimum(steep_x, steep_y) / steepest,
    )
    return Cells(np.stack(measures, axis=-1).astype(np.float32), contrast, fourfold)


def score(measures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the (rows, columns) log-odds that a cell is part of a code."""
    z = np.clip((measures - MEANS) / SPREADS, -_FAR, _FAR)
    return np.asarray(BIAS + z @ LINEAR + ((z @ SQUARES) * z).sum(axis=-1), dtype=np.float32)


def _extreme(grey: NDArray[np.uint8], how: object) -> NDArray[np.float32]:
    assert callable(how)
    in_cells = how(grey, np.ones((CELL, CELL), np.uint8))[CELL // 2 :: CELL, CELL // 2 :: CELL]
    around: NDArray[np.uint8] = how(in_cells, np.ones((3, 3), np.uint8))
    return around.astype(np.float32)


def _patches_of(grey: NDArray[np.uint8], cells: Cells, scale: int) -> Iterator[Patch]:
    scores = score(cells.measures)
    likely = ((scores > LIKELY) & (cells.contrast > LEAST_CONTRAST)).astype(np.uint8)
    likely = cv2.morphologyEx(likely, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)).astype(np.uint8)
    pieces, labels, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=4)
    for piece in range(1, pieces):
        x, y, width, height, area = (int(n) for n in stats[piece])
        if area < LEAST_CELLS:
            continue
        ys, xs = np.nonzero(labels[y : y + height, x : x + width] == piece)
        ys, xs = ys + y, xs + x
        fourfold = complex(cells.fourfold[ys, xs].sum())
        centres = (np.stack([xs, ys], axis=1).astype(np.float64) + 0.5) * CELL
        upright, corners = _upright(grey, centres, float(np.angle(fourfold)) / 4)
        enclosed = np.prod(np.maximum(np.array(upright.shape) / CELL - 2 * MARGIN, 1))
        fill = float(len(xs) / enclosed)
        yield Patch(corners * scale, upright, scale, float(scores[ys, xs].mean()), fill)


def _upright(
    grey: NDArray[np.uint8], centres: NDArray[np.float64], angle: float
) -> tuple[NDArray[np.uint8], Outline]:
    """Cut out what the cells cover, turned by the angle of the edges in it; return its corners."""
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    along = centres @ axes.T
    low, high = along.min(axis=0) - MARGIN * CELL, along.max(axis=0) + MARGIN * CELL
    width, height = (int(n) for n in high - low)
    origin = low @ axes
    upright = cv2.warpAffine(
        grey,
        np.concatenate([axes.T, origin[:, None]], axis=1),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ axes + origin
    return upright.astype(np.uint8), corners
