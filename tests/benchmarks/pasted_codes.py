"""The sample codes of the development data, pasted into photos of scenes.

120 to 500 pixels long, half of them turned by any angle and seen aslant, half of them with the
blur, shade and noise of a camera. Seeded: the same seed gives the same scenes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.development_data import development_data

SEED: Final = 20260611
WIDE: Final = 1280
HIGH: Final = 960
SIDES: Final = (120, 500)
MOST_IN_A_SCENE: Final = 4
_BARS: Final = (
    *("codabar", "code128", "code39", "code93", "databarltd", "dxfilmedge", "ean13", "ean8"),
    *("itf", "rss14", "rssexpanded", "telepen", "upca", "upce"),
)
_BY_HAND: Final = {
    "code128-1_1.png": (0.16, 0.565, 0.82, 0.79),
    "code39-1_3.png": (0.11, 0.48, 0.83, 0.81),
    "code93-1_2.png": (0.2, 0.38, 0.745, 0.8),
    "datamatrix-3_dm-1.jpg": (0.23, 0.2, 0.78, 0.82),
    "datamatrix-3_dm-2.jpg": (0.275, 0.22, 0.63, 0.54),
    "datamatrix-3_dm-c.jpg": (0.03, 0.06, 0.38, 0.9),
    "dxfilmedge-1_1.jpg": (0.0, 0.8, 1.0, 0.91),
    "dxfilmedge-1_2.png": (0.12, 0.905, 0.85, 0.975),
    "microqrcode-1_1.png": (0.5, 0.11, 0.93, 0.7),
    "multi-1_#360.png": (0.42, 0.3, 0.94, 0.95),
    "multi-1_1.png": (0.07, 0.2, 0.43, 0.45),
    "multi-1_multi-dm.png": (0.03, 0.03, 0.28, 0.4),
    "multi-1_multi-qr.png": (0.08, 0.02, 0.93, 0.97),
    "pdf417-4_03-01.png": (0.03, 0.02, 0.93, 0.28),
    "qrcode-2_8.png": (0.3, 0.22, 0.71, 0.62),
    "qrcode-2_estimate-tilt.jpg": (0.08, 0.1, 0.88, 0.85),
    "qrcode-2_qr-circles-1.png": (0.02, 0.02, 0.98, 0.98),
    "rss14-1_1.png": (0.155, 0.46, 0.79, 0.94),
}
"""Where the code is in samples that show much else: shares of width and height."""


@dataclass(frozen=True)
class Sample:
    """One picture of a code, and where in it the code is."""

    symbology: str
    pixels: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    box: NDArray[np.float64]
    """(4, 2) corners of the inked part, in the picture's own pixels."""


@dataclass(frozen=True)
class Pasted:
    """A code in a scene."""

    sample: Sample
    picture: NDArray[np.float64]
    """(4, 2) corners of the whole sample in the scene."""
    code: NDArray[np.float64]
    """(4, 2) corners of the inked part in the scene."""


@dataclass(frozen=True)
class Scene:
    """A photo with codes."""

    pixels: NDArray[np.uint8]
    codes: tuple[Pasted, ...]


def samples() -> list[Sample]:
    """Return every sample picture that shows a code."""
    found = []
    for file in sorted(development_data("codes", "photos").iterdir()):
        if file.suffix not in {".png", ".jpg"} or "falsepositives" in file.name:
            continue
        raw = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        pixels = _on_white(raw)
        name = file.name.removeprefix("test_samples_")
        symbology = name.split("-")[0]
        box = inked(pixels, bars=symbology in _BARS)
        if name in _BY_HAND:
            x0, y0, x1, y1 = _BY_HAND[name]
            box = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) * pixels.shape[1::-1]
        found.append(Sample(symbology, pixels, box))
    return found


def _on_white(raw: NDArray[Any]) -> NDArray[np.uint8]:
    if raw.dtype == np.uint16:
        raw = (raw >> 8).astype(np.uint8)
    if raw.ndim == 2:
        return cv2.cvtColor(raw, cv2.COLOR_GRAY2RGB).astype(np.uint8)
    if raw.shape[2] == 3:
        return np.ascontiguousarray(raw[:, :, ::-1])
    solid = raw[:, :, 3:].astype(np.float32) / 255
    blended = raw[:, :, 2::-1] * solid + 255 * (1 - solid)
    return np.rint(blended).astype(np.uint8)


def inked(pixels: NDArray[np.uint8], *, bars: bool) -> NDArray[np.float64]:
    """Return the corners of the largest piece of ink, or of the whole where there is no paper.

    With `bars`, the digits below are left out: they are text.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if ink.mean() > 0.7:  # a small code on dark ground: look for its paper
        ink = (1 - ink).astype(np.uint8)
    margin = max(3, round(0.12 * max(width, height))) | 1
    across = margin if bars else max(3, round(0.08 * max(width, height))) | 1
    down = 3 if bars else across
    solid = cv2.copyMakeBorder(ink, *(margin,) * 4, cv2.BORDER_CONSTANT, value=0)
    for shape in ((1, across), (down, 1)):
        solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones(shape, np.uint8))
    pieces, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if pieces < 2:
        return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    x, y, w, h = (int(n) for n in stats[largest, :4])
    if not bars:
        points = np.argwhere(labels == largest)[:, ::-1].astype(np.float32) - margin
        turned = cv2.minAreaRect(points)
        if turned[1][0] * turned[1][1] < 0.8 * w * h:
            return cv2.boxPoints(turned).astype(np.float64)
    x, y = max(0, x - margin), max(0, y - margin)
    w, h = min(w, width - x), min(h, height - y)
    upright = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], dtype=np.float64)
    if not bars:
        return upright
    # Digits hang on the longer bars of shops' codes; rows of digits have fewer edges than bars.
    edges = np.abs(np.diff(ink[y : y + h, x : x + w].astype(np.int8), axis=1)).sum(axis=1)
    busy = np.flatnonzero(edges >= 0.6 * np.percentile(edges, 75))
    if len(busy):
        y, h = y + int(busy[0]), int(busy[-1] - busy[0]) + 1
        upright[:, 1] = [y, y, y + h, y + h]
    return upright


def scenes(codes: list[Sample], seed: int = SEED, backdrop: str = "scenes") -> Iterator[Scene]:
    """Paste every code once, into photos of one folder of the development data."""
    draw = np.random.default_rng(seed)
    files = sorted(development_data(backdrop, "photos").iterdir())
    order = draw.permutation(len(files))
    left = list(codes)
    for turn in range(10**6):
        if not left:
            return
        photo = cv2.imread(str(files[order[turn % len(files)]]))
        pixels = cv2.resize(photo[:, :, ::-1], (WIDE, HIGH), interpolation=cv2.INTER_CUBIC)
        pixels = np.ascontiguousarray(pixels).astype(np.uint8)
        taken = np.zeros((HIGH, WIDE), np.uint8)
        placed: list[Pasted] = []
        while left and len(placed) < MOST_IN_A_SCENE:
            sample = left[0]
            where = _place(sample, taken, draw)
            if where is None:
                break
            left.pop(0)
            placed.append(_paste(pixels, sample, where, draw))
        yield Scene(pixels, tuple(placed))


def _place(
    sample: Sample, taken: NDArray[np.uint8], draw: np.random.Generator
) -> NDArray[np.float64] | None:
    """Choose four corners that lie in the scene and touch no other code."""
    height, width = sample.pixels.shape[:2]
    size = draw.uniform(*SIDES) / max(height, width)
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2) * size
    if draw.random() < 0.5:
        angle = draw.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        # Seen aslant: each corner may move by a twelfth of the shorter side.
        half += draw.uniform(-1, 1, (4, 2)) * min(height, width) * size / 12
        half = half @ turn
    room = np.ptp(half, axis=0) + 8
    if room[0] >= WIDE or room[1] >= HIGH:
        half *= 0.95 * min(WIDE / room[0], HIGH / room[1])
        room = np.ptp(half, axis=0) + 8
    for _ in range(40):
        low = draw.uniform((0, 0), (WIDE - room[0], HIGH - room[1])) + 4
        corners: NDArray[np.float64] = half - half.min(axis=0) + low
        shape = np.zeros_like(taken)
        cv2.fillConvexPoly(shape, np.rint(corners).astype(np.int32), 1)
        shape = cv2.dilate(shape, np.ones((31, 31), np.uint8))
        if not (shape & taken).any():
            taken |= shape
            return corners
    return None


def _paste(
    pixels: NDArray[np.uint8],
    sample: Sample,
    corners: NDArray[np.float64],
    draw: np.random.Generator,
) -> Pasted:
    height, width = sample.pixels.shape[:2]
    source = sample.pixels
    shrink = np.linalg.norm(corners[1] - corners[0]) / width
    own = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    if shrink < 0.75:  # halve first, as a camera would: warping alone skips pixels
        source = cv2.GaussianBlur(source, (0, 0), 0.4 / shrink).astype(np.uint8)
    to = cv2.getPerspectiveTransform(own.astype(np.float32), corners.astype(np.float32))
    how = cv2.INTER_LINEAR if shrink < 4 else cv2.INTER_NEAREST
    patch = cv2.warpPerspective(source, to, (WIDE, HIGH), flags=how).astype(np.float32)
    inside = np.zeros((HIGH, WIDE), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(corners).astype(np.int32), 1)
    if draw.random() < 0.5:
        patch = _as_by_a_camera(patch, draw)
    chosen = inside.astype(bool)
    pixels[chosen] = np.clip(np.rint(patch[chosen]), 0, 255).astype(np.uint8)
    code = cv2.perspectiveTransform(sample.box[None].astype(np.float64), to.astype(np.float64))[0]
    return Pasted(sample, corners, code)


def _as_by_a_camera(patch: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
    dark, light = draw.uniform(0, 70), draw.uniform(140, 255)
    out = dark + patch * ((light - dark) / 255)
    slope = np.linspace(draw.uniform(0.6, 1), draw.uniform(0.6, 1), WIDE, dtype=np.float32)
    out = cv2.GaussianBlur(out * slope[None, :, None], (0, 0), draw.uniform(0.3, 1.3))
    return (out + draw.normal(0, draw.uniform(0, 6), out.shape)).astype(np.float32)
