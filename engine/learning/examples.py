"""From a source's photos and their labels to examples by contributor.

At most so many photos of one contributor are looked at as the recipe says. Which, is chosen by a
rank that follows from the run's secret key and that contributor's own rows, as a study's cells are:
with somebody else's photos added or removed they stay the same. It is chosen before a photo is
opened, so that what redaction withholds is not made up for by other photos. Of what they teach, no
more examples are taken than that either: the first, in the order of the source.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.learning.embedding_job import LabelledPhoto, Points
from engine.learning.interface import Examples, Floats, Places, Recipe
from engine.learning.labels import Labels
from engine.sources import SourcePhoto


@dataclass(frozen=True)
class Chosen:
    """A photo that teaches, and whose it is."""

    contributor: str
    """The run's key for the account."""
    photo: LabelledPhoto


def choose(
    photos: Iterable[SourcePhoto], labels: Labels, recipe: Recipe, key: bytes
) -> tuple[Chosen, ...]:
    """Return the photos that teach: one contributor's after another's, in their keys' order."""
    own: dict[str, dict[str, SourcePhoto]] = defaultdict(dict)
    for photo in photos:
        # A row that stands twice teaches once.
        if photo.path in labels.lessons:
            own[photo.contributor].setdefault(photo.path, photo)
    kept = set()
    for contributor, files in own.items():
        ranked = sorted(files, key=lambda path: _rank(contributor, path, recipe.id, key))
        kept |= {(contributor, path) for path in ranked[: recipe.photos_per_contributor]}
    return tuple(
        Chosen(contributor, LabelledPhoto(photo.file, labels.lessons[path]))
        for contributor, files in sorted(own.items())
        for path, photo in files.items()
        if (contributor, path) in kept
    )


def gathered(
    chosen: Sequence[Chosen], points: Sequence[Points | None], recipe: Recipe, width: int
) -> Examples:
    """Return the examples of each contributor side by side, contributors in their keys' order.

    `points` are what is left of the chosen photos, each in its place.
    """
    own: dict[str, list[Points]] = defaultdict(list)
    for one, left in zip(chosen, points, strict=True):
        if left is not None and len(left.rows):
            own[one.contributor].append(left)
    parts = [_cut(own[contributor], recipe.photos_per_contributor) for contributor in sorted(own)]
    sizes = [len(targets) for _, targets in parts]
    # INVARIANT: no more of one contributor than the recipe's bound, whatever came back.
    assert max(sizes, default=0) <= recipe.photos_per_contributor
    rows = np.concatenate([np.zeros((0, width), np.float32), *(rows for rows, _ in parts)])
    targets = np.concatenate([np.zeros(0, np.int64), *(targets for _, targets in parts)])
    return Examples(rows, targets, np.repeat(np.arange(len(sizes), dtype=np.int64), sizes))


def _cut(own: Sequence[Points], most: int) -> tuple[Floats, Places]:
    """Return one contributor's examples, at most so many."""
    rows = np.concatenate([points.rows for points in own])
    targets = np.concatenate([points.targets for points in own])
    return rows[:most], targets[:most]


def digest_of(chosen: Sequence[Chosen]) -> bytes:
    """Return what names the photos and their lessons; only the store ever sees it."""
    name = hashlib.sha256()
    for one in chosen:
        row = (one.contributor, one.photo.file, one.photo.lessons)
        name.update(repr(row).encode(errors="surrogatepass") + b"\0")
    return name.digest()


def _rank(contributor: str, path: str, statistic: str, key: bytes) -> bytes:
    parts = [text.encode("utf-8", "surrogatepass") for text in (statistic, contributor, path)]
    row = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.blake2b(row, key=key, digest_size=16, person=b"cl-lessons-v1").digest()
