"""Scenes and interests as heads tell them: by the whole photo."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone, Pixels
from engine.recognition.interface import Kind
from engine.recognition.learned.head import Head
from engine.recognition.learned.points import point_of_whole


class LearnedWholes:
    """Tells the scenes and interests of some heads; keeps no state from photo to photo."""

    def __init__(self, heads: Sequence[Head], backbone: Backbone) -> None:
        """Take heads of scenes and interests, and the net that they were trained through."""
        self._heads, self._backbone = tuple(heads), backbone

    def labels(self, kind: Kind) -> frozenset[str]:
        """Return what they tell of a kind."""
        return frozenset(
            label for head in self._heads if head.kind == kind for label in head.labels
        )

    def scores(
        self, pixels: Pixels, whole: NDArray[np.float32] | None = None
    ) -> dict[tuple[Kind, str], float]:
        """Return the probability of each label; `whole` is the net's embedding, where at hand."""
        if not self._heads:
            return {}
        point = point_of_whole(self._backbone, pixels, whole)
        return {
            (head.kind, label): float(value)
            for head in self._heads
            for label, value in zip(head.labels, head.odds(point)[0], strict=False)
        }
