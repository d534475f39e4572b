"""From clues to one score: a logistic rule, whose weights were chosen by cross-validation.

Every sign grows with a clue and no weight is below zero, so more evidence never makes a brand less
sure. `weights/MODEL_CARD_BRANDS.md` tells on what the weights were chosen, and how often a score
was right on photos that were held back.
"""

from collections.abc import Sequence
from math import exp, log1p
from typing import Final

from engine.recognition.brands.clues import Clues

SIGNS: Final = (
    "a word",
    "how alike",
    "spots (log)",
    "spots",
    "region",
    "region above .1",
    "lead",
)
WEIGHTS: Final = (2.13, 4.56, 0.98, 0.42, 1.44, 14.83, 10.61)
BIAS: Final = -4.63

_HINT, _READ = 0.60, 0.85
"""Similarities from which on a word is a hint, and counts as read (`policies.lexicon`)."""
_MOST_SPOTS: Final = 8.0
_MOST_LEAD: Final = 0.3


def weighed(clues: Clues) -> float:
    """Return how sure it is, 0 to 1, that a photo with these clues shows the brand."""
    return scored(signs(clues), WEIGHTS, BIAS)


def scored(values: Sequence[float], weights: Sequence[float], bias: float) -> float:
    """Return the logistic of the weighted sum."""
    total = bias + sum(value * weight for value, weight in zip(values, weights, strict=True))
    return 1 / (1 + exp(-total))


def signs(clues: Clues) -> tuple[float, ...]:
    """Return the numbers that are weighed, in the order of `SIGNS`."""
    return (
        float(clues.word > 0),
        min(1.0, max(0.0, (clues.word - _HINT) / (_READ - _HINT))),
        log1p(clues.keypoints),
        min(clues.keypoints, _MOST_SPOTS),
        clues.region,
        max(0.0, clues.region - 0.1),
        min(clues.lead, _MOST_LEAD),
    )
