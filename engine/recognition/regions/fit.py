"""What is learned of a catalogue's marks: a few points for each brand, and how common each is.

No net is trained here. Each mark's views are embedded; their mean is the mark's prototype. How
near a prototype is to what is no mark of the catalogue (`region_bank.npy`: grounds and drawings)
is taken off later, so that a plain mark, which is like much else, must match better.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.marks import Mark
from engine.recognition.regions.pictures import NUMBERS, SIDE
from engine.recognition.regions.views import views
from engine.recognition.regions.whitened import bank, embed_whitened, unit

VIEWS: Final = 12
"""Views of each mark."""
NEAREST: Final = 30
"""Entries of the bank whose mean similarity says how common something looks."""
_BLOCK: Final = 256


def fit_regions(
    marks: Sequence[Mark], progress: Callable[[], None] = lambda: None
) -> dict[str, NDArray[Any]]:
    """Return the arrays that `Regions` takes; calls `progress` after each mark.

    About 20 ms a mark. A label's arrays do not depend on other labels.
    """
    labels = sorted({mark.label for mark in marks})
    place = {label: at for at, label in enumerate(labels)}
    seen: Counter[str] = Counter()
    prototypes = np.zeros((len(marks), NUMBERS), dtype=np.float32)
    for at, mark in enumerate(marks):
        shown = views(mark, VIEWS, seen[mark.label])
        assert shown.shape == (VIEWS, SIDE, SIDE, 3)
        seen[mark.label] += 1
        prototypes[at] = unit(embed_whitened(shown).mean(0, keepdims=True))[0]
        progress()
    return {
        "prototypes": prototypes,
        "labels": np.array([place[mark.label] for mark in marks], dtype=np.int32),
        "common": commonness(prototypes, bank()),
    }


def commonness(points: NDArray[np.float32], bank: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean similarity of each point with its nearest entries of the bank."""
    parts = [
        np.partition(points[at : at + _BLOCK] @ bank.T, -NEAREST, axis=1)[:, -NEAREST:].mean(1)
        for at in range(0, len(points), _BLOCK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
