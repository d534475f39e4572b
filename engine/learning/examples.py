"""From a source's photos and their labels to examples by contributor.

At most so many lessons of one contributor count as the recipe says. Which, is chosen by a rank that
follows from the run's secret key and that contributor's own rows, as a study's cells are: with
somebody else's photos added or removed they stay the same. It is chosen before a photo is opened,
so that what redaction withholds is not made up for by other photos.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.learning.embedding_job import LabelledPhoto, Points
from engine.learning.interface import Examples, Recipe
from engine.learning.labels import Labels, Lesson
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
    """Return the photos that teach, in the source's order, with the lessons that count."""
    files: dict[tuple[str, str], SourcePhoto] = {}
    ranked: dict[str, list[tuple[bytes, str, Lesson]]] = defaultdict(list)
    for photo in photos:
        name = (photo.contributor, photo.path)
        # A row that stands twice teaches once.
        if name in files or photo.path not in labels.lessons:
            continue
        files[name] = photo
        for lesson in labels.lessons[photo.path]:
            rank = _rank(photo, lesson, recipe.id, key)
            ranked[photo.contributor].append((rank, photo.path, lesson))
    kept: dict[tuple[str, str], set[Lesson]] = defaultdict(set)
    for contributor, own in ranked.items():
        for _, path, lesson in sorted(own, key=lambda one: one[0])[: recipe.photos_per_contributor]:
            kept[contributor, path].add(lesson)
    return tuple(
        Chosen(
            photo.contributor,
            LabelledPhoto(
                photo.file, tuple(le for le in labels.lessons[photo.path] if le in kept[name])
            ),
        )
        for name, photo in files.items()
        if name in kept
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
    parts = [part for contributor in sorted(own) for part in own[contributor]]
    sizes = [sum(len(part.rows) for part in own[contributor]) for contributor in sorted(own)]
    # INVARIANT: no more of one contributor than the recipe's bound, whatever came back.
    assert max(sizes, default=0) <= recipe.photos_per_contributor
    rows = np.concatenate([np.zeros((0, width), np.float32), *(part.rows for part in parts)])
    targets = np.concatenate([np.zeros(0, np.int64), *(part.targets for part in parts)])
    return Examples(rows, targets, np.repeat(np.arange(len(sizes), dtype=np.int64), sizes))


def digest_of(chosen: Sequence[Chosen]) -> bytes:
    """Return what names the photos and their lessons; only the store ever sees it."""
    name = hashlib.sha256()
    for one in chosen:
        row = (one.contributor, one.photo.file, one.photo.lessons)
        name.update(repr(row).encode(errors="surrogatepass") + b"\0")
    return name.digest()


def _rank(photo: SourcePhoto, lesson: Lesson, statistic: str, key: bytes) -> bytes:
    texts = (statistic, photo.contributor, photo.path, str(lesson.target), repr(lesson.box))
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    row = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.blake2b(row, key=key, digest_size=16, person=b"cl-lessons-v1").digest()
