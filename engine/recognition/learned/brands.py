"""Brands as heads tell them: window by window, the surest window counting for the photo.

Of many windows that show nothing the surest may seem to show something, the more so the noisier a
head is. So a window's odds are held against what public pictures of nothing get from the same
head, as `regions` does with commonness: it counts as a brand where it beats all but one in 2,000
of them. On logo photos that were set aside (FlickrLogos-27, heads of six brands) this made
precision .80 at a recall of .84 out of .38 at .97 without noise, and .84 at .65 out of .21 at .95
with noise of 2.5 clips among 200 contributors; `tests/benchmarks/bench_learning.py` measures more.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Pixels
from engine.recognition.learned.head import Head
from engine.recognition.learned.points import public_points
from engine.recognition.regions.find import Seen, closer

BEATS: Final = 0.9995
"""Share of public pictures of nothing that a window has to beat, to be as likely as not."""

Floats = NDArray[np.float64]


class LearnedBrands:
    """Tells the brands of some heads; keeps no state from photo to photo."""

    def __init__(self, heads: Sequence[Head]) -> None:
        """Take heads of brands, which tell different ones; raises `NetUnusable`."""
        nothing = public_points("brand", None)
        assert nothing is not None
        self._heads = tuple(
            (head, np.quantile(_marks(head, nothing), BEATS, axis=0)) for head in heads
        )

    def scores(self, pixels: Pixels, windows: Seen) -> dict[str, float]:
        """Return how likely the photo shows each brand, by the window that shows it best.

        `windows` are those of the photo that may hold a mark, the same for every catalogue.
        """
        if not len(windows.boxes):
            return {}
        found: dict[str, float] = {}
        for head, common in self._heads:
            first = _marks(head, windows.points) - common
            _, points = closer(pixels, windows, first.max(axis=1))
            # Of what is looked at again, too, the surest counts.
            every = np.concatenate([first, _marks(head, points) - common])
            odds = 1 / (1 + np.exp(-every.max(axis=0)))
            found |= dict(zip(head.labels, odds.tolist(), strict=True))
        return found


def _marks(head: Head, points: NDArray[np.float32]) -> Floats:
    """Return the logarithm of the odds of each brand, (n, labels)."""
    return head.log_odds(points)[:, :-1]
