"""What training takes and gives: examples by contributor, a recipe, and a head."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from policies.model_release import TaughtKind

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how much it may learn of anybody. All of it is public."""

    id: str
    """The statistic's id, by which the log knows what was paid."""
    kind: TaughtKind
    labels: tuple[str, ...]
    """Sorted; a head knows these and 'none of these'."""
    steps: int
    sampling_rate: Fraction
    """Probability, in (0, 1], with which a contributor takes part in a step; independent draws."""
    noise: Fraction
    """Standard deviation of the noise, in units of `clip`."""
    clip: Fraction
    """Largest L2 norm of what one contributor can add to a step."""
    contributors: int
    """A public guess of how many there are, which scales the steps; never their number."""
    photos_per_contributor: int
    """At most so many examples of one contributor count."""


@dataclass(frozen=True, eq=False)
class Examples:
    """What contributors' redacted photos show, as numbers; one contributor's examples in a row."""

    rows: Floats
    """(n, d), each of length 1, finite."""
    targets: Places
    """(n,), places in the recipe's labels; their number stands for 'none of these'."""
    contributors: Places
    """(n,), ascending from 0, each next one the same or one more."""


@dataclass(frozen=True, eq=False)
class State:
    """Where a training stands between two steps; secret until the last."""

    step: int
    """Steps that are done."""
    weights: NDArray[np.float64]
    """(labels + 1, d)."""
    velocity: NDArray[np.float64]


Save = Callable[[State], None]
"""Called after steps, so that a killed training can go on."""

Arrays = dict[str, NDArray[Any]]

NONE_OF_THESE: Final = 1
"""Rows of a head beyond its labels."""
