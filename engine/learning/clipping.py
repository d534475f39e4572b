"""A contributor's gradient as integers whose length is bounded exactly.

Lengths that doubles compute are a little off, and so is a sum of doubles: two neighbours' sums may
then differ by more than the noise is made for, and low bits tell more than it hides (Casacuberta et
al. 2022, arXiv 2207.10635; Jin et al. 2022, arXiv 2112.05307). So what is added up are integers,
and their length is checked as integers.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

UNITS: Final = 2**20
"""Grid units in the clipping norm: the L2 sensitivity of a step's sum."""
LARGEST: Final = 2**20
"""Most coordinates of a gradient, so that sums of squares stay within int64."""
_FINE: Final = 2**21

Integers = NDArray[np.int64]


def on_grid(gradient: NDArray[np.float64], clip: float) -> Integers:
    """Return the gradient, shortened to `clip` where it is longer, in units of clip / 2^20.

    Coordinates are cut toward zero. Never fails on what the numbers are: a gradient that is not
    finite counts as none.
    """
    largest = float(np.abs(gradient).max(initial=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return np.zeros(gradient.shape, np.int64)
    # By the largest first, so that nothing leaves the range of doubles.
    direction = gradient / largest
    # Lengths are summed up as integers, rounded up: a sum of doubles depends on its order.
    norm = math.sqrt(length_squared(np.ceil(np.abs(direction) * _FINE).astype(np.int64))) / _FINE
    length = min(largest / clip, 1.0 / norm) * UNITS * (1 - 2.0**-50)
    found: Integers = np.trunc(direction * length).astype(np.int64)
    # INVARIANT: one contributor's vector is at most 2^20 long, in exact arithmetic.
    return found if length_squared(found) <= UNITS**2 else np.zeros_like(found)


def length_squared(vector: Integers) -> int:
    """Return the exact square of the length of a vector whose coordinates are below 2^21 or so."""
    return int(np.square(vector).sum(dtype=np.int64))
