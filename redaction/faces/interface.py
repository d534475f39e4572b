"""What a face detector answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Found:
    """Faces in pixels of the picture that was looked at; finite numbers."""

    boxes: NDArray[np.float64]
    """(n, 4) x0, y0, x1, y1: from the brows to the chin, about."""
    scores: NDArray[np.float64]
    """(n,) 0 to 1, on the detector's own scale."""
    turned: NDArray[np.bool_]
    """(n,) whether the head lies on its side or upside down, as far as the detector can tell."""

    def __post_init__(self) -> None:
        # INVARIANT: an answer that is no box is an exception, never a silent nothing.
        n = len(self.scores)
        if not self.boxes.shape == (n, 4) or not self.scores.shape == self.turned.shape == (n,):
            raise ValueError("a face detector answered with something that is no box")
        if not (np.isfinite(self.boxes).all() and np.isfinite(self.scores).all()):
            raise ValueError("a face detector answered with something that is no box")

    def above(self, score: float) -> "Found":
        """Return those of at least that score."""
        kept = self.scores >= score
        return Found(self.boxes[kept], self.scores[kept], self.turned[kept])


class FaceDetector(Protocol):
    """One way of finding faces. Thresholds are the caller's: it answers with all it has."""

    def detect(self, pixels: NDArray[np.uint8]) -> Found:
        """Return the faces of an (h, w, 3) uint8 RGB picture, upright or not.

        Raises `ValueError` when the net answers with something that is no box.
        """
        ...
