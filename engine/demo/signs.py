"""Signs, banners, cards and shirt prints: text set into a picture so that it looks photographed.

A sign is drawn flat at twice its size, turned and skewed into its place with one perspective
warp, shaded with the light that falls on the place, and given a shadow. Pixels are uint8 RGB.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from engine.demo.figures import Place
from engine.demo.pictures import Pixels

_OVER = 2
"""Signs are drawn this many times larger than they are shown."""
_FONTS = (
    "DejaVuSans-Bold.ttf",
    "DejaVuSans-BoldOblique.ttf",
    "DejaVuSerif-Bold.ttf",
    "DejaVuSans.ttf",
    "DejaVuSansMono-Bold.ttf",
)
_NAME_PX = (28, 60)
"""Least and largest font size of a name, px."""

Colour = tuple[int, int, int]

_PAIRS: tuple[tuple[Colour, Colour], ...] = (
    ((248, 246, 240), (28, 36, 60)),
    ((24, 60, 110), (250, 250, 246)),
    ((176, 32, 38), (255, 250, 240)),
    ((250, 206, 60), (32, 28, 24)),
    ((24, 98, 70), (246, 250, 240)),
    ((34, 34, 38), (250, 214, 110)),
    ((238, 226, 204), (120, 40, 30)),
    ((92, 40, 110), (255, 246, 250)),
)
"""Pairs (board, ink) with contrast enough to be read."""
_CARTON: tuple[Colour, Colour] = ((186, 146, 98), (60, 34, 20))
_NEON: tuple[Colour, ...] = ((255, 120, 150), (120, 230, 255), (255, 220, 120))
_MAX_TURN = 8.0
"""Degrees."""


@dataclass(frozen=True)
class _Flat:
    """A sign before it is set into a picture, `_OVER` times its size."""

    image: Image.Image
    """RGBA."""
    solid: bool
    """True for a board that throws a shadow; False for ink alone."""


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package that ships the demo's fonts is not installed")
    return ImageFont.truetype(Path(spec.origin).parent / "mpl-data/fonts/ttf" / name, size)


def _size_that_fits(font: str, text: str, width: float, height: float) -> int:
    """Return the largest font size, px, at which the text fits; never above the largest allowed."""
    left, top, right, bottom = _font(font, 100).getbbox(text)
    return int(min(_NAME_PX[1], 100 * width / (right - left), 100 * height / (bottom - top)))


def _text(
    text: str,
    font: str,
    size: int,
    ink: Colour,
    *,
    board: Colour | None,
    small: str = "",
    framed: bool = False,
) -> Image.Image:
    """Draw a name, and under it a smaller line, on a board or on nothing."""
    big = _font(font, size * _OVER)
    left, top, right, bottom = (round(v) for v in big.getbbox(text))
    little = _font("DejaVuSans.ttf", max(15, round(size * 0.4)) * _OVER)
    below = tuple(round(v) for v in little.getbbox(small)) if small else (0, 0, 0, 0)
    pad = round(size * _OVER * (0.4 if board is not None else 0.15))
    gap = round(size * _OVER * 0.25) if small else 0
    width = max(right - left, below[2] - below[0]) + 2 * pad
    height = bottom - top + gap + below[3] - below[1] + 2 * pad
    background = (*board, 255) if board is not None else (*ink, 0)
    image = Image.new("RGBA", (width, height), background)
    draw = ImageDraw.Draw(image)
    draw.text(((width - right + left) / 2 - left, pad - top), text, fill=(*ink, 255), font=big)
    if small:
        x = (width - below[2] + below[0]) / 2 - below[0]
        y = pad + bottom - top + gap - below[1]
        draw.text((x, y), small, fill=(*ink, 255), font=little)
    if framed:
        edge = 3 * _OVER
        box = (edge, edge, width - edge - 1, height - edge - 1)
        draw.rounded_rectangle(box, radius=4 * _OVER, outline=(*ink, 150), width=_OVER)
    return image


def _glowing(image: Image.Image, size: int) -> Image.Image:
    """Add the light that a neon tube throws around itself."""
    room = size * _OVER // 2
    colour = image.getpixel((0, 0))
    assert isinstance(colour, tuple)
    wide = Image.new("RGBA", (image.width + 2 * room, image.height + 2 * room), (*colour[:3], 0))
    wide.paste(image, (room, room))
    glow = wide.filter(ImageFilter.GaussianBlur(size * _OVER / 7))
    return Image.alpha_composite(glow, wide)


def _draw(name: str, small: str, place: Place, under: Pixels, rng: np.random.Generator) -> _Flat:
    """Draw the flat sign in the style of its place."""
    font = _FONTS[int(rng.integers(len(_FONTS)))]
    if rng.random() < 0.3:
        name = name.upper()
    room = place.height * (0.5 if small else 0.62)
    fits = _size_that_fits(font, name, place.width * 0.86, room)
    size = max(_NAME_PX[0], int(fits * rng.uniform(0.66, 1.0)))
    if place.style == "shirt":
        dark = float(under.mean()) < 128
        ink = (244, 242, 236) if dark else (30, 34, 58)
        return _Flat(_text(name, font, size, ink, board=None, small=small), solid=False)
    if place.style == "neon":
        ink = _NEON[int(rng.integers(len(_NEON)))]
        return _Flat(_glowing(_text(name, font, size, ink, board=None, small=small), size), False)
    if place.style == "carton":
        board, ink = _CARTON
        image = _text(name, font, size, ink, board=board, small=small)
        return _Flat(_widened(image, place, board), solid=True)
    board, ink = _PAIRS[int(rng.integers(len(_PAIRS)))]
    framed = place.style in ("board", "post") and rng.random() < 0.6
    image = _text(name, font, size, ink, board=board, small=small, framed=framed)
    if place.style == "banner":
        image = _widened(image, place, board)
    return _Flat(image, solid=True)


def _widened(image: Image.Image, place: Place, board: Colour) -> Image.Image:
    """Make the board fill its place: cartons and banners are larger than their text."""
    size = (
        max(image.width, round(place.width * _OVER)),
        max(image.height, round(place.height * _OVER * 0.86)),
    )
    wide = Image.new("RGBA", size, (*board, 255))
    wide.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2), image)
    return wide


def _corners(flat: Image.Image, place: Place, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return where the sign's corners go, px: turned by at most 8 degrees and seen aslant."""
    w, h = flat.width / _OVER / 2, flat.height / _OVER / 2
    turn = np.deg2rad(rng.uniform(-_MAX_TURN, _MAX_TURN))
    slant = rng.uniform(-0.13, 0.13)
    if place.style in ("shirt", "carton"):
        turn, slant = turn * 0.6, slant * 0.5
    if place.style == "carton":
        turn *= 0.3
    near, far = 1 + slant, 1 - slant
    tilt = rng.uniform(0.0, 0.1) if place.style == "card" else 0.0
    flat_corners = np.array(
        [
            (-w * (1 - tilt), -h * near),
            (w * (1 - tilt), -h * far),
            (w * (1 + tilt), h * far),
            (-w * (1 + tilt), h * near),
        ]
    )
    rotation = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    return np.asarray(flat_corners @ rotation + (place.x, place.y), np.float32)


def set_sign(
    pixels: Pixels, place: Place, name: str, rng: np.random.Generator, *, small: str = ""
) -> None:
    """Paint a name, and under it a smaller line, into the picture at the place."""
    top, left = max(0, int(place.y - place.height / 2)), max(0, int(place.x - place.width / 2))
    under = pixels[top : top + int(place.height), left : left + int(place.width)]
    flat = _draw(name, small, place, under, rng)
    corners = _corners(flat.image, place, rng)
    if place.style == "post":
        _stand(pixels, corners)
    _paint(pixels, flat, corners, rng)


def _stand(pixels: Pixels, corners: npt.NDArray[np.float32]) -> None:
    """Paint two posts from the sign to the picture's lower edge."""
    upper_left, upper_right = corners[0], corners[1]
    for share in (0.2, 0.8):
        x, y = (upper_left + (upper_right - upper_left) * share).astype(int)
        post = pixels[max(y + 8, 0) :, x - 4 : x + 5]
        bright = np.linspace(0.75, 1.1, post.shape[1])[None, :, None]
        post[:] = np.clip(np.array((104, 92, 80)) * bright, 0, 255).astype(np.uint8)


def set_tag(pixels: Pixels, place: Place, text: str, rng: np.random.Generator) -> None:
    """Paint a small note or name badge into the picture at the place."""
    size = min(22, _size_that_fits("DejaVuSans.ttf", text, place.width, place.height * 0.7))
    image = _text(text, "DejaVuSans.ttf", max(14, size), (30, 30, 40), board=(250, 248, 242))
    _paint(pixels, _Flat(image, solid=True), _corners(image, place, rng), rng)


def _paint(
    pixels: Pixels, flat: _Flat, corners: npt.NDArray[np.float32], rng: np.random.Generator
) -> None:
    """Set the flat sign into the picture, with its shadow or with the folds under it."""
    source = np.array(flat.image.filter(ImageFilter.GaussianBlur(0.35 * _OVER)), np.float32)
    h, w = source.shape[:2]
    source[..., :3] *= _light(h, w, rng)
    # INVARIANT: colours are multiplied by their alpha before the warp, which fades to nothing.
    source[..., :3] *= source[..., 3:] / 255
    frame = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    matrix = cv2.getPerspectiveTransform(frame, corners)
    size = pixels.shape[1], pixels.shape[0]
    warped = cv2.warpPerspective(source, matrix, size, flags=cv2.INTER_LINEAR)
    colour, alpha = warped[..., :3], warped[..., 3:] / 255
    base = pixels.astype(np.float32)
    if flat.solid:
        shadow = cv2.GaussianBlur(np.roll(alpha[..., 0], (5, 4), (0, 1)), (0, 0), 3)
        base *= 1 - 0.45 * shadow[..., None]
    else:
        grey = cv2.GaussianBlur(base.mean(axis=2), (0, 0), 4)
        mean = float(np.average(grey, weights=alpha[..., 0] + 1e-9))
        colour = colour * np.clip(grey / max(mean, 1.0), 0.85, 1.1)[..., None]
    pixels[:] = np.clip(colour + base * (1 - alpha), 0, 255).astype(np.uint8)


def _light(rows: int, columns: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return the light over a sign, (rows, columns, 1), 0.8 to 1.05: from one side, uneven."""
    across = np.linspace(rng.uniform(0.84, 1.04), rng.uniform(0.84, 1.04), columns)
    spots = cv2.resize(
        rng.normal(0, 0.025, (3, 5)).astype(np.float32),
        (columns, rows),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.asarray(across[None, :] + spots, np.float32)[..., None]
