"""How good a brand head was, by number of contributors and epsilon: what `policy plan` shows.

Measured once, on public photos, by `tests/benchmarks/bench_learning.py --crowds`: micro-F1 of
held-back boxes and of windows without a brand, at a score of .5, for a head of 27 brands that
invented contributors with 8 photos each teach (FlickrLogos-27, redacted; delta 1e-6, ten epochs,
everybody in each step; means of three dealings). Up to 80 contributors each has photos of their
own; above, the same 80 count several times, which is what noise costs a larger crowd, and less than
it would teach. `docs/training.md` has the spreads and what else was measured.

A study of other brands, fewer labels, or other photos differs: this is a hint, never a promise.
"""

from collections.abc import Mapping
from typing import Final

CROWDS: Final = (25, 50, 80, 160, 320, 640)
EPSILONS: Final = ("1", "2", "4", "8")
EXPECTED: Final[Mapping[tuple[int, str], float]] = {
    (25, "1"): 0.05,
    (25, "2"): 0.06,
    (25, "4"): 0.10,
    (25, "8"): 0.19,
    (50, "1"): 0.07,
    (50, "2"): 0.10,
    (50, "4"): 0.20,
    (50, "8"): 0.42,
    (80, "1"): 0.09,
    (80, "2"): 0.17,
    (80, "4"): 0.38,
    (80, "8"): 0.63,
    (160, "1"): 0.18,
    (160, "2"): 0.41,
    (160, "4"): 0.66,
    (160, "8"): 0.75,
    (320, "1"): 0.43,
    (320, "2"): 0.68,
    (320, "4"): 0.76,
    (320, "8"): 0.78,
    (640, "1"): 0.69,
    (640, "2"): 0.76,
    (640, "4"): 0.78,
    (640, "8"): 0.78,
}
"""F1 by contributors who teach, and epsilon."""
WITHOUT: Final[Mapping[int, float]] = {
    25: 0.75,
    50: 0.81,
    80: 0.83,
    160: 0.83,
    320: 0.83,
    640: 0.83,
}
"""F1 of the same training without clip and noise, by contributors."""


def expected_f1(contributors: int, epsilon: float) -> float | None:
    """Return the F1 that was measured for no more contributors and no larger epsilon.

    None where either is below what was measured.
    """
    crowds = [crowd for crowd in CROWDS if crowd <= contributors]
    prices = [price for price in EPSILONS if float(price) <= epsilon]
    return EXPECTED[crowds[-1], prices[-1]] if crowds and prices else None
