"""What a training costs a contributor, from its public numbers alone; rounded up.

A step adds up the clipped gradients of contributors, each of whom is drawn independently with
probability q, as vectors of integers of length at most D, and adds to every coordinate a draw of
the discrete Gaussian with scale s = noise * D. The neighbouring relation is to add or remove one
contributor, with vector v, |v| <= D. Given who else is drawn, the step's law is p without them and
m = (1 - q) p + q p_v with them: p a product law on the lattice, p_v the same shifted by v. Who else
is drawn has one law in both, so by joint quasi-convexity a bound on these two holds for the step.
Its Renyi loss at an **integer** order k is that of the continuous Gaussian (Mironov, Talwar and
Zhang 2019, arXiv 1908.10530), as follows.

1. E_p[(p_v / p)^i] = exp(i (i - 1) |v|^2 / (2 s^2)) sum_x p(x - i v), and the sum is 1: i v is a
   vector of integers, by which the lattice moves onto itself. (At an order that is no integer it
   need not be 1.)
2. So E_p[(m / p)^k] = sum_i C(k, i) (1 - q)^(k - i) q^i exp(i (i - 1) |v|^2 / (2 s^2)), which is
   their Section 3.3 and what Opacus computes. It grows with |v|, so that |v| = D bounds it.
3. The other direction, E_m[(p / m)^k] = E_p[(m / p)^(1 - k)], is no larger. Their Theorem 5 is
   for differentiable laws; this needs none. x -> v - x maps the lattice onto itself and swaps p and
   p_v, so with r = p_v / p, E_p[g(r)] = E_p[g(r) + r g(1 / r)] / 2. With a = 1 - q + q r and
   b = 1 - q + q / r it is enough that a^k - a^(1 - k) >= r (b^(1 - k) - b^k) where r >= 1 (else
   swap r and 1 / r). Put c = k - 1/2, A = log a, B = -log b: that is
   sqrt(a) sinh(c A) >= r sqrt(b) sinh(c B). At c = 1/2 both sides are q (r - 1) / 2; and as c grows
   sinh(c A) / sinh(c B) does not fall, for A >= B >= 0: a b = 1 + q (1 - q) (r + 1 / r - 2) >= 1.

Losses at one order add up over steps, each chosen by what earlier ones gave.

In rho no credit is taken for the sampling: by quasi-convexity again a step is no worse than with
q = 1, where it is D^2 / (2 s^2)-zCDP at every order (Canonne, Kamath and Steinke 2020, Theorem 14).
"""

import math
import warnings
from fractions import Fraction
from functools import lru_cache
from typing import Final

from engine.learning.errors import TrainingRefused
from policies.amounts import Delta, Epsilon, Rho

SAMPLED_ORDERS: Final = (
    *range(2, 65),
    *(m * 2**k for k in range(4, 8) for m in (5, 6, 7, 8)),
)
"""Integer orders up to 1,024: above, binomials leave the range of a double in Opacus."""
ORDERS: Final = (*SAMPLED_ORDERS, *(m * 2**k for k in range(8, 14) for m in (5, 6, 7, 8)))
"""Up to 65,536, for a training without sampling."""
SMALLEST_NOISE: Final = Fraction(1, 10)
"""Below it the noise is nothing, and so is the promise."""
LARGEST_NOISE: Final = Fraction(10_000)
"""Above it a head learns nothing from any crowd."""
MOST_STEPS: Final = 100_000
NOISE_DECIMALS: Final = 4
"""In how many decimals a noise multiplier is stated, rounded up."""
_EPSILON_GRID: Final = 10**6
_SLACK: Final = 1e-9
"""Far more than what doubles lose in a sum of at most 1,024 terms."""


def epsilon_up(steps: int, sampling_rate: Fraction, noise: Fraction, delta: Delta) -> Epsilon:
    """Return the epsilon at delta of so many steps, by Opacus, rounded up at six decimals.

    Raises `TrainingRefused` for numbers that no training can have.
    """
    check_numbers(steps, sampling_rate, noise)
    if not 0 < delta.value < 1:
        raise TrainingRefused(
            "a training that is priced in epsilon needs a delta above 0 and below 1",
            hint="Give the training a delta such as 1e-6.",
        )
    return _epsilon_up(steps, sampling_rate, noise, delta)


@lru_cache(maxsize=4096)
def _epsilon_up(steps: int, sampling_rate: Fraction, noise: Fraction, delta: Delta) -> Epsilon:
    from opacus.accountants import RDPAccountant  # noqa: PLC0415  loads torch

    accountant = RDPAccountant()
    rate = float_up(sampling_rate)
    accountant.history = [(float_down(noise), rate, steps)]
    orders = ORDERS if rate >= 1 else SAMPLED_ORDERS
    with warnings.catch_warnings():
        # Opacus says that the first or last order was the best: then a larger epsilon than needed
        # is stated.
        warnings.simplefilter("ignore")
        found = accountant.get_epsilon(float_down(delta.value), alphas=list(orders))
    if not math.isfinite(found):
        raise TrainingRefused("no finite epsilon is known for so little noise")
    # Opacus may fall below zero at a large delta.
    above = Fraction(max(0.0, found) * (1 + _SLACK) + _SLACK)
    return Epsilon(Fraction(math.ceil(above * _EPSILON_GRID), _EPSILON_GRID))


def rho_exactly(steps: int, noise: Fraction) -> Rho:
    """Return the rho of so many steps, whatever the sampling rate: steps / (2 noise^2).

    Raises `TrainingRefused` for numbers that no training can have.
    """
    check_numbers(steps, Fraction(1), noise)
    return Rho(Fraction(steps) / (2 * noise**2))


def tightness(steps: int, sampling_rate: Fraction, noise: Fraction, delta: Delta) -> float | None:
    """Return the epsilon that Opacus's PRV accountant finds for the continuous Gaussian, or None.

    It shows how tight `epsilon_up` is and decides nothing: it holds for continuous noise, and fails
    at some large and some small losses, which give None.
    """
    check_numbers(steps, sampling_rate, noise)
    return _tightness(steps, sampling_rate, noise, delta)


@lru_cache(maxsize=256)
def _tightness(steps: int, sampling_rate: Fraction, noise: Fraction, delta: Delta) -> float | None:
    from opacus.accountants import PRVAccountant  # noqa: PLC0415  loads torch

    accountant = PRVAccountant()
    accountant.history = [(float_down(noise), float_up(sampling_rate), steps)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = float(accountant.get_epsilon(delta=float_down(delta.value)))
    except (ValueError, RuntimeError, ArithmeticError, MemoryError, IndexError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def noise_for(price: Epsilon | Rho, steps: int, sampling_rate: Fraction, delta: Delta) -> Fraction:
    """Return the smallest noise multiplier, of four decimals, whose cost is within the price.

    `delta` is looked at only where the price is in epsilon. Raises `TrainingRefused` where no noise
    up to 10,000 costs so little.
    """
    grid = 10**NOISE_DECIMALS
    least, most = math.ceil(SMALLEST_NOISE * grid), math.floor(LARGEST_NOISE * grid)

    def affordable(at: int) -> bool:
        noise = Fraction(at, grid)
        if isinstance(price, Rho):
            return rho_exactly(steps, noise).value <= price.value
        try:
            return epsilon_up(steps, sampling_rate, noise, delta).value <= price.value
        except TrainingRefused:
            return False

    check_numbers(steps, sampling_rate, LARGEST_NOISE)
    if isinstance(price, Epsilon):
        epsilon_up(steps, sampling_rate, LARGEST_NOISE, delta)  # says what is wrong with delta
    if not affordable(most):
        raise TrainingRefused(
            "the price does not pay for so many steps, however much noise there is",
            hint="Raise the price or delta, or train for fewer epochs.",
        )
    if affordable(least):
        return Fraction(least, grid)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if affordable(middle) else (middle, most)
    return Fraction(most, grid)


def check_numbers(steps: int, sampling_rate: Fraction, noise: Fraction) -> None:
    """Raise `TrainingRefused` for numbers that no training can have."""
    if not 1 <= steps <= MOST_STEPS:
        raise TrainingRefused(
            "a training takes between 1 and 100,000 steps",
            hint="Steps are epochs divided by sampling_rate, rounded up.",
        )
    if not 0 < sampling_rate <= 1:
        raise TrainingRefused("sampling_rate is above 0 and at most 1")
    # INVARIANT: no head is trained without noise.
    if not SMALLEST_NOISE <= noise <= LARGEST_NOISE:
        raise TrainingRefused("the noise multiplier is between 0.1 and 10,000")


def float_up(value: Fraction) -> float:
    """Return the smallest double that is not below."""
    nearest = float(value)
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)


def float_down(value: Fraction) -> float:
    """Return the largest double that is not above."""
    nearest = float(value)
    return nearest if Fraction(nearest) <= value else math.nextafter(nearest, -math.inf)
