"""Labelled test photos: what a truth file says of them, and where they lie."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from engine.sources.errors import SourceUnusable
from engine.sources.files import PathFile
from engine.sources.folder import inside
from engine.sources.interface import SourcePhoto
from policies.truth import Truth


def labels_of(truth: Truth, kind: str) -> dict[str, frozenset[str]]:
    """Return photo -> labels of one kind. A photo whose rows are of other kinds has none."""
    return {
        photo: frozenset(a.label for a in shown if a.kind == kind and a.label)
        for photo, shown in truth.photos.items()
    }


def labelled_photos(folder: Path, names: Iterable[str]) -> list[SourcePhoto]:
    """Return the photos of these names, in their order; raises `SourceUnusable` for a missing one.

    They have no contributor and no week: nothing is counted by them.
    """
    root = folder.resolve()
    photos = []
    for name in names:
        file = inside(root, name)
        if file is None:
            raise SourceUnusable(
                "the truth file names a photo outside the directory",
                hint="Paths are relative to --photos and never climb out.",
            )
        if not file.is_file():
            raise SourceUnusable(
                "the truth file names a photo that is not in the directory",
                hint="Check --photos and the spelling in the truth file.",
            )
        photos.append(SourcePhoto(PathFile(file), "", date.min))
    return photos
