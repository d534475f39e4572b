"""The inverted file: from a photo's descriptors to the marks' descriptors that are like them.

Descriptors of all marks lie sorted by visual word. A photo's descriptor is compared with those
under its own nearest words only (Sivic and Zisserman 2003), so a photo's cost hardly grows with
the marks: a thousand brands add rows to lists that are mostly not looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.errors import NetUnusable
from engine.recognition.keypoints.sift import BYTES, UNIT
from engine.recognition.keypoints.views import views
from engine.recognition.keypoints.vocabulary import DIGEST, shipped
from engine.recognition.marks import Mark

WORDS: Final = 4
"""How many words a photo's descriptor is looked up under."""


@dataclass(frozen=True)
class Matches:
    """Pairs of a photo's feature and a mark's feature, with how far apart they are."""

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    distance: NDArray[np.float32]
    """Of unit vectors: 0 is the same, 1.41 has nothing in common."""


def build_keypoints(
    marks: Sequence[Mark], progress: Callable[[], None] = lambda: None
) -> dict[str, NDArray[Any]]:
    """Return the arrays of an index of these marks' features; numbers only.

    Calls `progress` after each mark.
    """
    names = sorted({mark.label for mark in marks})
    labels = {label: number for number, label in enumerate(names)}
    places, descriptors, owners = [], [], []
    frames: list[tuple[int, float, float]] = []
    for mark in marks:
        for view in views(mark):
            places.append(view.found.places)
            descriptors.append(view.found.descriptors)
            owners.append(np.full(len(view.found), len(frames), np.int32))
            frames.append((labels[mark.label], view.width, view.height))
        progress()
    place = np.concatenate([np.zeros((0, 4), np.float32), *places])
    descriptor = np.concatenate([np.zeros((0, BYTES), np.uint8), *descriptors])
    owner = np.concatenate([np.zeros(0, np.int32), *owners])
    word = shipped().nearest(descriptor, 1)[:, 0]
    order = np.argsort(word, kind="stable")
    counts = np.bincount(word, minlength=len(shipped().centres))
    frame = np.array(frames, np.float32).reshape(-1, 3)
    return {
        "places": place[order],
        "descriptors": descriptor[order],
        "owners": owner[order],
        "starts": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "frame_labels": frame[:, 0].astype(np.int32),
        "frame_sizes": np.ascontiguousarray(frame[:, 1:]),
        "names": np.frombuffer("\0".join(names).encode(), np.uint8),
        "vocabulary": np.frombuffer(DIGEST.encode(), np.uint8),
    }


class Index:
    """The arrays of `build_keypoints`, to be searched."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        if np.asarray(arrays["vocabulary"], np.uint8).tobytes() != DIGEST.encode():
            raise NetUnusable(
                "the marks were indexed by another vocabulary than the one that ships",
                hint="Run `crowdlens catalogue build` again.",
            )
        self.places = np.asarray(arrays["places"], np.float32)
        self.descriptors = np.asarray(arrays["descriptors"], np.uint8)
        self.owners = np.asarray(arrays["owners"], np.int64)
        self.starts = np.asarray(arrays["starts"], np.int64)
        self.frame_labels = np.asarray(arrays["frame_labels"], np.int64)
        self.frame_sizes = np.asarray(arrays["frame_sizes"], np.float32)
        self.labels = self.frame_labels[self.owners]
        self.names = np.asarray(arrays["names"], np.uint8).tobytes().decode().split("\0")

    def search(self, descriptors: NDArray[np.uint8], within: float) -> Matches:
        """Return all pairs at most so far apart whose words meet, by query, then row."""
        words = shipped().nearest(descriptors, WORDS)
        queries = np.repeat(np.arange(len(descriptors)), WORDS)
        by_word = np.argsort(words.ravel(), kind="stable")
        queries = queries[by_word]
        cuts = np.searchsorted(words.ravel()[by_word], np.arange(len(self.starts)))
        least = np.float32(UNIT * UNIT * (1 - within * within / 2))
        rows, asked, alike = [], [], []
        floats = descriptors.astype(np.float32)
        for word in np.flatnonzero((np.diff(cuts) > 0) & (np.diff(self.starts) > 0)):
            mine = queries[cuts[word] : cuts[word + 1]]
            first, last = self.starts[word], self.starts[word + 1]
            # INVARIANT: sums of products of bytes, all below 2**24, are exact in single precision
            # in any order, so pairs do not depend on the batch, on threads or on the machine.
            product = floats[mine] @ self.descriptors[first:last].astype(np.float32).T
            q, r = np.nonzero(product >= least)
            asked.append(mine[q])
            rows.append(r + first)
            alike.append(product[q, r])
        query = np.concatenate([np.zeros(0, np.int64), *asked])
        row = np.concatenate([np.zeros(0, np.int64), *rows])
        product = np.concatenate([np.zeros(0, np.float32), *alike])
        order = np.lexsort((row, query))
        distance = np.sqrt(np.maximum(2 - 2 * product / (UNIT * UNIT), 0)).astype(np.float32)
        return Matches(query[order], row[order], distance[order])
