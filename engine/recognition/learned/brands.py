"""Brands as heads tell them: window by window, the surest window counting for the photo."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Pixels
from engine.recognition.learned.head import Head
from engine.recognition.regions.find import Seen, closer


class LearnedBrands:
    """Tells the brands of some heads; keeps no state from photo to photo."""

    def __init__(self, heads: Sequence[Head]) -> None:
        """Take heads of brands, which tell different ones."""
        self._heads = tuple(heads)

    def scores(self, pixels: Pixels, windows: Seen) -> dict[str, float]:
        """Return the probability of each brand in the window that shows it best.

        `windows` are those of the photo that may hold a mark, the same for every catalogue.
        """
        if not len(windows.boxes):
            return {}
        found: dict[str, float] = {}
        for head in self._heads:
            first = self._marks(head, windows.points)
            _, points = closer(pixels, windows, first.max(axis=1))
            # Of what is looked at again, too, the surest counts.
            every = np.concatenate([first, self._marks(head, points)])
            found |= dict(zip(head.labels, every.max(axis=0).tolist(), strict=True))
        return found

    @staticmethod
    def _marks(head: Head, points: NDArray[np.float32]) -> NDArray[np.float64]:
        return head.odds(points)[:, :-1]
