"""Whether what a log says was spent on a training covers what its public numbers cost.

A training is so many steps, each of which adds noise to a sum over contributors that take part with
a probability q. Its Renyi loss at an integer order k is bounded as in Mironov, Talwar and Zhang
2019 (arXiv 1908.10530, 3.3), which holds for the discrete Gaussian too (`docs/training.md`). Losses
of an order add up over steps, and one order is enough to prove an epsilon (Canonne, Kamath and
Steinke 2020, Proposition 12). In rho no credit is taken for the sampling.

For k accounts of one person a step holds any of them with probability 1 - (1 - q)^k, and they move
the sum k times as far at most: the loss of a mixture of shifts is at most that of its worst part.
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

from policies.amounts import Loss

MOST_STEPS: Final = 100_000
_SMALL_ORDERS: Final = tuple(range(2, 65))
_LARGE_ORDERS: Final = tuple(m * 2**k for k in range(4, 14) for m in (5, 6, 7, 8))
ORDERS: Final = (*_SMALL_ORDERS, *_LARGE_ORDERS)
"""Orders by which a training can be proved to cost no more, up to 65,536."""
_MOST_SAMPLED: Final = 1024
"""Of a sampled training: a sum of so many terms is quick, and larger orders prove no less."""
_SLACK: Final = 1e-9
"""What doubles may lose in the sums below, many times over: no honest spend is doubted."""


def covers(cost: Loss, steps: int, sampling_rate: Fraction, noise: Fraction, accounts: int) -> bool:
    """Say whether the cost is proved by one of the orders; exactly, where it is in rho."""
    if not (0 < sampling_rate <= 1 and noise > 0):
        return False
    if cost.rho is not None:
        return cost.rho.value >= Fraction(steps * accounts**2) / (2 * noise**2)
    assert cost.epsilon is not None
    if not 0 < cost.delta.value < 1:
        return False
    rate = float(1 - (1 - sampling_rate) ** accounts)
    return _proved(
        float(cost.epsilon.value), float(cost.delta.value), steps, rate, float(noise / accounts)
    )


@lru_cache(maxsize=256)
def _proved(epsilon: float, delta: float, steps: int, rate: float, noise: float) -> bool:
    allowed = epsilon * (1 + _SLACK) + _SLACK
    return any(
        steps * loss + math.log1p(-1 / order) - (math.log(delta) + math.log(order)) / (order - 1)
        <= allowed
        for order, loss in _losses(rate, noise)
    )


def _losses(rate: float, noise: float) -> Iterator[tuple[int, float]]:
    """Yield orders, the likeliest first, with the Renyi loss of one step."""
    if rate >= 1:
        yield from ((order, order / (2 * noise**2)) for order in ORDERS)
        return
    for order in ORDERS:
        if order <= _MOST_SAMPLED:
            yield order, _sampled(order, rate, noise)


def _sampled(order: int, rate: float, noise: float) -> float:
    """Return log(sum of C(k, i) (1 - q)^(k - i) q^i exp(i (i - 1) / (2 s^2))) / (k - 1)."""
    inside, outside = math.log(rate), math.log1p(-rate)
    whole = math.lgamma(order + 1)
    terms = [
        whole
        - math.lgamma(i + 1)
        - math.lgamma(order - i + 1)
        + (order - i) * outside
        + i * inside
        + i * (i - 1) / (2 * noise**2)
        for i in range(order + 1)
    ]
    largest = max(terms)
    return (largest + math.log(math.fsum(math.exp(t - largest) for t in terms))) / (order - 1)
