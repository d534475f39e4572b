"""Photos with made-up personal data written on them, by the hundred, from a seed.

E-mail addresses, phone numbers, handles, names, card numbers, IBANs and street addresses, and
names of a catalogue among them, in the fonts that are installed, 8 to 80 pixels high, at any angle
and many contrasts, on the photos of scikit-image. The same seed and fonts give the same photos.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from policies.lexicon import Lexicon

SEED: Final = 20260612
SIZES: Final = (8, 80)
SIDES: Final = (640, 1000)
"""Pixels of the photos' longer side."""
CONTRASTS: Final = (40, 230)
"""Levels between the ink and the mean of what it stands on."""
LEVEL: Final = 15
"""Degrees of slant of half of the texts; the other half has any angle."""
MOST_TEXTS: Final = 4
CATALOGUE: Final = [
    "adidas",
    "Nike",
    "Yahoo",
    "Heineken",
    "Starbucks",
    "Vodafone",
    "Samsung",
    "Google",
    "Puma",
    "Lufthansa",
    "Nintendo",
    "Fanta",
]
LEXICON: Final = Lexicon(tuple(sorted((name, name) for name in CATALOGUE)))
GROUNDS: Final = [
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "camera.png",
    "hubble_deep_field.jpg",
    "coins.png",
    "moon.png",
    "brick.png",
    "grass.png",
    "gravel.png",
]
_FIRST: Final = [
    "Marieke",
    "Obadiah",
    "Wilhelmina",
    "Thaddeus",
    "Joaquina",
    "Ezekiel",
    "Philippa",
    "Bartholomew",
]
_LAST: Final = [
    "Vanderhoof",
    "Quackenbush",
    "Oyelaran",
    "Zimmermann",
    "Castellanos",
    "Featherstone",
]
_STREETS: Final = (
    "Thornbury",
    "Wexcombe",
    "Larkspur",
    "Mulberry",
    "Birchwood",
    "Hawthorne",
)
_UNSUITED: Final = [
    "LastResort",
    "STIXNonUni",
    "STIXSiz",
    "cmex10",
    "cmsy10",
    "cmmi10",
    "cmr10",
    "cmb10",
    "cmss10",
    "cmti10",
    "cmtt10",
    "MathTeX",
    "Display",
]
"""Fonts of signs, and fonts without letters or with @ and digits out of their usual places."""

Kind = Literal["email", "phone", "handle", "name", "card", "iban", "address", "catalogue"]
PERSONAL: Final[tuple[Kind, ...]] = (
    "email",
    "phone",
    "handle",
    "name",
    "card",
    "iban",
    "address",
)


@dataclass(frozen=True)
class Written:
    """One text on a photo."""

    kind: Kind
    text: str
    quad: NDArray[np.float64]
    """(4, 2) corners, clockwise from the text's own upper left."""
    size: int
    contrast: int
    font: str


@dataclass(frozen=True)
class WrittenPhoto:
    """A photo and what is written on it."""

    pixels: NDArray[np.uint8]
    texts: tuple[Written, ...]


def matplotlib_fonts() -> list[Path]:
    """Return the fonts that ship with matplotlib and have letters: the same everywhere."""
    import matplotlib

    folder = Path(matplotlib.__file__).parent / "mpl-data" / "fonts" / "ttf"
    return [f for f in sorted(folder.glob("*.ttf")) if _suited(f)]


def installed_fonts() -> list[Path]:
    """Return matplotlib's fonts and those of the system, as fontconfig lists them."""
    listed = subprocess.run(["fc-list", ":", "file"], capture_output=True, text=True, check=False)
    files = {Path(line.strip().rstrip(":")) for line in listed.stdout.splitlines()}
    system = sorted(f for f in files if f.suffix in {".ttf", ".otf"} and _suited(f))
    return matplotlib_fonts() + system


def written_photos(
    count: int,
    fonts: Sequence[Path],
    seed: int = SEED,
    most: int = MOST_TEXTS,
    first: int = 0,
) -> Iterator[WrittenPhoto]:
    """Draw photos; each depends on the seed, its number and the fonts alone."""
    for number in range(first, first + count):
        yield _photo(np.random.default_rng([seed, number]), fonts, most)


def personal_text(kind: Kind, rng: np.random.Generator) -> str:
    """Make up one text of a kind; half of the addresses of some sort have a catalogue name in."""
    first, last = _one(rng, _FIRST), _one(rng, _LAST)
    brand = _one(rng, CATALOGUE).lower()
    digits = "".join(str(d) for d in rng.integers(0, 10, 30))
    with_brand = bool(rng.integers(2))
    match kind:
        case "email":
            host = f"{brand}.com" if with_brand else "posteo.example"
            return f"{first}.{last}@{host}".lower()
        case "phone":
            return f"+{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:12]}"
        case "handle":
            return f"@{brand}_{first.lower()}" if with_brand else f"@{first}{last}".lower()
        case "name":
            return f"{first} {last}"
        case "card":
            return " ".join(("4" + digits)[i : i + 4] for i in range(0, 16, 4))
        case "iban":
            return f"DE{digits[:2]} " + " ".join(digits[2 + i : 6 + i] for i in range(0, 16, 4))
        case "address":
            return f"{rng.integers(1000, 9999)} {_one(rng, _STREETS)} Road"
        case "catalogue":
            return _one(rng, CATALOGUE)


def _one(rng: np.random.Generator, among: Sequence[str]) -> str:
    return among[int(rng.integers(len(among)))]


def _suited(font: Path) -> bool:
    return not any(part in font.name for part in _UNSUITED)


def _photo(rng: np.random.Generator, fonts: Sequence[Path], most: int) -> WrittenPhoto:
    pixels = _ground(rng)
    taken = np.zeros(pixels.shape[:2], np.uint8)
    texts: list[Written] = []
    kinds: list[Kind] = [PERSONAL[int(rng.integers(len(PERSONAL)))], "catalogue"]
    while len(kinds) < most:
        kinds.append(PERSONAL[int(rng.integers(len(PERSONAL)))])
    for kind in kinds:
        done = _write(pixels, taken, kind, fonts[int(rng.integers(len(fonts)))], rng)
        if done is not None:
            texts.append(done)
    return WrittenPhoto(pixels, tuple(texts))


def _ground(rng: np.random.Generator) -> NDArray[np.uint8]:
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    with Image.open(folder / _one(rng, GROUNDS)) as image:
        ground = np.asarray(image.convert("RGB"))
    scale = int(rng.integers(*SIDES)) / max(ground.shape[:2])
    size = (round(ground.shape[1] * scale), round(ground.shape[0] * scale))
    if rng.integers(2):
        ground = np.ascontiguousarray(ground[:, ::-1])
    return cv2.resize(ground, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _write(
    pixels: NDArray[np.uint8],
    taken: NDArray[np.uint8],
    kind: Kind,
    font_file: Path,
    rng: np.random.Generator,
) -> Written | None:
    """Write one text where there is room; a text that finds none is left out."""
    text = personal_text(kind, rng)
    size = round(float(np.exp(rng.uniform(*np.log(SIZES)))))
    angle = float(rng.uniform(-LEVEL, LEVEL) if rng.integers(2) else rng.uniform(0, 360))
    contrast = int(rng.integers(*CONTRASTS))
    ink = _inked(text, font_file, size)
    height, width = pixels.shape[:2]
    for _ in range(40):
        middle = rng.uniform(0.1, 0.9, 2) * [width, height]
        turn = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), angle, 1.0)
        turn[:, 2] += middle - np.array([ink.shape[1], ink.shape[0]]) / 2
        corners = np.array(
            [[0, 0], [ink.shape[1], 0], [ink.shape[1], ink.shape[0]], [0, ink.shape[0]]]
        )
        quad = corners @ turn[:, :2].T + turn[:, 2]
        place = np.zeros_like(taken)
        cv2.fillConvexPoly(place, np.rint(quad).astype(np.int32), 1)
        inside = bool((quad >= 2).all() and (quad < np.array([width, height]) - 2).all())
        if not inside or (place & taken).any():
            continue
        alpha = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_LINEAR)[:, :, None]
        below = pixels[place.astype(np.bool_)].mean()
        level = below + contrast if below < 128 else below - contrast
        tint = np.clip(level + rng.uniform(-25, 25, 3), 0, 255)
        pixels[:] = np.rint(pixels * (1 - alpha) + tint * alpha).astype(np.uint8)
        # A margin, so that a veil on one text does not have to touch the next.
        around = np.ones((2 * size + 1, 2 * size + 1), np.uint8)
        taken |= cv2.dilate(place, around)
        return Written(kind, text, quad, size, contrast, font_file.stem)
    return None


def _inked(text: str, font_file: Path, size: int) -> NDArray[np.float32]:
    font = ImageFont.truetype(str(font_file), size)
    x0, y0, x1, y1 = font.getbbox(text)
    image = Image.new("L", (int(x1 - x0) + 4, int(y1 - y0) + 4), 0)
    ImageDraw.Draw(image).text((2 - x0, 2 - y0), text, fill=255, font=font)
    return np.asarray(image, dtype=np.float32) / np.float32(255)
