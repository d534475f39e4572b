"""A catalogue's marks as recognition takes them: pixels in memory, each with its brand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.catalogue.errors import PicturesUnusable
from engine.catalogue.flaws import Flaw, Unusable
from engine.catalogue.pictures import Drawer, read_file
from engine.recognition.marks import Mark
from policies.canonical import digest_of_bytes
from policies.catalogue import Catalogue

_LIGHT: Final = 170
"""A drawing that is lighter than this on average gets a dark ground, else it would be lost."""
_DARK_GROUND, _LIGHT_GROUND = 32, 255
_MARGIN: Final = 0.1
"""Ground on each side of a drawing, of its longer side: an edge is seen against something."""
_LUMA: Final = (0.299, 0.587, 0.114)
_MOST_TOLD: Final = 20


@dataclass(frozen=True)
class Problem:
    """A picture that can't be used, and whose it is."""

    entry: str
    file: str
    flaw: Flaw

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return f"{self.entry!r}: {self.file} {self.flaw.value}"


@dataclass(frozen=True)
class ReadMarks:
    """Every mark of a catalogue that can be used, in its order, and what is wrong with the rest."""

    marks: tuple[Mark, ...]
    files: tuple[str, ...]
    """Of each mark, as the catalogue writes it."""
    digests: dict[str, str]
    """Of the very bytes that were read."""
    problems: tuple[Problem, ...]


def read_marks(
    catalogue: Catalogue, folder: Path, drawer: Drawer, step: Callable[[], None]
) -> ReadMarks:
    """Read every mark; `step` is called after each. Raises `CatalogueError` without a drawer."""
    marks: list[Mark] = []
    files: list[str] = []
    digests: dict[str, str] = {}
    problems: list[Problem] = []
    for brand in catalogue.brands:
        for name in brand.marks:
            try:
                raw = read_file(folder, name)
                marks.append(mark_of(brand.name, drawer.draw(raw)))
                files.append(name)
                digests[name] = digest_of_bytes(raw)
            except Unusable as unusable:
                problems.append(Problem(brand.name, name, unusable.flaw))
            step()
    return ReadMarks(tuple(marks), tuple(files), digests, tuple(problems))


def mark_of(label: str, pixels: NDArray[np.uint8]) -> Mark:
    """Return the mark of an opaque picture (a photo), or of one that something shines through.

    The second is taken for a drawing: cut to what is drawn, on a ground that it stands out from.
    """
    if pixels.shape[2] == 3:
        return Mark(label, pixels, None, False)
    drawn = _on_more_ground(_cut(pixels))
    opacity = drawn[..., 3]
    share = opacity[..., None].astype(np.float32) / 255
    brightness = (drawn[..., :3] @ np.array(_LUMA, np.float32))[opacity > 0]
    weights = opacity[opacity > 0].astype(np.float64)
    light = float(np.average(brightness, weights=weights)) > _LIGHT
    ground = _DARK_GROUND if light else _LIGHT_GROUND
    shown = np.rint(drawn[..., :3] * share + ground * (1 - share)).astype(np.uint8)
    return Mark(label, shown, np.ascontiguousarray(opacity), True)


def _cut(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    seen = rgba[..., 3] > 0
    (rows,), (columns,) = np.nonzero(seen.any(1)), np.nonzero(seen.any(0))
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _on_more_ground(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    margin = round(_MARGIN * max(rgba.shape[:2]))
    return np.pad(rgba, ((margin, margin), (margin, margin), (0, 0)))


def require_none(problems: tuple[Problem, ...]) -> None:
    """Raise `PicturesUnusable` with every problem's sentence, or the first of many."""
    if not problems:
        return
    told = [problem.sentence for problem in problems[:_MOST_TOLD]]
    if len(problems) > _MOST_TOLD:
        told.append(f"and {len(problems) - _MOST_TOLD} more")
    raise PicturesUnusable(
        "; ".join(told), hint="Mend or remove these files in the catalogue; nothing was written."
    )
