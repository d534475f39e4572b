"""Photos with a marker of its own in every place of their format that can hold words.

For the tests that nothing of a file but its pixels survives.
"""

import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.planted import avif, bmp, gif, heic, jpeg, png, tiff, webp
from tests.planted.marker import STEM, Marks

SIZE = (96, 64)
"""Width and height of every planted picture, as it is shown."""


@dataclass(frozen=True)
class Planted:
    """One file, and what was planted in it."""

    name: str
    raw: bytes
    slots: tuple[str, ...] = field(default=())


_MAKERS: tuple[tuple[str, Callable[[Marks], bytes]], ...] = (
    ("jpeg", jpeg.planted),
    ("png", png.planted),
    ("gif", gif.planted),
    ("webp", webp.planted),
    ("tiff", tiff.planted),
    ("bmp", bmp.planted),
    ("heic", heic.planted),
    ("avif", avif.planted),
)


def planted() -> list[Planted]:
    """Return one file of each format, every slot filled."""
    made = []
    for name, maker in _MAKERS:
        marks = Marks(name)
        raw = maker(marks)
        made.append(Planted(name, raw, tuple(marks.slots)))
    return made


def found_in(data: bytes, slot: str = "") -> bool:
    """Say whether a slot's marker, or any, is in `data`: as it is, as UTF-16, or deflated."""
    stem = STEM + slot
    needles = (stem.encode(), stem.encode("utf-16-le"), stem.encode("utf-16-be"))
    return any(needle in part for part in (data, *_inflated(data)) for needle in needles)


def _inflated(data: bytes) -> list[bytes]:
    """Return every zlib stream in `data`, wherever it begins."""
    streams = []
    for head in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        at = data.find(head)
        while at >= 0:
            with suppress(zlib.error):
                streams.append(zlib.decompressobj().decompress(data[at:], 1 << 24))
            at = data.find(head, at + 1)
    return streams
