"""Rho as readers know it: an epsilon at a delta, and how tight that is.

Nothing here decides what may be spent: admission adds up exact rho (`policies.amounts.Loss`), which
is valid however later studies were chosen. Here it is put into other words afterwards.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

from policies.amounts import Delta, Rho

ORDERS: Final = (
    tuple(1 + x / 20 for x in range(1, 200))
    + tuple(float(x) for n in range(11, 65) for x in (n,))
    + tuple(float(2**k * m) for k in range(4, 14) for m in (4, 5, 6, 7))
    + (65536.0,)
)
"""Renyi orders up to 65,536. Opacus's own stop at 63, below which no epsilon of a small rho is:
its answer is then 0.14 at a delta of 1e-6, however little was spent."""


@dataclass(frozen=True)
class Stated:
    """What a rho means at a delta."""

    epsilon: float
    """By Opacus's RDP accountant, rounded up to four digits; an upper bound for any mixture."""
    delta: Delta
    tightness: float
    """Epsilon of one continuous Gaussian with this rho, exactly (Balle and Wang 2018): no stated
    epsilon can be below it. Shown beside, and never used for admission."""


@cache
def stated_epsilon(rho: Rho, delta: Delta) -> Stated:
    """Return the epsilon at which rho-zCDP is (epsilon, delta)-DP.

    rho-zCDP is Renyi DP of order a with loss a rho for every a, which is the curve of one Gaussian
    with noise multiplier 1 / sqrt(2 rho); Opacus converts it (Canonne, Kamath, Steinke 2020,
    Proposition 12).
    """
    if rho == Rho.zero():
        return Stated(0.0, delta, 0.0)
    from opacus.accountants.analysis import rdp  # noqa: PLC0415  loads torch

    curve = [order * float(rho.value) for order in ORDERS]
    epsilon, _ = rdp.get_privacy_spent(
        orders=list(ORDERS), rdp=curve, delta=_float_down(delta.value)
    )
    # Opacus may fall below zero at a large delta.
    stated = _up(max(0.0, float(epsilon)))
    return Stated(stated, delta, gaussian_epsilon(rho, delta))


def gaussian_epsilon(rho: Rho, delta: Delta) -> float:
    """Return the least epsilon of the Gaussian mechanism with this rho (Balle and Wang 2018)."""
    mu = math.sqrt(2 * float(rho.value))
    low, high = 0.0, mu * mu / 2 + mu * math.sqrt(2 * math.log(1 / float(delta.value))) + 1
    if _gaussian_delta(mu, 0.0) <= float(delta.value):
        return 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if _gaussian_delta(mu, middle) > float(delta.value):
            low = middle
        else:
            high = middle
    return high


def rho_within(epsilon: Fraction, delta: Delta) -> Rho:
    """Return a rho, rounded down to six digits, whose stated epsilon at delta is not above.

    By bisection on what `stated_epsilon` states. Raises `ValueError` where there is none.
    """
    log = math.log(1 / float(delta.value))
    low, high = 0.0, (math.sqrt(log + float(epsilon)) + math.sqrt(log)) ** 2
    for _ in range(60):
        middle = (low + high) / 2
        if stated_epsilon(Rho(_down(middle)), delta).epsilon <= float(epsilon):
            low = middle
        else:
            high = middle
    found = Rho(_down(low))
    if found == Rho.zero():
        raise ValueError("no rho is so small")
    return found


def _gaussian_delta(mu: float, epsilon: float) -> float:
    def phi(x: float) -> float:
        return math.erfc(-x / math.sqrt(2)) / 2

    second = phi(-mu / 2 - epsilon / mu)
    return phi(mu / 2 - epsilon / mu) - (math.exp(epsilon) * second if second > 0 else 0.0)


def _down(value: float) -> Fraction:
    if value <= 0:
        return Fraction(0)
    digits = 6 - 1 - math.floor(math.log10(value))
    scale = Fraction(10) ** digits
    return Fraction(math.floor(Fraction(value) * scale)) / scale


def _up(value: float) -> float:
    if value == 0:
        return 0.0
    digits = 4 - 1 - math.floor(math.log10(value))
    scale = 10.0**digits
    return math.ceil(value * scale) / scale


def _float_down(value: Fraction) -> float:
    nearest = float(value)
    return nearest if Fraction(nearest) <= value else math.nextafter(nearest, 0.0)
