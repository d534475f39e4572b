"""What a training costs, once more: from the numbers that the log says, and by a sum of its own.

The Renyi loss of a step at a whole order is that of Mironov, Talwar and Zhang 2019 (3.3), whose
first two terms come to one. An epsilon is proved by one order. In rho, chance gives no credit.
Several accounts of one person are as one with a larger chance and a larger reach.
"""

from fractions import Fraction
from functools import lru_cache
from math import comb, exp, expm1, log, log1p
from typing import Any

from audit.fsck.form import parts

_TRUST_IN_DOUBLES = 1e-9
_MOST_WITH_CHANCE = 1024
_ORDERS = tuple(sorted({*range(2, 65), *(2**n * part for n in range(15) for part in (4, 5, 6, 7))}))


def is_paid(training: dict[str, Any], cost: dict[str, str]) -> bool:
    """Say whether a cost that stands beside a training is no less than the training's."""
    unit, amount, delta = parts(cost)
    chance, noise = Fraction(training["sampling_rate"]), Fraction(training["noise"])
    accounts, steps = training["accounts"], training["steps"]
    if chance == 0 or noise == 0:
        return False
    reach = accounts / noise
    if unit == "rho":
        return bool(2 * amount >= steps * reach**2)
    if not 0 < delta < 1:
        return False
    joined = 1 - (1 - chance) ** accounts
    return _proved(float(amount), log(float(delta)), steps, float(joined), float(reach**2))


@lru_cache(maxsize=256)
def _proved(epsilon: float, log_delta: float, steps: int, chance: float, reach: float) -> bool:
    most = epsilon + (epsilon + 1) * _TRUST_IN_DOUBLES
    for order in _ORDERS:
        if chance < 1 and order > _MOST_WITH_CHANCE:
            return False
        # Canonne, Kamath and Steinke 2020, Proposition 12, times order - 1.
        rest = (order - 1) * (most - log1p(-1 / order)) + log_delta + log(order)
        if steps * _moment(order, chance, reach) <= rest:
            return True
    return False


def _moment(order: int, chance: float, reach: float) -> float:
    """Return the logarithm of a step's moment of this order."""
    if chance >= 1:
        return order * (order - 1) * reach / 2
    terms = []
    for together in range(2, order + 1):
        power = together * (together - 1) * reach / 2
        added = log(expm1(power)) if power < 1 else power + log1p(-exp(-power))
        alone = (order - together) * log1p(-chance)
        terms.append(log(comb(order, together)) + together * log(chance) + alone + added)
    top = max(terms)
    below = sum(exp(term - top) for term in terms)
    # log(1 + e^top below), for any top
    high = top + log(below)
    return high + log1p(exp(-high)) if high > 0 else log1p(exp(high))
