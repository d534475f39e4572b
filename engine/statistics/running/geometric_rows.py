"""The bounds of running totals whose rows have two-sided geometric noise.

A total's noise is a weighted sum of rows' noise. Where few rows carry it, it has the heavier tails
of one row, and the normal law would cover some 94 % instead of 95. Its law follows from its
characteristic function, which is the product of the rows' own (Gil-Pelaez 1951), here on a grid.
"""

from functools import cache
from math import ceil, exp, fsum, pi, sinh, sqrt
from typing import Final

import numpy as np

from engine.statistics.running.strategy import Strategy

_POINTS: Final = 1 << 15
_REACH: Final = 12.0
"""The grid goes so many standard deviations either way."""
_SMOOTH: Final = 1.5
"""Grid steps over which point masses are spread, so that they do not ring."""


def half_widths(strategy: Strategy, step_epsilon: float) -> tuple[int, ...]:
    """Return, of each period, the smallest w with a total within w of its count in 95 % of draws.

    `step_epsilon` is the law's: P(Z = k) is proportional to exp(-step_epsilon |k|).
    """
    decoder = strategy.decoder.tolist()
    return tuple(
        _half_width(tuple(sorted(abs(w) for w in line if w)), step_epsilon) for line in decoder
    )


@cache
def _half_width(weights: tuple[float, ...], e: float) -> int:
    std = sqrt(fsum(w * w for w in weights)) / (sqrt(2) * sinh(e / 2))
    step = max(2 * _REACH * std, 8.0) / _POINTS
    frequencies = 2 * pi * np.fft.rfftfreq(_POINTS, step)
    a = exp(-e)
    law = np.exp(-((_SMOOTH * step * frequencies) ** 2) / 2)
    for weight in weights:
        law = law * (1 - a) ** 2 / (1 - 2 * a * np.cos(weight * frequencies) + a * a)
    masses = np.fft.irfft(law, _POINTS)
    # Places 0, 1, ... and as many below zero, which are alike.
    inside = masses[0] + 2 * np.cumsum(masses[1 : _POINTS // 2])
    reached = int(np.argmax(inside >= 0.95)) + 1
    # A value is rounded to the nearest whole number: within w where its noise is within w + 1/2.
    return max(0, ceil(reached * step - 0.5))
