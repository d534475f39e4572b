"""Pictures that are brought to a catalogue: checked, then named where they are or copied beside it.

Those that lie in the catalogue's folder are named where they are. Others are copied under `marks/`
and `examples/`, with a name made of the entry's and their digest: an SVG as it is, anything else
encoded anew from its pixels, so that no metadata comes along.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.catalogue.examples import FLAW_OF_REASON
from engine.catalogue.flaws import MAX_BYTES, Flaw, Unusable
from engine.catalogue.marks import Problem
from engine.catalogue.pictures import Drawer, read_file
from engine.catalogue.svg_rules import looks_like_svg
from policies.canonical import digest_of_bytes
from policies.catalogue import MARK_ENDINGS, PHOTO_ENDINGS
from policies.lexicon import fold
from redaction import Limits
from redaction.decoding import Undecodable, decode

EXAMPLE_SIDE: Final = 1600
"""Longer side at which an example photo is copied; a run looks at no more."""
_QUALITY: Final = 95

Take = Callable[[bytes], tuple[str, bytes]]
"""From a picture's bytes to the ending and the bytes of its copy; raises `Unusable`."""


class Intake:
    """Checks the pictures of one entry and says how the catalogue names them; writes nothing."""

    def __init__(self, folder: Path, entry: str) -> None:
        self.new: dict[str, bytes] = {}
        """What is to be written beside the catalogue, by its path there."""
        self.problems: list[Problem] = []
        self._folder = folder.resolve()
        self._entry = entry
        self._stem = stem_of(entry)

    def marks(self, files: Sequence[Path]) -> list[str]:
        """Return the marks' paths in the catalogue."""
        with Drawer() as drawer:
            return self._named(files, MARK_ENDINGS, lambda raw: _mark(raw, drawer), "marks")

    def examples(self, files: Sequence[Path]) -> list[str]:
        """Return the example photos' paths in the catalogue."""
        return self._named(files, PHOTO_ENDINGS, _example, "examples")

    def _named(
        self,
        files: Sequence[Path],
        endings: tuple[str, ...],
        take: Take,
        into: Literal["marks", "examples"],
    ) -> list[str]:
        named = []
        for picture in self._spread(files, endings):
            try:
                named.append(self._name(picture, take, into))
            except Unusable as unusable:
                self.problems.append(Problem(self._entry, picture.name, unusable.flaw))
            except (OSError, RuntimeError):  # a loop of links is the second
                self.problems.append(Problem(self._entry, picture.name, Flaw.MISSING))
        return named

    def _spread(self, files: Sequence[Path], endings: tuple[str, ...]) -> Iterator[Path]:
        """Yield the files, and instead of a folder the pictures in it by name."""
        for file in files:
            try:
                pictures = _pictures_of(file, endings)
            except OSError:
                self.problems.append(Problem(self._entry, file.name, Flaw.MISSING))
                continue
            if not pictures:
                self.problems.append(Problem(self._entry, file.name, Flaw.NO_PICTURES))
            yield from pictures

    def _name(self, file: Path, take: Take, into: str) -> str:
        # A link is followed: whoever names it means what it leads to.
        place = file.resolve()
        limit = MAX_BYTES if into == "marks" else Limits().max_bytes
        ending, data = take(read_file(place.parent, place.name, limit))
        if place.is_relative_to(self._folder):
            return place.relative_to(self._folder).as_posix()
        name = f"{into}/{self._stem}-{short_digest(data)}{ending}"
        self.new[name] = data
        return name


def stem_of(name: str) -> str:
    """Return the beginning of a file's name for an entry of this name."""
    return re.sub(r"[^a-z0-9]+", "", fold(name))[:40] or "entry"


def short_digest(data: bytes) -> str:
    """Return enough of the digest to tell an entry's files apart."""
    return digest_of_bytes(data).removeprefix("sha256:")[:12]


def _pictures_of(file: Path, endings: tuple[str, ...]) -> list[Path]:
    """Return the file itself, or the pictures in a folder; none where it has none."""
    if not file.is_dir():
        return [file]
    return [
        path
        for path in sorted(file.iterdir())
        if path.suffix.lower() in endings and not path.name.startswith(".") and path.is_file()
    ]


def _mark(raw: bytes, drawer: Drawer) -> tuple[str, bytes]:
    pixels = drawer.draw(raw)
    if looks_like_svg(raw):
        return ".svg", raw
    return ".png", _encoded(pixels, "PNG")


def _example(raw: bytes) -> tuple[str, bytes]:
    try:
        pixels = decode(raw, Limits(), longest=EXAMPLE_SIDE)
    except Undecodable as refusal:
        raise Unusable(FLAW_OF_REASON.get(refusal.reason, Flaw.TOO_COSTLY)) from None
    return ".jpg", _encoded(pixels, "JPEG", quality=_QUALITY, subsampling=0)


def _encoded(pixels: NDArray[np.uint8], form: str, **how: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **how)
    return file.getvalue()
