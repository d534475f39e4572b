"""What each way of looking sees of each brand in the development photos, for `bench_brands`.

Redacted copies and what was seen are kept between runs in a directory that the caller names,
outside the repository: they are development photos.
"""

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone
from engine.recognition.brands.clues import Clues, gathered
from engine.recognition.evidence import Evidence
from engine.recognition.keypoints import Keypoints, build_keypoints
from engine.recognition.keypoints.finder import LONGEST, MOST, SHORTEST
from engine.recognition.keypoints.sift import Features, features, grey_of, resized
from engine.recognition.marks import Mark
from engine.recognition.regions import Regions, fit_regions
from engine.recognition.regions.find import Seen, seen
from engine.recognition.regions.windows import LONGEST as MAPPED
from engine.recognition.wordmarks import Wordmarks
from policies.lexicon import Lexicon
from redaction import Box, ClearedWord, RedactedPhoto, RedactionRules, redact
from tests.development_data import development_data

FOLDS: Final = 5
SETS: Final = (("brands", 1), ("scenes", 3), ("objects", 1))
"""Folders, and every how manieth photo of it: the last two are free of the brands."""


@dataclass(frozen=True)
class Photo:
    """One redacted photo, with what does not depend on the catalogue's marks."""

    name: str
    labels: frozenset[str]
    free: bool
    withheld: bool
    words: tuple[ClearedWord, ...] = ()
    pixels: NDArray[np.uint8] | None = None
    features: Features | None = None
    factor: float = 1.0
    windows: Seen | None = None

    @property
    def fold(self) -> int:
        """Which fifth it belongs to, by its name."""
        return fold_of(self.name)


def fold_of(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % FOLDS


def labels_of_photos() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with (development_data("brands") / "boxes.csv").open() as file:
        for row in csv.DictReader(file):
            found[row["photo"]].add(row["label"])
    return {name: frozenset(labels) for name, labels in found.items()}


def photos(
    kept: Path,
    lexicon: Lexicon,
    every: int,
    workers: int,
    sets: Sequence[tuple[str, int]] = SETS,
) -> Iterator[Photo]:
    """Yield the photos, each seen once and kept; `lexicon` holds the names that may stay."""
    told = labels_of_photos()
    files = [
        (name, file)
        for name, step in sets
        for file in sorted((development_data(name) / "photos").iterdir())[:: step * every]
    ]
    with ProcessPoolExecutor(workers) as pool:
        for path in pool.map(partial(_see, kept=kept, lexicon=lexicon), files, chunksize=8):
            yield _photo(path, told)


def _see(which: tuple[str, Path], kept: Path, lexicon: Lexicon) -> Path:
    name, file = which
    target = kept / name / f"{file.name}.npz"
    if target.exists():
        return target
    cv2.setNumThreads(1)
    target.parent.mkdir(parents=True, exist_ok=True)
    photo = redact(file.read_bytes(), RedactionRules(lexicon=lexicon))
    if not isinstance(photo, RedactedPhoto):
        np.savez(target, withheld=np.zeros(0))
        return target
    grey = grey_of(photo.pixels)
    worked, factor = resized(grey, float(np.clip(max(grey.shape), SHORTEST, LONGEST)))
    found = features(worked, MOST)
    windows = seen(photo.pixels, Backbone().maps(photo.pixels, MAPPED))
    words = [(w.alias, w.similarity, [int(side) for side in astuple(w.box)]) for w in photo.words]
    np.savez(
        target,
        pixels=photo.pixels,
        words=json.dumps(words),
        places=found.places,
        descriptors=found.descriptors,
        factor=factor,
        boxes=windows.boxes,
        points=windows.points,
    )
    return target


def _photo(path: Path, told: dict[str, frozenset[str]]) -> Photo:
    name, free = path.name.removesuffix(".npz"), path.parent.name != "brands"
    labels = frozenset() if free else told[name]
    with np.load(path, allow_pickle=False) as held:
        if "withheld" in held:
            return Photo(name, labels, free, withheld=True)
        words = json.loads(str(held["words"]))
        pixels = held["pixels"]
        return Photo(
            name,
            labels,
            free,
            withheld=False,
            words=tuple(ClearedWord(alias, at, Box(*box)) for alias, at, box in words),
            pixels=pixels,
            features=Features(held["places"], held["descriptors"]),
            factor=float(held["factor"]),
            windows=Seen(held["boxes"], held["points"], (pixels == 128).all(axis=2)),
        )


Seen_ = list[tuple[Photo, dict[str, Clues]]]


def clues(every: Sequence[Photo], marks_of: Callable[[int], list[Mark]], lexicon: Lexicon) -> Seen_:
    """Return each photo's clues, of marks that were cut from other folds' photos."""
    found: Seen_ = []
    for fold in range(FOLDS):
        marks = marks_of(fold)
        names = sorted({mark.label for mark in marks})
        keypoints = Keypoints(build_keypoints(marks), names)
        regions = Regions(fit_regions(marks), names)
        for photo in every:
            if photo.fold == fold:
                found.append((photo, _clues(photo, lexicon, keypoints, regions)))
    return found


def _clues(
    photo: Photo, lexicon: Lexicon, keypoints: Keypoints, regions: Regions
) -> dict[str, Clues]:
    if photo.pixels is None or photo.features is None or photo.windows is None:
        return {}
    evidence: list[Evidence] = list(Wordmarks(lexicon).find(photo.words))
    evidence += keypoints.find_in(photo.features, photo.factor)
    evidence += regions.find_in(photo.pixels, photo.windows)
    return gathered(evidence)
