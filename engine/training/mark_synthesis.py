"""Drawings of marks pasted over pictures, to train the region recogniser on; for its build alone.

Marks are public drawings (simple-icons and SVG Logos, both CC0 1.0; the trademarks stay their
owners'). Pictures are photos that the caller names, those that ship in scikit-image, and textures
made here. Everything follows from seeds.
"""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import resvg_py
import skimage.data
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Random = np.random.Generator

DETAIL: Final = 160
"""Longer side of a drawing, in pixels."""
LEAST_INK: Final = 40
SAMPLES: Final = [
    "astronaut",
    "brick",
    "camera",
    "chelsea",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "horse",
    "motorcycle_left",
    "motorcycle_right",
    "page",
    "rocket",
    "hubble_deep_field",
    "ihc",
    "retina",
    "moon",
    "text",
    "clock_motion",
    "cell",
    "color",
]
HELD_OUT: Final = [
    "nbc",
    "citroen",
    "cocacola",
    "vodafone",
    "pepsi",
    "adidas",
    "sprite",
    "apple",
    "unicef",
    "starbucks",
    "nike",
    "heineken",
    "puma",
    "texaco",
    "redbull",
    "intel",
    "yahoo",
    "ford",
    "porsche",
    "bmw",
    "mcdonalds",
    "fedex",
    "google",
    "dhl",
    "hp",
    "mini",
    "ferrari",
]
"""The brands of the development set: no drawing of theirs is trained on, so that figures
measured on that set are figures for brands the net has never seen."""


@dataclass(frozen=True)
class Drawing:
    """One mark: RGBA, and the colour of its brand where the drawing has only one colour."""

    name: str
    picture: Pixels
    colour: tuple[int, int, int] | None


def drawings(simple_icons: Path, logos: Path) -> list[Drawing]:
    """Return the drawings of both npm archives, in the order of their names."""
    return _icons(simple_icons) + _logos(logos)


def is_held_out(drawing: Drawing) -> bool:
    """Say whether a drawing is of a brand on whose photos figures are measured."""
    return drawing.name.replace("-", "").startswith(tuple(HELD_OUT))


def pictures(folder: Path) -> list[Pixels]:
    """Return the photos of a folder and those that ship in scikit-image, as RGB."""
    shipped = Path(skimage.data.__file__).parent
    files = sorted(folder.iterdir())
    files += [file for name in SAMPLES for file in sorted(shipped.glob(f"{name}.[jp][pn]g"))]
    read = (cv2.imread(str(file), cv2.IMREAD_COLOR) for file in files)
    return [np.ascontiguousarray(photo[..., ::-1]) for photo in read if photo is not None]


def patches(photos: list[Pixels], count: int, chance: Random) -> list[Drawing]:
    """Return parts of photos with detail in them, which stand for marks that are no drawings."""
    found: list[Drawing] = []
    while len(found) < count:
        photo = photos[chance.integers(len(photos))]
        height, width = photo.shape[:2]
        side = chance.uniform(0.12, 0.4) * min(height, width)
        aspect = np.exp(chance.uniform(-0.3, 0.9))
        tall, wide = int(side / aspect**0.5), int(side * aspect**0.5)
        if min(tall, wide) < 40 or tall >= height or wide >= width:
            continue
        y, x = chance.integers(height - tall), chance.integers(width - wide)
        part = photo[y : y + tall, x : x + wide]
        if part.std() < 35:
            continue
        by = min(1.0, 170 / max(tall, wide))
        size = (max(4, round(wide * by)), max(4, round(tall * by)))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        whole = np.full(part.shape[:2], 255, np.uint8)
        found.append(Drawing("", np.dstack([part, whole]), None))
    return found


def ground(chance: Random, photos: list[Pixels], height: int, width: int) -> Pixels:
    """Return a part of a photo, or a texture, of a given size."""
    if chance.random() < 0.12:
        return _texture(chance, height, width)
    photo = photos[chance.integers(len(photos))]
    share = chance.uniform(0.2, 1.0)
    tall = max(32, int(photo.shape[0] * share))
    wide = min(photo.shape[1], max(32, int(tall * width / height * chance.uniform(0.8, 1.25))))
    y, x = chance.integers(photo.shape[0] - tall + 1), chance.integers(photo.shape[1] - wide + 1)
    how = cv2.INTER_AREA if tall > height else cv2.INTER_LINEAR
    part = cv2.resize(photo[y : y + tall, x : x + wide], (width, height), interpolation=how)
    if chance.random() < 0.5:
        part = part[:, ::-1]
    if chance.random() < 0.5:
        tone = part * chance.uniform(0.6, 1.3, 3) + chance.uniform(-20, 20)
        part = np.clip(tone, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(part)


def printed(drawing: Drawing, chance: Random) -> tuple[Floats, float, float]:
    """Return a mark as printed: RGBA, and the margin around it as shares of width and height."""
    if not drawing.name:
        return drawing.picture.astype(np.float32), 0.0, 0.0
    inked = drawing.picture.astype(np.float32)
    plate = np.full(3, 255.0) if chance.random() < 0.5 else _colour(chance)
    if drawing.name.startswith("icon:") or chance.random() < 0.1:
        own = np.array(drawing.colour, float) if drawing.colour else _colour(chance)
        way, white = chance.random(), np.full(3, 255.0)
        ink, plate = (own, white) if way < 0.35 else (white, own)
        if way >= 0.65:
            ink, plate = _colour(chance), _colour(chance)
        if np.abs(ink - plate).max() < 70:
            plate = 255 - ink
        inked[..., :3] = ink
    height, width = inked.shape[:2]
    plated = chance.random() < 0.65
    margin = int(max(height, width) * chance.uniform(0.04, 0.3)) if plated else 2
    sheet = np.zeros((height + 2 * margin, width + 2 * margin, 4), dtype=np.float32)
    if plated:
        sheet[..., :3] = plate
        sheet[..., 3] = _plate(sheet.shape[0], sheet.shape[1], chance)
    else:
        solid = np.unravel_index(inked[..., 3].argmax(), inked.shape[:2])
        sheet[..., :3] = inked[solid][:3]
    cover = inked[..., 3:] / 255
    inside = sheet[margin : margin + height, margin : margin + width]
    inside[..., :3] = inside[..., :3] * (1 - cover) + inked[..., :3] * cover
    inside[..., 3:] = np.maximum(inside[..., 3:], inked[..., 3:])
    return sheet, margin / sheet.shape[1], margin / sheet.shape[0]


def paste(
    chance: Random, canvas: Pixels, sheet: Floats, margin: tuple[float, float], size: float, at: Any
) -> Floats | None:
    """Lay a sheet over the canvas, in place; return the upright box of its mark, if it is there."""
    height, width = sheet.shape[:2]
    aspect = width / height * np.exp(chance.normal(0, 0.12))
    wide, tall = size * aspect**0.5, size / aspect**0.5
    slight = chance.random() < 0.85
    turn = np.deg2rad(chance.normal(0, 9) if slight else chance.uniform(-45, 45))
    c, s = np.cos(turn), np.sin(turn)
    signs = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    corners = (signs + chance.uniform(-0.1, 0.1, (4, 2))) * [wide, tall]
    corners = corners @ np.array([[c, s], [-s, c]]) + at
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    x0, y0 = np.maximum(np.floor(corners.min(0)).astype(int) - 2, 0)
    x1, y1 = np.minimum(np.ceil(corners.max(0)).astype(int) + 2, canvas.shape[1::-1])
    if min(x1 - x0, y1 - y0) < 8:
        return None
    shrink = size / (width * height) ** 0.5
    source = sheet
    if shrink < 0.67:
        small = (max(4, int(width * shrink * 1.2)), max(4, int(height * shrink * 1.2)))
        source = cv2.resize(sheet, small, interpolation=cv2.INTER_AREA)
    grow = np.diag([width / source.shape[1], height / source.shape[0], 1])
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]], dtype=float)
    thick = source.copy()
    thick[..., :3] *= thick[..., 3:] / 255
    laid = cv2.warpPerspective(thick, shift @ matrix @ grow, (int(x1 - x0), int(y1 - y0)))
    cover, under = laid[..., 3:] / 255, canvas[y0:y1, x0:x1].astype(np.float32)
    soft = cv2.GaussianBlur(under.mean(2), (0, 0), max(2, size / 8))
    shade = 1 + (soft / max(float(soft.mean()), 1) - 1) * chance.uniform(0, 0.8)
    light = np.clip(shade, 0.4, 1.5) * chance.uniform(0.55, 1.1)
    over = laid[..., :3] * light[..., None] + chance.uniform(-10, 25) * cover
    opaque = chance.uniform(0.8, 1)
    canvas[y0:y1, x0:x1] = np.clip(over * opaque + under * (1 - cover * opaque), 0, 255)
    inner = flat * (1 - 2 * np.array(margin)) + np.array(margin) * [width, height]
    seen = cv2.perspectiveTransform(inner[None].astype(np.float32), matrix)[0]
    low, high = np.maximum(seen.min(0), 0), np.minimum(seen.max(0), canvas.shape[1::-1])
    return np.concatenate([low, high]).astype(np.float32)


def worn(chance: Random, picture: Pixels) -> Pixels:
    """Return the picture a little blurred, noisy and compressed, each by chance."""
    if chance.random() < 0.4:
        picture = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.4, 1.6))
    if chance.random() < 0.3:
        noise = chance.normal(0, chance.uniform(2, 9), picture.shape)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if chance.random() < 0.7:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(35, 95))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR)
    return picture


def _icons(archive: Path) -> list[Drawing]:
    with tarfile.open(archive) as tar:
        names = [n for n in tar.getnames() if n.startswith("package/icons/") and n.endswith(".svg")]
        texts = {Path(n).stem: _text(tar, n) for n in sorted(names)}
        entries = json.loads(_text(tar, "package/data/simple-icons.json"))
    colours = {_slug(e): tuple(bytes.fromhex(e["hex"])) for e in entries}
    made = ((name, _drawn(text, DETAIL)) for name, text in texts.items())
    return [Drawing(f"icon:{n}", p, colours.get(n)) for n, p in made if p is not None]


def _logos(archive: Path) -> list[Drawing]:
    with tarfile.open(archive) as tar:
        whole = json.loads(_text(tar, "package/icons.json"))
    made = []
    for name, icon in sorted(whole["icons"].items()):
        wide, tall = (icon.get(k, whole.get(k, 16)) for k in ("width", "height"))
        if wide / tall > 6 or tall / wide > 3:
            continue
        view = f"{icon.get('left', 0)} {icon.get('top', 0)} {wide} {tall}"
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{view}">{icon["body"]}</svg>'
        )
        picture = _drawn(svg, max(32, int(DETAIL * min(1, wide / tall))))
        if picture is not None:
            made.append(Drawing(f"logo:{name}", picture, None))
    return made


def _text(tar: tarfile.TarFile, name: str) -> str:
    member = tar.extractfile(name)
    if member is None:
        raise SystemExit(f"the archive has no {name}")
    return member.read().decode()


def _slug(entry: dict[str, Any]) -> str:
    kept = "".join(c for c in entry["title"].lower() if c.isascii() and c.isalnum())
    return str(entry.get("slug", kept))


def _drawn(svg: str, width: int) -> Pixels | None:
    try:
        encoded = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width))
    except ValueError:
        return None
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    picture = cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA)
    ys, xs = np.nonzero(picture[..., 3] > 8)
    if len(ys) < LEAST_INK:
        return None
    tight = picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    return np.ascontiguousarray(tight, dtype=np.uint8)


def _colour(chance: Random) -> NDArray[np.float64]:
    way = chance.random()
    if way < 0.25:
        return np.full(3, 255) * chance.uniform(0.85, 1)
    if way < 0.4:
        return chance.uniform(0, 50, 3)
    hue = [chance.integers(180), chance.integers(90, 256), chance.integers(60, 256)]
    rgb = cv2.cvtColor(np.array([[hue]], dtype=np.uint8), cv2.COLOR_HSV2RGB)
    return np.asarray(rgb[0, 0], dtype=np.float64)


def _plate(height: int, width: int, chance: Random) -> Pixels:
    """A plate's cover: a rectangle, an ellipse or a rectangle with round corners."""
    shape = np.full((height, width), 255, np.uint8)
    way = chance.random()
    if way < 0.6:
        return shape
    shape[:] = 0
    if way < 0.8:
        cv2.ellipse(shape, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 255, -1)
        return shape
    by = int(min(height, width) * 0.2)
    shape[:, by : width - by] = 255
    shape[by : height - by] = 255
    for x in (by, width - by):
        for y in (by, height - by):
            cv2.circle(shape, (x, y), by, 255, -1)
    return shape


def _texture(chance: Random, height: int, width: int) -> Pixels:
    way = chance.integers(3)
    if way == 0:
        few = chance.integers(0, 256, (*chance.integers(2, 8, 2), 3), dtype=np.uint8)
        return cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC)
    if way == 1:
        base = np.zeros((height, width, 3), np.float32)
        for cell in (4, 8, 16, 32, 64):
            shape = (height // cell + 1, width // cell + 1, 3)
            noise = chance.standard_normal(shape).astype(np.float32)
            base += cv2.resize(noise, (width, height)) * cell
        tone = chance.integers(40, 216, 3) + base * chance.uniform(0.2, 1.2)
        return np.clip(tone, 0, 255).astype(np.uint8)
    plain = np.empty((height, width, 3), np.uint8)
    plain[:] = chance.integers(0, 256, 3)
    for _ in range(chance.integers(4, 30)):
        colour = tuple(int(v) for v in chance.integers(0, 256, 3))
        corners = chance.integers(-50, width + 50, (chance.integers(3, 6), 2)).astype(np.int32)
        if chance.random() < 0.5:
            cv2.fillPoly(plain, [corners], colour, cv2.LINE_AA)
        else:
            cv2.polylines(plain, [corners], False, colour, int(chance.integers(1, 14)), cv2.LINE_AA)
    return plain
