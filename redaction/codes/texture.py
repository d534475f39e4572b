"""Where a photo has the texture of a code: hard edges between two tones, close together.

The photo is looked at in cells of 8 pixels at three sizes, and in cells of 4 pixels. Eight
measures of each cell and its neighbours go into one score, a quadratic form fitted by logistic
regression. Neighbouring cells with a high score are a patch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.codes.weights import BIAS, LINEAR, MEANS, SPREADS, SQUARES
from redaction.outline import Outline

CELL: Final = 8
FINE: Final = 4
"""Pixels of a small cell. A code that is lower than three large cells shows in small ones, in the
whole photo; larger codes are told better by large ones."""
SIZES: Final = 3
"""The photo is looked at whole, at a half and at a quarter of its size. A code whose squares are
too large even there is one that the reader finds."""
SMALLEST: Final = 32
"""Pixels; a photo that is smaller at some size is not looked at there."""
LIKELY: Final = 0.8
"""Score from which on a cell is part of a patch: 4 % of the cells of photos without codes."""
LEAST_CONTRAST: Final = 24
"""Grey levels between the lightest and the darkest pixel around a cell; below it is noise."""
LEAST_CELLS: Final = 4
LEAST_FINE_CELLS: Final = 16
LEAST_FINE_STRENGTH: Final = 2.5
BROADEST_FINE: Final = 40
"""Pixels on the shorter side of a patch of small cells. They are for low codes alone: with broader
ones, half as much again is veiled for nothing."""
MARGIN: Final = 0.7
"""Cells by which a patch is grown: a cell at the edge of a code sees too much of its surroundings
to be told."""
_FAR: Final = 4.0
_EXTREMES: Final = (cv2.erode, cv2.dilate)


@dataclass(frozen=True)
class Patch:
    """A part of the photo that may be a code."""

    corners: Outline
    """In the photo, along the edges in it."""
    grey: NDArray[np.uint8]
    """(h, w), turned upright, at the size at which it was noticed."""
    strength: float
    """Mean score of its cells."""
    fill: float
    """Share of its cells among those that its corners enclose."""
    fine: bool
    """Made of small cells."""


@dataclass(frozen=True)
class Cells:
    """What is measured of every cell and its eight neighbours."""

    side: int
    measures: NDArray[np.float32]
    """(rows, columns, 8)."""
    contrast: NDArray[np.float32]
    fourfold: NDArray[np.complex64]
    """The sum of squared gradients, each with four times its angle as phase."""


@dataclass(frozen=True)
class _Tones:
    """Means over cells of a side, and the darkest and the lightest pixel in each."""

    side: int
    means: list[NDArray[np.float32]]
    dark: NDArray[np.uint8]
    light: NDArray[np.uint8]


def patches(grey: NDArray[np.uint8]) -> Iterator[Patch]:
    """Yield the patches of an (h, w) photo that may be codes; those of small cells come last."""
    seen, scale = grey, 1
    fine: list[Patch] = []
    for size in range(SIZES):
        if min(seen.shape) < SMALLEST:
            break
        tones = _tones(seen)
        if size == 0:
            fine = list(_patches_of(seen, measured(tones), scale))
        yield from _patches_of(seen, measured(_of_large_cells(tones)), scale)
        half = (max(1, seen.shape[1] // 2), max(1, seen.shape[0] // 2))
        seen = cv2.resize(seen, half, interpolation=cv2.INTER_AREA).astype(np.uint8)
        scale *= 2
    yield from fine


def large_cells(grey: NDArray[np.uint8]) -> Cells:
    """Measure the cells of 8 pixels of an (h, w) photo, at least that large."""
    return measured(_of_large_cells(_tones(grey)))


def measured(tones: _Tones) -> Cells:
    """Measure the cells, each with its neighbours."""
    around = [cv2.blur(mean, (3, 3)).astype(np.float32) for mean in tones.means]
    level, square, across, down, steep_x, steep_y, xx, yy, xy, real, imaginary = around
    energy = xx + yy + 1e-3
    fourfold = real + 1j * imaginary
    variance = np.maximum(square - level * level, 0)
    eight = np.ones((3, 3), np.uint8)
    light = cv2.dilate(tones.light, eight).astype(np.float32)
    contrast = light - cv2.erode(tones.dark, eight).astype(np.float32) + 1
    steepest = np.maximum(np.maximum(steep_x, steep_y), 0.5)
    measures = (
        np.sqrt(variance) / contrast,  # two tones spread wider than many
        np.log((steep_x + steep_y) / contrast + 0.01),  # edges a pixel
        np.sqrt((xx - yy) ** 2 + 4 * xy**2) / energy,  # one direction
        np.abs(fourfold) / energy,  # two directions at right angles
        np.hypot(across, down) / (np.hypot(steep_x, steep_y) + 0.5),  # up without down
        np.log(np.sqrt(energy) / contrast + 0.01),  # how hard edges are
        (steep_x + steep_y) ** 2 / energy,
        np.minimum(steep_x, steep_y) / steepest,
    )
    return Cells(tones.side, np.stack(measures, axis=-1).astype(np.float32), contrast, fourfold)


def _tones(grey: NDArray[np.uint8]) -> _Tones:
    """Return the tones of small cells; what does not fill a large cell at its edge is left out."""
    rows, columns = grey.shape[0] // CELL, grey.shape[1] // CELL
    grey = grey[: rows * CELL, : columns * CELL]
    # Every second row and column are enough for means over 12 by 12 pixels.
    level = grey[1::2, 1::2].astype(np.float32)
    across = cv2.Sobel(grey, cv2.CV_16S, 1, 0)[1::2, 1::2].astype(np.float32) / 8
    down = cv2.Sobel(grey, cv2.CV_16S, 0, 1)[1::2, 1::2].astype(np.float32) / 8
    xx, yy, xy = across * across, down * down, across * down
    both = xx + yy
    unit = xy / (both + 1)
    fourfold = (both - 8 * xy * unit, 4 * unit * (xx - yy))
    maps = (level, level * level, across, down, np.abs(across), np.abs(down), xx, yy, xy, *fourfold)
    size = (columns * CELL // FINE, rows * CELL // FINE)
    means = [cv2.resize(m, size, interpolation=cv2.INTER_AREA).astype(np.float32) for m in maps]
    inside = np.ones((FINE, FINE), np.uint8)
    dark, light = (how(grey, inside)[FINE // 2 :: FINE, FINE // 2 :: FINE] for how in _EXTREMES)
    return _Tones(FINE, means, dark.astype(np.uint8), light.astype(np.uint8))


def _of_large_cells(fine: _Tones) -> _Tones:
    size = (fine.dark.shape[1] // 2, fine.dark.shape[0] // 2)
    means = [
        cv2.resize(m, size, interpolation=cv2.INTER_AREA).astype(np.float32) for m in fine.means
    ]
    inside = np.ones((2, 2), np.uint8)
    dark = cv2.erode(fine.dark, inside)[1::2, 1::2].astype(np.uint8)
    light = cv2.dilate(fine.light, inside)[1::2, 1::2].astype(np.uint8)
    return _Tones(CELL, means, dark, light)


def score(measures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the (rows, columns) log-odds that a cell is part of a code."""
    z = np.clip((measures - MEANS) / SPREADS, -_FAR, _FAR)
    return np.asarray(BIAS + z @ LINEAR + ((z @ SQUARES) * z).sum(axis=-1), dtype=np.float32)


def _patches_of(grey: NDArray[np.uint8], cells: Cells, scale: int) -> Iterator[Patch]:
    scores, fine = score(cells.measures), cells.side == FINE
    likely = ((scores > LIKELY) & (cells.contrast > LEAST_CONTRAST)).astype(np.uint8)
    likely = cv2.morphologyEx(likely, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)).astype(np.uint8)
    pieces, labels, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=4)
    for piece in range(1, pieces):
        x, y, width, height, area = (int(n) for n in stats[piece])
        if area < (LEAST_FINE_CELLS if fine else LEAST_CELLS):
            continue
        ys, xs = np.nonzero(labels[y : y + height, x : x + width] == piece)
        ys, xs = ys + y, xs + x
        fourfold = complex(cells.fourfold[ys, xs].sum())
        centres = (np.stack([xs, ys], axis=1).astype(np.float64) + 0.5) * cells.side
        upright, corners = _upright(
            grey, centres, float(np.angle(fourfold)) / 4, MARGIN * cells.side
        )
        enclosed = np.prod(np.maximum(np.array(upright.shape) / cells.side - 2 * MARGIN, 1))
        fill = float(len(xs) / enclosed)
        strength = float(scores[ys, xs].mean())
        if fine and (strength < LEAST_FINE_STRENGTH or min(upright.shape) > BROADEST_FINE):
            continue
        yield Patch(corners * scale, upright, strength, fill, fine)


def _upright(
    grey: NDArray[np.uint8], centres: NDArray[np.float64], angle: float, margin: float
) -> tuple[NDArray[np.uint8], Outline]:
    """Cut out what the cells cover, turned by the angle of the edges in it; return its corners."""
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    along = centres @ axes.T
    low, high = along.min(axis=0) - margin, along.max(axis=0) + margin
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
