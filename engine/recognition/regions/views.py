"""Views of a mark: what it may look like in photos, seen askew, in bad light, small, on a ground.

Pasted over grounds that are made here, so that no picture needs to ship. The same mark gives the
same views, whatever else is in the catalogue.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv
from engine.recognition.marks import Mark
from engine.recognition.regions.pictures import cut

GROUND: Final = 192
"""Side of the ground, in pixels."""
SMALLEST, LARGEST = 28.0, 130.0
"""Square root of a view's area on its ground."""
DETAIL: Final = 200
"""A mark is brought to this longer side first."""
LIT: Final = 60
"""Lightest drawn view's least distance from its ground, in grey levels."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Random = np.random.Generator


def views(mark: Mark, count: int, seed: int) -> Pixels:
    """Return (count, side, side, 3) views; the seed is the mark's place among its brand's."""
    made = []
    for number in range(count):
        chance = np.random.default_rng([31, seed, number])
        made.append(_view(_sheet(mark, chance), chance, gentle=not mark.drawn))
    return np.stack(made)


def _view(sheet: Floats, chance: Random, *, gentle: bool) -> Pixels:
    ground = _ground(chance)
    strength = 0.5 if gentle else 1.0
    size = np.exp(chance.uniform(np.log(SMALLEST), np.log(LARGEST)))
    corners = _corners(sheet, size, strength, chance)
    height, width = sheet.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv.getPerspectiveTransform(flat, corners)
    shrink = min(1.0, 1.5 * size / (height * width) ** 0.5)
    if shrink < 0.9:
        small = (max(4, round(width * shrink)), max(4, round(height * shrink)))
        sheet = np.asarray(cv.resize(sheet, small, interpolation=cv.INTER_AREA), np.float32)
        grow = np.diag([width / small[0], height / small[1], 1.0])
        matrix = matrix @ grow
    laid = cv.warpPerspective(sheet, matrix, (GROUND, GROUND), flags=cv.INTER_LINEAR)
    cover = laid[..., 3:] / 255
    light = chance.uniform(0.6, 1.1) + chance.uniform(-0.25, 0.25) * _slope(chance)
    mixed = ground * (1 - cover) + laid[..., :3] * light[..., None]
    mixed += cover * chance.uniform(-10, 25)
    picture = _worn(np.clip(mixed, 0, 255).astype(np.uint8), chance)
    low, high = corners.min(0), corners.max(0)
    spread = np.exp(chance.normal(0, 0.13, 2)) * (high - low) / 2
    centre = (low + high) / 2 + chance.normal(0, 0.07, 2) * (high - low)
    return cut(picture, np.concatenate([centre - spread, centre + spread]).astype(np.float32))


def _corners(sheet: Floats, size: float, strength: float, chance: Random) -> Floats:
    aspect = sheet.shape[1] / sheet.shape[0] * np.exp(chance.normal(0, 0.12 * strength))
    half = np.array([size * aspect**0.5, size / aspect**0.5]) / 2
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners = (signs + chance.uniform(-0.2, 0.2, (4, 2)) * strength) * half
    turn = np.deg2rad(chance.normal(0, 9 * strength))
    c, s = np.cos(turn), np.sin(turn)
    turned = corners @ np.array([[c, s], [-s, c]]) + GROUND / 2
    return np.asarray(turned, dtype=np.float32)


def _sheet(mark: Mark, chance: Random) -> Floats:
    """The mark as (h, w, 4): colours times cover, and cover."""
    pixels = mark.pixels
    cover = np.full(pixels.shape[:2], 255, np.uint8) if mark.alpha is None else mark.alpha
    by = min(1.0, DETAIL / max(cover.shape))
    size = (max(4, round(cover.shape[1] * by)), max(4, round(cover.shape[0] * by)))
    colours = cv.resize(pixels, size, interpolation=cv.INTER_AREA).astype(np.float32)
    shape = cv.resize(cover, size, interpolation=cv.INTER_AREA).astype(np.float32)
    if mark.drawn and mark.alpha is not None:
        colours, shape = _printed(colours, shape, chance)
    return np.dstack([colours * (shape / 255)[..., None], shape])


def _printed(colours: Floats, shape: Floats, chance: Random) -> tuple[Floats, Floats]:
    """A drawing as it may be printed: in its colours or in one, on a plate or bare."""
    margin = round(max(shape.shape) * chance.uniform(0.04, 0.25))
    around = ((margin, margin), (margin, margin))
    colours, shape = np.pad(colours, (*around, (0, 0))), np.pad(shape, around)
    own = colours[shape > 127].mean(0) if (shape > 127).any() else np.zeros(3)
    style = chance.random()
    white = np.full(3, 255.0)
    if style < 0.4:
        plate = white
    elif style < 0.75:
        colours, plate = np.broadcast_to(white, colours.shape).astype(np.float32), own
    else:
        plate = chance.uniform(0, 255, 3)
    ink = colours[shape > 127].mean(0) if (shape > 127).any() else white
    if np.abs(ink - plate).max() < LIT:
        plate = 255 - ink
    if chance.random() < 0.3:
        return colours, shape
    cover = (shape / 255)[..., None]
    return (colours * cover + plate * (1 - cover)).astype(np.float32), np.full_like(shape, 255)


def _ground(chance: Random) -> Floats:
    base = np.zeros((GROUND, GROUND, 3), dtype=np.float32)
    for cell in (4, 8, 16, 32, 64):
        side = GROUND // cell + 1
        noise = chance.standard_normal((side, side, 3)).astype(np.float32)
        base += cv.resize(noise, (GROUND, GROUND), interpolation=cv.INTER_LINEAR) * cell
    tone = chance.integers(20, 236, 3)
    return np.clip(tone + base * chance.uniform(0.1, 1.0), 0, 255).astype(np.float32)


def _slope(chance: Random) -> Floats:
    """Light that falls off across the ground, from -1 to 1."""
    turn = chance.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : GROUND * 1j, -1 : 1 : GROUND * 1j]
    return np.asarray((x * np.cos(turn) + y * np.sin(turn)) / 2**0.5, dtype=np.float32)


def _worn(picture: Pixels, chance: Random) -> Pixels:
    if chance.random() < 0.4:
        blurred = cv.GaussianBlur(picture, (0, 0), chance.uniform(0.4, 1.6))
        picture = np.asarray(blurred, dtype=np.uint8)
    if chance.random() < 0.4:
        noise = chance.normal(0, chance.uniform(2, 9), picture.shape)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return picture
