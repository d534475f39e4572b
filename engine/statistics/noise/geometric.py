"""The two-sided geometric law in closed form, and what sampling it in floating point costs.

The law, for `a = exp(-e)` with `e` the epsilon of one cell: P(X = k) = a^|k| (1 - a)/(1 + a)
(Ghosh, Roughgarden, Sundararajan 2009, who show that it is the best pure-epsilon noise for a
count).

**The implementation's delta.** diffprivlib 0.6.6 (`mechanisms/geometric.py`) draws u = j 2^-53
with j uniform on 0..2^53-1, and returns sgn * floor(log|w| / -e) with w = (u - 1/2) s and
s = 1 + exp(-e), in doubles. We call it with sensitivity 1, an `e` rounded down to a double, and
value 0, and add the count as an integer; the draw j = 2^52 (w = 0) raises `OverflowError` inside
the library, whatever the count, and is drawn again. So X takes N = 2^53 - 1 equally likely
values, and its law differs from the ideal one in that (1) probabilities are multiples of 1/N,
(2) thresholds are moved by rounding, (3) |X| ends at 36.74/e. We bound the hockey-stick
divergence sup_S P(X in S) - exp(e) P(X + 1 in S), and the same with X - 1.

1. u - 1/2 = v is exact. Let j' = |v| 2^53, an integer: 1..2^52-1 for v > 0 and 1..2^52 for
   v < 0. Let G_k be the number of j' on one side that give |X| >= k, and t_k = a^k 2^53 / s, so
   that t_{k+1} = a t_k exactly, whatever s is.
2. The product v s has relative error 2^-53; `numpy.log` at most 4 ulp (numpy's own test bound),
   the division 2^-53. Hence |X| >= k is decided as if the threshold on j' were t_k (1 + x) with
   |x| <= k e 2^-49.8 + 2^-52, and |G_k - t_k| <= 1 + c_k, c_k = t_k (k e 2^-49.8 + 2^-52).
   No monotonicity of the float functions is needed: the bound holds point by point.
3. Let g_k = N P(X = k) = G_k - G_{k+1} for k != 0: off its ideal p_k = t_k - t_{k+1} by at most
   2 + c_k + c_{k+1}. For k = 0, s is within 2^-51 + 2^-53 of 1 + a (4 ulp for exp), which moves
   g_0 by at most 5 counts; with G_1 on both sides and the value drawn again, by at most
   5 + 1 + 2(1 + c_1) <= 19, since c_k <= 5.4.
4. The ideal p satisfy p_x - exp(e) p_{x-1} <= 0 for all x, so
   N (P(X = x) - exp(e) P(X + 1 = x)) <= err(x) + exp(e) err(x - 1), and summing the positive
   parts over the support, N delta <= (1 + exp(e)) (sum_x err(x) + 2), x in the support; the 2 is
   for the one x - 1 just outside it, where p_{x-1} <= t_{|x-1|} <= 1 + c < 2 as G is 0 there.
5. Only |k| <= 36.74/e occurs (log 2^53 = 36.7368). As s >= 1, sum_{k>=1} a^k <= 1/e and
   sum_{k>=1} k e a^k <= 1/e, the c_k sum to at most 2^53 (2^-49.8 + 2^-52)/e <= 11.2/e.
   So sum_{k>=1} (1 + c_k) <= 48/e, sum_x err(x) <= 4 * 48/e + 19, and with `e` the exact epsilon
   (the double is below it by a factor of 1 - 2^-52 at most, absorbed by rounding 192 up to 193):

       delta(e) <= (1 + exp(e)) (193/e + 21) / (2^53 - 1).

exp(e) is replaced by (1 - e/64)^-64, a rational number above it. That is for a count that moves by
one; one that moves by l is moved one step after another: delta_l <= (sum_{i<l} exp(i e)) delta(e)
<= l exp((l - 1) e) delta(e) (Dwork and Roth 2014, Theorem 2.2, for groups). A person who moves
several cells meets independent draws, whose deltas add up (3.5.2): with L1 in all, and no cell by
more than Linf, L1 exp((Linf - 1) e) delta(e).
"""

import math
import secrets
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Final

import numpy as np

from engine.statistics.errors import StatisticsError, StudyInvalid
from engine.statistics.noise.interface import COVERAGE, half_width_of
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon

SMALLEST: Final = Fraction(1, 10**6)
"""Least epsilon of one step: below it the noise has a std above 10^6 and a delta above 10^-8."""
LARGEST: Final = Fraction(16)
"""Largest epsilon of one cell: above it the noise is nothing, and so is the promise."""


@dataclass(frozen=True)
class GeometricLaw:
    """The noise of a statistic with an L1 sensitivity, at a price in epsilon."""

    epsilon: Epsilon
    sensitivity: Sensitivity
    name: ClassVar[str] = "geometric"

    def __post_init__(self) -> None:
        one_cell = self.step_epsilon * self.sensitivity.linf
        if not SMALLEST <= self.step_epsilon <= one_cell <= LARGEST:
            raise StudyInvalid(
                "epsilon divided by what a contributor can touch is out of range",
                hint="Keep it between 0.000001 and 16 a cell: change epsilon, max_cells or clip.",
            )

    @property
    def step_epsilon(self) -> Fraction:
        """Exact epsilon of one cell that moves by one."""
        return self.epsilon.value / self.sensitivity.l1

    @property
    def float_epsilon(self) -> float:
        """The largest double that is not above `step_epsilon`."""
        nearest = float(self.step_epsilon)
        # INVARIANT: the double never promises less noise than the exact amount.
        return nearest if Fraction(nearest) <= self.step_epsilon else math.nextafter(nearest, 0.0)

    @property
    def delta(self) -> Fraction:
        """Upper bound on what the floating-point sampler adds, for one person (see above)."""
        e = self.step_epsilon
        one_step = (1 + _exp_above(e)) * (193 / e + 21) / (2**53 - 1)
        return self.sensitivity.l1 * _exp_above((self.sensitivity.linf - 1) * e) * one_step

    @property
    def std(self) -> float:
        """Standard deviation of one cell's noise: 1 / (sqrt 2 sinh(e/2))."""
        return 1 / (math.sqrt(2) * math.sinh(self.float_epsilon / 2))

    @property
    def half_width(self) -> int:
        """Smallest w with P(|X| <= w) = 1 - 2 a^(w+1) / (1 + a) >= 0.95."""
        e = self.float_epsilon
        beyond = (1 - COVERAGE) / 2 * (1 + math.exp(-e))
        return half_width_of(self, math.ceil(-math.log(beyond) / e) - 1)

    def tail(self, width: int) -> float:
        """Return P(|X| > width)."""
        e = self.float_epsilon
        return 2 * math.exp(-e * (width + 1)) / (1 + math.exp(-e))

    def draw(self, draws: int) -> list[int]:
        """Return draws by diffprivlib's `Geometric`, which takes no seed."""
        # Imported here: a plan needs no noise, and this import takes most of a second.
        from diffprivlib.mechanisms import Geometric  # noqa: PLC0415

        geometric = Geometric(epsilon=self.float_epsilon, sensitivity=1)
        if not isinstance(geometric._rng, secrets.SystemRandom):
            raise StatisticsError("noise would not come from the operating system's generator")
        return [_draw(geometric) for _ in range(draws)]


def _exp_above(x: Fraction) -> Fraction:
    """Return a rational number that is not below exp(x), for x up to 16."""
    # Rounded up first, so that its power has few digits.
    rounded = Fraction(math.ceil(x * 2**40), 2**40)
    return (1 - rounded / 64) ** -64


def _draw(geometric: Any) -> int:
    """Return one draw around zero; the uniform that has no logarithm is drawn again."""
    while True:
        try:
            with np.errstate(divide="ignore"):
                return int(geometric.randomise(0))
        except OverflowError:
            continue
