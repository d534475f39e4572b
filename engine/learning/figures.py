"""Figures for a model's card, with noise: how many contributors taught it, and how many it suits.

Each contributor counts once in each, or not at all, whatever the number of their photos; so one
contributor more moves each by one at most.
"""

from dataclasses import dataclass

import numpy as np

from engine.learning.interface import Examples, Floats
from engine.learning.recipe import FIGURES
from engine.statistics.noise import Law, randomise


@dataclass(frozen=True)
class Figures:
    """What may be told: noise included."""

    contributors: int
    """Who taught something."""
    told_right: int
    """Of whom the head tells more than half of the examples right."""


def figures(examples: Examples, weights: Floats, law: Law) -> Figures:
    """Return the figures of a finished head; draws noise, so once for a reservation."""
    exactly = _counts(examples, weights)
    assert len(exactly) == FIGURES
    return Figures(*randomise(law, exactly))


def _counts(examples: Examples, weights: Floats) -> tuple[int, int]:
    if not len(examples.rows):
        return 0, 0
    # A row by itself: what it is told as depends on nobody else's.
    told = np.array([int(np.argmax(weights @ row)) for row in examples.rows])
    right = (told == examples.targets).astype(np.int64)
    number = int(examples.contributors[-1]) + 1
    of = np.bincount(examples.contributors, minlength=number)
    good = np.bincount(examples.contributors, weights=right, minlength=number)
    # INVARIANT: a contributor adds 0 or 1 to each.
    return number, int((2 * good > of).sum())
