"""People cut out of their portraits, dressed in plain shirts, and put before other pictures."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engine.demo.pictures import Pixels, picture

SHIRTS = (
    (212, 212, 206),
    (36, 40, 52),
    (178, 40, 44),
    (30, 92, 140),
    (240, 196, 64),
    (28, 110, 78),
)
"""Colours of the shirts that people are dressed in, RGB."""


@dataclass(frozen=True)
class Place:
    """Where a sign can be put in a scene."""

    x: float
    """Centre, px."""
    y: float
    width: float
    """Most room, px; a sign is never larger."""
    height: float
    style: str
    """One of `board`, `post`, `banner`, `card`, `carton`, `neon`, `shirt`, `tag`."""

    @property
    def roomy(self) -> bool:
        """True where a smaller line fits under a name."""
        return self.style not in ("shirt", "neon") and self.height >= 74


@dataclass(frozen=True)
class Figure:
    """Hand-drawn hints for cutting a person out of a portrait, px of the file as shipped."""

    core: tuple[tuple[int, int], ...]
    """Surely the person."""
    outline: tuple[tuple[int, int], ...]
    """Surely nothing outside is."""
    neck: tuple[int, int, int, int]
    """Ellipse above which a shirt does not reach: centre x, y, radius x, y."""
    chest: tuple[int, int, int]
    """Where a print goes: centre x, y and width."""
    vest: tuple[tuple[int, int], ...] = ()
    """How far a shirt reaches, where the sleeves stay as they are."""
    held: tuple[int, int, int, int] | None = None
    """Ellipse of a thing held before the body, which no shirt covers."""


FIGURES = {
    "astronaut": Figure(
        core=(
            *((185, 40), (270, 40), (288, 100), (262, 135), (248, 150), (250, 190), (310, 225)),
            *((345, 290), (300, 345), (280, 511), (40, 511), (60, 420), (100, 330), (120, 240)),
            *((135, 165), (150, 158), (188, 180), (190, 150), (178, 120), (165, 100)),
        ),
        outline=(
            *((150, 20), (240, 5), (295, 20), (306, 105), (286, 134), (256, 150), (258, 180)),
            *((300, 203), (350, 250), (368, 340), (285, 400), (280, 511), (10, 511), (15, 420)),
            *((40, 270), (105, 212), (110, 165), (150, 145), (184, 164), (182, 136), (148, 110)),
        ),
        neck=(210, 222, 100, 66),
        chest=(196, 350, 232),
        vest=(
            *((86, 252), (335, 252), (322, 330), (312, 420), (300, 511), (62, 511), (72, 400)),
            (70, 320),
        ),
        held=(398, 452, 112, 108),
    ),
    "admiral": Figure(
        core=(
            *((215, 60), (310, 60), (345, 110), (335, 190), (345, 250), (320, 310), (400, 380)),
            *((440, 430), (455, 599), (80, 599), (100, 420), (150, 370), (210, 320), (185, 260)),
            *((175, 190), (165, 120)),
        ),
        outline=(
            *((190, 10), (330, 10), (385, 90), (365, 180), (385, 260), (350, 320), (460, 370)),
            *((495, 450), (511, 599), (15, 599), (40, 400), (110, 345), (190, 310), (155, 260)),
            (145, 120),
        ),
        neck=(262, 345, 78, 62),
        chest=(268, 490, 330),
    ),
}


@cache
def cut_out(name: str) -> npt.NDArray[np.float32]:
    """Return how much each pixel of a portrait belongs to the person, 0 to 1 (GrabCut)."""
    figure, pixels = FIGURES[name], picture(name)
    mask = np.full((pixels.shape[0], pixels.shape[1]), cv2.GC_BGD, np.uint8)
    cv2.fillPoly(mask, [np.array(figure.outline)], (cv2.GC_PR_FGD,))
    cv2.fillPoly(mask, [np.array(figure.core)], (cv2.GC_FGD,))
    cv2.setRNGSeed(1)  # its colour clusters start from OpenCV's own generator
    inside, outside = np.zeros((1, 65)), np.zeros((1, 65))
    bgr, no_box = pixels[:, :, ::-1].copy(), (0, 0, 0, 0)
    cv2.grabCut(bgr, mask, no_box, outside, inside, 3, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((3, 3))), np.uint8)
    if figure.held is not None:
        person |= _ellipse(person.shape, figure.held).astype(np.uint8)
    return _soft(person.astype(np.float32), 1.2)


def _soft(mask: npt.NDArray[Any], sigma: float) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)


def _ellipse(shape: tuple[int, ...], ellipse: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    """Return 1 inside centre x, y and radius x, y, and 0 outside."""
    x, y, across, down = ellipse
    mask = np.zeros(shape, np.float32)
    cv2.ellipse(mask, (x, y), (across, down), 0, 0, 360, (1,), -1)
    return mask


def _folds(shape: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return soft light and shade, about 0.8 to 1.1, as on hanging cloth."""
    wide = cv2.resize(rng.normal(0, 1, (5, 5)), shape[::-1], interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.normal(0, 1, (9, 22)), shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(1.0 + 0.07 * wide + 0.035 * fine, np.float32)


def dressed(name: str, shirt: tuple[int, int, int], rng: np.random.Generator) -> Pixels:
    """Return the portrait with the person in a plain shirt: room for a print."""
    pixels, person, figure = picture(name), cut_out(name), FIGURES[name]
    rows, columns = pixels.shape[:2]
    x, y, across, down = figure.neck
    cloth = person.copy()
    cloth[:y] = 0
    cloth *= 1 - _ellipse(cloth.shape, figure.neck)
    if figure.vest:
        vest = np.zeros_like(cloth)
        cv2.fillPoly(vest, [np.array(figure.vest)], (1,))
        cloth *= vest
    if figure.held is not None:
        cloth *= 1 - _ellipse(cloth.shape, figure.held)
    # The rim is darker: a body is round. Depth is in px from the shirt's edge.
    depth = cv2.distanceTransform((cloth > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    rim = 0.62 + 0.38 * np.clip(depth / 60, 0, 1) ** 0.6
    collar = np.zeros_like(cloth)
    cv2.ellipse(collar, (x, y), (across + 5, down + 5), 0, 0, 180, (1,), 3, cv2.LINE_AA)
    shade = rim * _folds((rows, columns), rng) * (1 - 0.25 * collar)
    grain = rng.normal(0, 2.5, (rows, columns, 1))
    colour = np.array(shirt, np.float32) * shade[..., None] + grain
    share = _soft(cloth, 1.0)[..., None]
    return np.clip(colour * share + pixels * (1 - share), 0, 255).astype(np.uint8)


def stand_in(
    canvas: Pixels, name: str, clothed: Pixels, *, height: int, x: int
) -> tuple[Pixels, Place]:
    """Put a cut-out person before a picture, feet on its lower edge; return the chest too."""
    figure, rows = FIGURES[name], clothed.shape[0]
    scale = height / rows
    size = round(clothed.shape[1] * scale), height
    person = cv2.resize(clothed, size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(cut_out(name), size, interpolation=cv2.INTER_AREA)
    full_height, full_width = canvas.shape[:2]
    left, top = x - size[0] // 2, full_height - height
    first, last = max(left, 0), min(left + size[0], full_width)
    part = slice(first - left, last - left)
    alpha = share[:, part, None]
    under = canvas[top:, first:last]
    canvas[top:, first:last] = (person[:, part] * alpha + under * (1 - alpha)).astype(np.uint8)
    cx, cy, width = figure.chest
    return canvas, Place(left + cx * scale, top + cy * scale, width * scale, 70 * scale, "shirt")
