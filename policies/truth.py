"""Truth files: what labelled photos show: test photos for `evaluate`, a study's own for `train`.

CSV in UTF-8 with the columns `photo, kind, label, x0, y0, x1, y1`. Boxes are in pixels of the
upright photo; a label of the whole photo has none.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Final

from policies.canonical import digest_of_bytes
from policies.errors import TruthInvalid

COLUMNS: Final = ("photo", "kind", "label", "x0", "y0", "x1", "y1")
FARTHEST: Final = 1e6
"""Pixels; no photo that is let in is so large."""

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Labelled:
    """One thing that a photo shows."""

    kind: str
    label: str
    box: Corners | None
    """x0, y0, x1, y1; None for a label of the whole photo."""
    row: int = field(default=0, compare=False)
    """Of the file, from 1 on, the header not counted."""


@dataclass(frozen=True)
class Truth:
    """A truth file, read whole."""

    photos: Mapping[str, tuple[Labelled, ...]]
    """Photo, relative to the folder -> what it shows, in the file's order."""
    digest: str
    """Of the file's bytes."""


def read_truth(file: Path, called: str = "the truth file") -> Truth:
    """Read a truth file; raises `TruthInvalid`, naming the row and nothing that stands in it.

    `called` is what its messages call it.
    """
    try:
        data = file.read_bytes()
        rows = csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if not set(COLUMNS[:3]) <= set(rows.fieldnames or ()):
            raise TruthInvalid(
                f"{called} lacks a column", hint="It needs " + ", ".join(COLUMNS) + "."
            )
        photos: dict[str, list[Labelled]] = {}
        for number, row in enumerate(rows, start=1):
            _add(row, number, photos, called)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise TruthInvalid(f"{called} can't be read", hint="It is a CSV file in UTF-8.") from None
    if not photos:
        raise TruthInvalid(f"{called} has no rows", hint="Label some test photos first.")
    return Truth({name: tuple(shown) for name, shown in photos.items()}, digest_of_bytes(data))


def _add(
    row: dict[str, str | None], number: int, photos: dict[str, list[Labelled]], called: str
) -> None:
    name, kind, label = row["photo"], row["kind"], row["label"]
    if not name or "\0" in name or not kind or label is None:
        raise TruthInvalid(f"{called}, row {number}: a field is missing")
    if PurePosixPath(name).as_posix() != name or ".." in PurePosixPath(name).parts:
        # `a.jpg` and `./a.jpg` would count as two photos.
        raise TruthInvalid(
            f"{called}, row {number}: the photo's path is not in its plain form",
            hint="Write paths as photos/a.jpg, without ./ and ../ .",
        )
    texts = [row.get(column) or "" for column in COLUMNS[3:]]
    photos.setdefault(name, []).append(Labelled(kind, label, _box(texts, number, called), number))


def _box(texts: list[str], number: int, called: str) -> Corners | None:
    if not any(text.strip() for text in texts):
        return None
    try:
        x0, y0, x1, y1 = (float(text) for text in texts)
    except ValueError:
        x0 = y0 = x1 = y1 = math.nan
    # Written so that nan is refused as well.
    inside = all(abs(edge) <= FARTHEST for edge in (x0, y0, x1, y1))
    if not (inside and x0 <= x1 and y0 <= y1):
        raise TruthInvalid(
            f"{called}, row {number}: the box is not one",
            hint="x0, y0, x1, y1 are numbers, in pixels, x0 left of x1 and y0 above y1.",
        )
    return (x0, y0, x1, y1)
