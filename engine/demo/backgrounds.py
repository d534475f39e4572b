"""Scenes: what a contributor's camera saw, with places where a sign can be put."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from engine.demo.figures import FIGURES, SHIRTS, Place, dressed, stand_in
from engine.demo.pictures import Pixels, fit, picture, tint

LONGEST = 512
"""Longest side of a scene, px: small, so that redacting a photo takes half a second."""


@dataclass(frozen=True)
class Scene:
    """A picture without a brand on it yet."""

    pixels: Pixels
    places: tuple[Place, ...]
    """Places for a brand, the best one first; they do not overlap."""
    tag: Place
    """A place for a small text about a person."""
    faces: int


def _shirt(rng: np.random.Generator) -> tuple[int, int, int]:
    return SHIRTS[int(rng.integers(len(SHIRTS)))]


def _portrait(rng: np.random.Generator) -> Scene:
    """One person in a printed shirt, as photographed."""
    name = ("astronaut", "admiral")[int(rng.integers(2))]
    pixels = dressed(name, _shirt(rng), rng)
    scale = LONGEST / max(pixels.shape[:2])
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    cx, cy, width = (scale * v for v in FIGURES[name].chest)
    place = Place(cx, cy, width, 70 * scale, "shirt")
    tag = Place(cx, cy + 74 * scale, 0.6 * width, 34, "tag")
    return Scene(small, (place,), tag, 1)


_BEHIND = ("pagoda", "garage", "brick", "rocket", "grass")


def _behind(rng: np.random.Generator, width: int, height: int) -> Pixels:
    name = _BEHIND[int(rng.integers(len(_BEHIND)))]
    pixels = picture(name)
    if name == "brick":
        pixels = _wall_of_brick(rng)
    elif name == "grass":
        pixels = tint(pixels, (92, 128, 62))
    fitted = fit(pixels, width, height)
    if rng.random() < 0.5:
        fitted = fitted[:, ::-1].copy()
    blurred = cv2.GaussianBlur(fitted, (0, 0), float(rng.uniform(0.6, 2.2)))  # out of focus
    return np.asarray(blurred, np.uint8)


def _visitor(rng: np.random.Generator) -> Scene:
    """One person before a place."""
    canvas = _behind(rng, 448, LONGEST)
    name = ("astronaut", "admiral")[int(rng.integers(2))]
    height = int(rng.integers(440, 480))
    x = int(rng.integers(215, 236))
    canvas, chest = stand_in(canvas, name, dressed(name, _shirt(rng), rng), height=height, x=x)
    return Scene(canvas, (chest,), Place(chest.x, chest.y + 62, 150, 32, "tag"), 1)


def _pair(rng: np.random.Generator) -> Scene:
    """Two people before a place, a banner held up before them."""
    canvas = _behind(rng, LONGEST, 460)
    names = ("astronaut", "admiral") if rng.random() < 0.5 else ("admiral", "astronaut")
    for name, x in zip(names, (140, 370), strict=True):
        clothed = dressed(name, _shirt(rng), rng)
        canvas, _ = stand_in(canvas, name, clothed, height=int(rng.integers(370, 392)), x=x)
    return Scene(canvas, (Place(256, 398, 440, 74, "banner"),), Place(130, 30, 230, 28, "tag"), 2)


def _wall_of_brick(rng: np.random.Generator) -> Pixels:
    colours = ((150, 84, 66), (168, 120, 86), (120, 112, 108), (176, 92, 72))
    return tint(np.rot90(picture("brick")).copy(), colours[int(rng.integers(len(colours)))])


def _posters(rng: np.random.Generator) -> Scene:
    """Framed portraits on a brick wall under a shop's sign: several faces."""
    canvas = fit(_wall_of_brick(rng), LONGEST, 400)
    names = ("admiral", "astronaut", "admiral") if rng.random() < 0.5 else ("astronaut", "admiral")
    width = 128
    for index, name in enumerate(names):
        left = (
            round((index + 1) * (LONGEST - len(names) * width) / (len(names) + 1)) + index * width
        )
        top = 185 + int(rng.integers(-8, 9))
        shadow = canvas[top + 6 : top + 178, left + 6 : left + width + 8]
        shadow[:] = (shadow * 0.55).astype(np.uint8)
        frame = canvas[top : top + 170, left : left + width]
        frame[:] = (34, 30, 28)
        portrait = fit(picture(name)[:430], width - 12, 158)
        if index == 2:  # an old print, the other way round
            portrait = tint(portrait[:, ::-1], (128, 118, 100))
        frame[6:-6, 6:-6] = portrait
    places = (Place(256, 92, 430, 110, "board"),)
    return Scene(canvas, places, Place(256, 376, 260, 30, "tag"), len(names))


@dataclass(frozen=True)
class _View:
    """A picture without anybody to dress, and where signs stand in it."""

    weight: int
    size: tuple[int, int]
    places: tuple[Place, ...]
    tag: Place
    faces: int = 0


_VIEWS = {
    "pagoda": _View(
        *(3, (512, 342)),
        (Place(372, 262, 250, 76, "post"), Place(130, 276, 230, 70, "post")),
        Place(400, 30, 190, 30, "tag"),
    ),
    "shop": _View(
        *(3, (512, 384)),
        (Place(256, 110, 420, 120, "board"), Place(256, 250, 330, 80, "board")),
        Place(256, 345, 260, 34, "tag"),
    ),
    "garage": _View(
        *(3, (512, 346)),
        (Place(150, 62, 270, 80, "board"), Place(260, 306, 280, 64, "banner")),
        Place(400, 28, 190, 28, "tag"),
    ),
    "coffee": _View(
        3, (512, 384), (Place(256, 322, 300, 84, "card"),), Place(420, 30, 150, 28, "tag")
    ),
    "cat": _View(
        3, (512, 400), (Place(256, 345, 508, 96, "carton"),), Place(120, 30, 200, 28, "tag")
    ),
    "rocket": _View(
        3, (512, 342), (Place(256, 70, 400, 84, "neon"),), Place(150, 322, 230, 28, "tag")
    ),
    "flower": _View(
        2, (512, 384), (Place(256, 308, 330, 84, "post"),), Place(130, 30, 200, 28, "tag")
    ),
    "lawn": _View(
        2, (512, 384), (Place(256, 180, 400, 110, "card"),), Place(256, 320, 250, 34, "tag")
    ),
    "yard": _View(
        2, (448, 512), (Place(224, 250, 380, 150, "carton"),), Place(224, 420, 250, 34, "tag")
    ),
    "cameraman": _View(
        3, (512, 448), (Place(300, 395, 330, 84, "banner"),), Place(420, 300, 160, 28, "tag"), 1
    ),
}
_SHOTS: dict[str, tuple[int, Callable[[np.random.Generator], Scene]]] = {
    # Pictures with people who were put there: weight, and how to make one.
    "portrait": (4, _portrait),
    "visitor": (6, _visitor),
    "pair": (4, _pair),
    "posters": (3, _posters),
}

SCENES = (*_SHOTS, *_VIEWS)
"""Names of the scenes that `build_scene` knows."""


def choose_scene(rng: np.random.Generator, *, signs: int) -> str:
    """Return the name of a scene with room for so many signs (at most 2), drawn by weight."""
    weights = {name: weight if signs <= 1 else 0 for name, (weight, _) in _SHOTS.items()}
    for name, view in _VIEWS.items():
        weights[name] = view.weight if signs <= len(view.places) else 0
    shares = np.array([weights[name] for name in SCENES]) / sum(weights.values())
    return SCENES[int(rng.choice(len(SCENES), p=shares))]


def build_scene(name: str, rng: np.random.Generator) -> Scene:
    """Return a fresh scene: its pixels may be painted on."""
    if name in _SHOTS:
        return _SHOTS[name][1](rng)
    view = _VIEWS[name]
    pixels, places, tag = _framed(fit(_surface(name, rng), *view.size), rng), view.places, view.tag
    if rng.random() < 0.5:
        width = view.size[0]
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        places = tuple(replace(place, x=width - place.x) for place in places)
        tag = replace(tag, x=width - tag.x)
    return Scene(pixels, places, tag, view.faces)


def _framed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the picture a little nearer and aside: nobody stands where another one stood."""
    rows, columns = pixels.shape[:2]
    share = rng.uniform(0.86, 1.0)
    height, width = round(rows * share), round(columns * share)
    top, left = int(rng.integers(rows - height + 1)), int(rng.integers(columns - width + 1))
    return fit(pixels[top : top + height, left : left + width], columns, rows)


def _surface(name: str, rng: np.random.Generator) -> Pixels:
    if name == "shop":
        return _wall_of_brick(rng)
    if name == "lawn":
        return tint(picture("grass"), (92, 128, 62))
    if name == "yard":
        return tint(picture("gravel"), (142, 136, 128))
    return picture("camera" if name == "cameraman" else name)
