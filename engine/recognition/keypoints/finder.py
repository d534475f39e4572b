"""Finding marks in a photo by their local features.

Each feature of the photo speaks for the one label whose mark's feature is most like it, if it is
clearly more like it than like any other label's (Lowe's ratio, taken between labels, so that the
crops of one brand do not compete with each other). What speaks for one view of a mark must agree
on where the mark lies (`geometry`). Views of one label that agree on the same part of the photo are
taken together, and each spot of the photo counts once, however many features crowd on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.evidence import Evidence
from engine.recognition.keypoints.geometry import LEAST, agree
from engine.recognition.keypoints.index import Index, Matches
from engine.recognition.keypoints.sift import Features, features, grey_of, resized

WITHIN: Final = 0.75
"""Descriptors further apart are not alike."""
UNSEEN: Final = 0.80
"""How far off the nearest other label is taken to be where none was found."""
RATIO: Final = 0.92
"""The most that the nearest may be of the nearest other label's distance."""
SHORTEST: Final = 640.0
LONGEST: Final = 800.0
"""A photo's longer side is brought between these first: small photos have small marks."""
MOST: Final = 2000
_NOUGHT: Final = np.float32(0.01)
_SPOT: Final = 3
"""Features within so many pixels are one spot."""
_SAME_PLACE: Final = 0.3
_WHOLE_LENGTH: Final = 48.0
_WHOLE_BREADTH: Final = 8.0
"""Agreement over so many pixels, the long way and across it (deviation), counts in full."""


@dataclass(frozen=True)
class Agreed:
    """Where one view of one mark seems to be."""

    label: int
    spots: NDArray[np.int64]
    weights: NDArray[np.float64]
    box: tuple[float, float, float, float]


class Keypoints:
    """Finds the marks of a built index. Keeps no state from photo to photo."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], labels: Sequence[str]) -> None:
        """Take what `build_keypoints` made, and the labels that may be found.

        Raises `NetUnusable` if the index was built with another vocabulary.
        """
        self._index = Index(arrays)
        self._wanted = frozenset(labels)

    def find(self, pixels: NDArray[np.uint8]) -> tuple[Evidence, ...]:
        """Return evidence of each place where a mark may be, strongest first.

        Strength is about the number of spots that agree; from about 5 on, it seldom errs.
        """
        grey = grey_of(pixels)
        worked, factor = resized(grey, float(np.clip(max(grey.shape), SHORTEST, LONGEST)))
        return self.find_in(features(worked, MOST), factor)

    def find_in(self, seen: Features, factor: float) -> tuple[Evidence, ...]:
        """Do the same with the features of the photo resized by `factor`."""
        agreed = self._agreed(seen)
        found = [
            Evidence(name, "keypoints", strength, _scaled(box, 1 / factor))
            for number, name in enumerate(self._index.names)
            if name in self._wanted
            for strength, box in _together([a for a in agreed if a.label == number])
        ]
        return tuple(sorted(found, key=lambda e: (-e.strength, e.label, e.box)))

    def _agreed(self, seen: Features) -> list[Agreed]:
        index = self._index
        pairs, weight = self._distinct(index.search(seen.descriptors, WITHIN), len(seen))
        frame = index.owners[pairs.row]
        order = np.lexsort((pairs.query, frame))
        cuts = np.flatnonzero(np.diff(frame[order], prepend=-1, append=-2))
        agreed = []
        for start, end in pairwise(cuts):
            group = order[start:end]
            if len(group) >= LEAST:
                group = group[_one_to_one(pairs, group)]
            if len(group) < LEAST:
                continue
            which = int(frame[group[0]])
            followers = agree(
                seen.places[pairs.query[group]],
                index.places[pairs.row[group]],
                weight[group],
                float(np.sqrt(index.frame_sizes[which].prod())),
            )
            group = group[followers]
            at = seen.places[pairs.query[group], :2]
            spots = (at // _SPOT).astype(np.int64) @ np.array([1 << 20, 1])
            if len(np.unique(spots)) >= LEAST:
                (x0, y0), (x1, y1) = at.min(axis=0).tolist(), at.max(axis=0).tolist()
                box = (x0, y0, x1, y1)
                worth = weight[group] * _spread(at)
                label = int(index.frame_labels[which])
                agreed.append(Agreed(label, spots, worth, box))
        return agreed

    def _distinct(self, pairs: Matches, features_seen: int) -> tuple[Matches, NDArray[np.float64]]:
        """Return the pairs that tell labels apart, and how well each does."""
        label = self._index.labels[pairs.row]
        order = np.lexsort((pairs.row, pairs.distance, pairs.query))
        asked, nearest = np.unique(pairs.query[order], return_index=True)
        best = np.full(features_seen, -1)
        best[asked] = label[order][nearest]
        rival = np.full(features_seen, UNSEEN, np.float32)
        other = label != best[pairs.query]
        np.minimum.at(rival, pairs.query[other], pairs.distance[other])
        # two labels with the very same mark: both at no distance, and neither is told apart
        ratio = (pairs.distance + _NOUGHT) / (rival[pairs.query] + _NOUGHT)
        kept = np.flatnonzero(~other & (ratio <= RATIO))
        weight = np.clip((1 - ratio[kept].astype(np.float64)) * 3 + 0.5, 0, 1.5)
        return Matches(pairs.query[kept], pairs.row[kept], pairs.distance[kept]), weight


def _spread(at: NDArray[np.float32]) -> float:
    """Return what agreement is worth for how far it spreads, at most 1.

    Fine regular texture agrees with itself on a speck or along a line: halftone, mesh, fences.
    """
    centred = at - at.mean(axis=0)
    across = float(np.linalg.svd(centred, compute_uv=False)[1] / np.sqrt(len(at)))
    long = float(np.hypot(*np.ptp(at, axis=0)))
    return min(1.0, long / _WHOLE_LENGTH) * min(1.0, 0.3 + across / _WHOLE_BREADTH)


def _one_to_one(pairs: Matches, group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return positions in the group of pairs that share no feature, nearer ones first served."""
    query, row = pairs.query[group], pairs.row[group]
    order = np.lexsort((row, query, pairs.distance[group]))
    once = order[np.sort(np.unique(query[order], return_index=True)[1])]
    return np.sort(once[np.sort(np.unique(row[once], return_index=True)[1])])


def _together(
    agreed: list[Agreed],
) -> list[tuple[float, tuple[float, float, float, float]]]:
    """Return the places of one label, each with the strength of all its views together."""
    left = sorted(agreed, key=lambda a: (-a.weights.sum(), a.box))
    places = []
    while left:
        box = left[0].box
        here = [a for a in left if _overlap(a.box, box)] or left[:1]
        left = [a for a in left if all(a is not b for b in here)]
        spots = np.concatenate([a.spots for a in here])
        weights = np.concatenate([a.weights for a in here])
        order = np.lexsort((-weights, spots))
        first = np.unique(spots[order], return_index=True)[1]
        places.append((float(weights[order][first].sum()), box))
    return places


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return across >= 0 and down >= 0 and across * down >= _SAME_PLACE * smaller


def _scaled(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return (box[0] * by, box[1] * by, box[2] * by, box[3] * by)
