"""One head: a row of numbers for each label and one for 'none of these'."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from engine.recognition.errors import HeadUnusable
from engine.recognition.learned.points import digests_of
from engine.recognition.nets import Net, digest_of
from engine.recognition.rules import HeadPlace
from policies.heads import TABLE
from policies.model_release import TaughtKind

Floats = NDArray[np.float32]

_HINT: Final = "Take the file as `crowdlens train` published it."


@dataclass(frozen=True, eq=False)
class Head:
    """A head that was read; keeps no state from photo to photo."""

    kind: TaughtKind
    labels: tuple[str, ...]
    weights: Floats
    """(labels + 1, d)."""
    sharpness: float

    def odds(self, points: Floats) -> NDArray[np.float64]:
        """Return (n, labels + 1) probabilities of (n, d) points; the last are of none of these.

        Raises `ValueError` for points of another width.
        """
        logits = self._logits(points)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return scores

    def log_odds(self, points: Floats) -> NDArray[np.float64]:
        """Return the logarithms of the odds of each, (n, labels + 1), exact however sure they are.

        Raises `ValueError` for points of another width.
        """
        logits = self._logits(points)
        rows = np.arange(len(logits))
        first = logits.argmax(axis=1)
        top = logits[rows, first]
        powers = np.exp(logits - top[:, None])
        powers[rows, first] = 0
        # Of the likeliest the others' sum is taken without it: less all but 1, nothing is left.
        others = powers.sum(axis=1)
        found = logits - top[:, None] - np.log1p(others[:, None] - powers)
        found[rows, first] = -np.log(np.maximum(others, np.finfo(np.float64).tiny))
        return np.asarray(found)

    def _logits(self, points: Floats) -> NDArray[np.float64]:
        products = np.asarray(points, np.float64) @ self.weights.T.astype(np.float64)
        return np.asarray(self.sharpness * products)


def load_head(place: HeadPlace, embedding: Net | None) -> Head:
    """Return a head, once its bytes are the ones that were named and it fits what it looks through.

    Raises `HeadUnusable`.
    """
    name, record = place.path.name, place.record
    if record.nets != digests_of(record.kind, embedding):
        raise HeadUnusable(
            f"the head {name} was trained through other nets than this machine or policy has",
            hint="Name the net of its training under nets.embedding, or train a new head.",
        )
    try:
        raw = place.path.read_bytes()
    except OSError:
        raise HeadUnusable(f"the head {name} can't be read", hint=_HINT) from None
    # INVARIANT: nothing of a file is interpreted before its digest is the one that was named.
    if digest_of(raw) != place.digest:
        raise HeadUnusable(f"the head {name} is another file than was named", hint=_HINT)
    try:
        weights = np.asarray(load(raw)[TABLE], dtype=np.float32)
    except (SafetensorError, ValueError, KeyError, TypeError):
        raise HeadUnusable(f"the head {name} holds no table of ours", hint=_HINT) from None
    if weights.shape != (len(record.labels) + 1, record.numbers) or not np.isfinite(weights).all():
        raise HeadUnusable(f"the head {name} holds another table than it says", hint=_HINT)
    return Head(record.kind, tuple(record.labels), weights, float(record.sharpness))
