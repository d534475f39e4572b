"""The visual words by which the index files descriptors.

The words are the centres of k-means over descriptors of pictures that ship in public packages
(`tests/benchmarks/fit_vocabulary.py`); nothing of a study or of a catalogue is in them.
They only decide where to look: whether two descriptors are alike is measured on the descriptors.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.errors import NetUnusable

FILE: Final = Path(__file__).parent.parent / "weights" / "vocabulary.npy"
DIGEST: Final = "sha256:31be5c9ca02c43690b0c36775ef694ee69128d4880e21a4689bd76820692f0b1"
"""An index is searched with the words that it was built with, so it carries this."""
_ROWS: Final = 512
"""Descriptors that are compared at a time: bounds the memory, changes no result."""


@dataclass(frozen=True)
class Vocabulary:
    """The centres of the words."""

    centres: NDArray[np.float32]
    """One row of 128 each."""

    def __len__(self) -> int:
        return len(self.centres)

    def nearest(self, descriptors: NDArray[np.uint8], words: int) -> NDArray[np.int64]:
        """Return the numbers of each descriptor's nearest words, (n, words), the nearest first.

        Of words that are equally near, the one with the lower number comes first.
        """
        half = (self.centres**2).sum(axis=1) / 2
        found = [np.zeros((0, words), np.int64)]
        for start in range(0, len(descriptors), _ROWS):
            rows = descriptors[start : start + _ROWS].astype(np.float32)
            distance = half - rows @ self.centres.T
            found.append(_least(distance, words))
        return np.concatenate(found)


def _least(distance: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the places of the least of each line; looks for them one by one, and spoils them.

    For four of two thousand, that takes a third of the time of a partition.
    """
    lines = np.arange(len(distance))
    places = np.empty((len(distance), count), np.int64)
    for place in range(count):
        places[:, place] = distance.argmin(axis=1)
        distance[lines, places[:, place]] = np.inf
    return places


@cache
def shipped() -> Vocabulary:
    """Return the vocabulary that ships with Crowdlens; raises `NetUnusable` for another file."""
    try:
        raw = FILE.read_bytes()
    except OSError as error:
        raise NetUnusable(f"{FILE.name} can't be read", hint="Install Crowdlens again.") from error
    if "sha256:" + hashlib.sha256(raw).hexdigest() != DIGEST:
        raise NetUnusable(
            f"{FILE.name} is another file than was named", hint="Install Crowdlens again."
        )
    return Vocabulary(np.load(io.BytesIO(raw), allow_pickle=False).astype(np.float32))
