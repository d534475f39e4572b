"""Photos damaged on purpose, the same ones for the same seed: what an attacker would try first."""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from tests.planted import planted
from tests.planted.boxes import heic, mirror, rotation, still
from tests.planted.marker import picture

EXTREMES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
Change = Callable[[bytearray, np.random.Generator], bytearray]


@dataclass(frozen=True)
class Mutant:
    """One damaged file."""

    seed: str
    """Name of the file that it was made of."""
    change: str
    raw: bytes


def seeds() -> list[tuple[str, bytes]]:
    """Return whole files of every format, by name: plain ones, and ones full of metadata."""
    image = picture(160, 120)
    grey = image.convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    clear = image.convert("RGBA")
    clear.putalpha(grey)
    made = [(file.name, file.raw) for file in planted()]
    for name, source, form, more, options in (
        ("jpeg-plain", image, "JPEG", False, {}),
        ("jpeg-progressive", image, "JPEG", False, {"progressive": True}),
        ("jpeg-restarts", image, "JPEG", False, {"restart_marker_rows": 1}),
        ("jpeg-cmyk", image.convert("CMYK"), "JPEG", False, {}),
        ("jpeg-grey", grey, "JPEG", False, {}),
        ("mpo", image, "MPO", True, {}),
        ("png-plain", image, "PNG", False, {}),
        ("png-palette", image.convert("P"), "PNG", False, {"transparency": 3}),
        ("png-deep", deep, "PNG", False, {}),
        ("png-clear", clear, "PNG", False, {}),
        ("apng", image, "PNG", True, {}),
        ("gif-animated", image.convert("P"), "GIF", True, {}),
        ("webp-lossy", image, "WEBP", False, {}),
        ("webp-clear", clear, "WEBP", False, {"lossless": True}),
        ("webp-animated", image, "WEBP", True, {}),
        ("tiff-lzw", image, "TIFF", False, {"compression": "tiff_lzw"}),
        ("tiff-deflate", deep, "TIFF", False, {"compression": "tiff_adobe_deflate"}),
        ("tiff-jpeg", image, "TIFF", False, {"compression": "jpeg"}),
        ("tiff-pages", image, "TIFF", True, {}),
        ("tiff-float", Image.fromarray(np.asarray(grey).astype(np.float32)), "TIFF", False, {}),
        ("tiff-big", image, "TIFF", False, {"big_tiff": True}),
        ("bmp-palette", image.convert("P"), "BMP", False, {}),
        ("avif-clear", clear, "AVIF", False, {}),
        ("avif-animated", image, "AVIF", True, {}),
    ):
        file = BytesIO()
        # Copies: Pillow leaves one save's settings on a picture for the next.
        given = {"save_all": True, "append_images": [image.transpose(0)]} if more else {}
        source.copy().save(file, form, **options, **given)
        made.append((name, _undated(file.getvalue())))
    made.append(("heic-plain", heic([still()])))
    made.append(("heic-turned", heic([still(rotation(1), mirror(0))])))
    return made


def mutants(count: int, seed: int, more: Sequence[tuple[str, bytes]] = ()) -> Iterator[Mutant]:
    """Yield `count` damaged files, of each whole file about as many; `more` adds to those."""
    whole = [*seeds(), *more]
    names = list(CHANGES)
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        name, raw = whole[number % len(whole)]
        damaged, done = bytearray(raw), []
        for _ in range(1 + int(rng.geometric(0.6)) // 2):
            change = names[int(rng.integers(len(names) + 1)) - 1]
            if change == "splice":
                _, other = whole[int(rng.integers(len(whole)))]
                damaged = _splice(damaged, other, rng)
            else:
                damaged = CHANGES[change](damaged, rng)
            done.append(change)
        if damaged.startswith(b"\x89PNG") and rng.random() < 0.7:
            damaged = _checksums(damaged)
        yield Mutant(name, "+".join(done), bytes(damaged))


def many_scans(side: int, scans: int) -> bytes:
    """Return a JPEG file whose last scan comes again and again: small, and slow to decode."""
    file = BytesIO()
    Image.new("RGB", (side, side), (90, 120, 200)).save(file, "JPEG", progressive=True)
    raw = file.getvalue()
    last = raw.rindex(b"\xff\xda")
    return raw[:last] + raw[last:-2] * scans + raw[-2:]


def _undated(raw: bytes) -> bytes:
    """Return the file without the time that it was made at (ISO/IEC 14496-12, section 8)."""
    still = bytearray(raw)
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        at = still.find(kind)
        if at >= 0:
            width = 16 if still[at + 4] else 8
            still[at + 8 : at + 8 + width] = bytes(width)
    return bytes(still)


def _place(raw: bytearray, rng: np.random.Generator, width: int = 1) -> int:
    """Return a place in the file; often in its head, where its structure is."""
    end = max(1, len(raw) - width)
    return int(rng.integers(min(end, 256) if rng.random() < 0.5 else end))


def _flip_bits(raw: bytearray, rng: np.random.Generator) -> bytearray:
    for _ in range(int(rng.integers(1, 40))):
        if raw:
            raw[_place(raw, rng)] ^= 1 << int(rng.integers(8))
    return raw


def _set_bytes(raw: bytearray, rng: np.random.Generator) -> bytearray:
    for _ in range(int(rng.integers(1, 20))):
        if raw:
            raw[_place(raw, rng)] = int(rng.integers(256))
    return raw


def _cut(raw: bytearray, rng: np.random.Generator) -> bytearray:
    return raw[: int(rng.integers(len(raw) + 1))]


def _edit_head(raw: bytearray, rng: np.random.Generator) -> bytearray:
    for _ in range(int(rng.integers(1, 6))):
        if raw:
            raw[int(rng.integers(min(len(raw), 64)))] = int(rng.integers(256))
    return raw


def _set_size(raw: bytearray, rng: np.random.Generator) -> bytearray:
    """Overwrite something that may be a length, a count or an offset."""
    for _ in range(int(rng.integers(1, 4))):
        width = int(rng.choice((2, 4)))
        at = _place(raw, rng, width)
        value = EXTREMES[int(rng.integers(len(EXTREMES)))] & ((1 << 8 * width) - 1)
        order = "<" if rng.random() < 0.5 else ">"
        raw[at : at + width] = struct.pack(order + ("H" if width == 2 else "I"), value)
    return raw


def _repeat(raw: bytearray, rng: np.random.Generator) -> bytearray:
    at = _place(raw, rng)
    piece = raw[at : at + int(rng.integers(1, 400))]
    where = _place(raw, rng)
    return raw[:where] + piece * int(rng.integers(1, 30)) + raw[where:]


def _drop(raw: bytearray, rng: np.random.Generator) -> bytearray:
    at = _place(raw, rng)
    return raw[:at] + raw[at + int(rng.integers(1, 200)) :]


def _fill(raw: bytearray, rng: np.random.Generator) -> bytearray:
    at = _place(raw, rng)
    size = min(int(rng.integers(1, 200)), len(raw) - at)
    raw[at : at + size] = bytes([int(rng.choice((0, 255, 0x41)))]) * size
    return raw


def _insert(raw: bytearray, rng: np.random.Generator) -> bytearray:
    at = _place(raw, rng)
    return raw[:at] + rng.bytes(int(rng.integers(1, 100))) + raw[at:]


def _swap(raw: bytearray, rng: np.random.Generator) -> bytearray:
    first, second = sorted((_place(raw, rng), _place(raw, rng)))
    return raw[:first] + raw[second:] + raw[first:second]


def _splice(raw: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    return raw[: _place(raw, rng)] + other[int(rng.integers(len(other))) :]


CHANGES: dict[str, Change] = {
    "flip bits": _flip_bits,
    "set bytes": _set_bytes,
    "cut": _cut,
    "edit head": _edit_head,
    "set size": _set_size,
    "repeat": _repeat,
    "drop": _drop,
    "fill": _fill,
    "insert": _insert,
    "swap": _swap,
    "splice": lambda raw, _: raw,
}


def _checksums(raw: bytearray) -> bytearray:
    """Make the check sums of a PNG file right again, so that its decoder reads on."""
    at = 8
    while at + 12 <= len(raw):
        size = int.from_bytes(raw[at : at + 4], "big")
        end = at + 8 + size
        if end + 4 > len(raw):
            break
        raw[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(raw[at + 4 : end])))
        at = end + 4
    return raw
