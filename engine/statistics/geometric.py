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

exp(e) is replaced by (1 - e/64)^-64, a rational number above it. A contributor who touches K
cells meets K independent draws: basic composition gives K delta (Dwork and Roth 2014, 3.5.2).
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from engine.statistics.errors import StudyInvalid
from policies.amounts import Epsilon

SMALLEST = Fraction(1, 10**6)
"""Least epsilon a cell: below it the noise has a std above 10^6 and a delta above 10^-8."""
LARGEST = Fraction(16)
"""Largest epsilon a cell: above it the noise is nothing, and so is the promise."""
COVERAGE = 0.95
"""Probability that a cell's bounds hold its count before noise."""


@dataclass(frozen=True)
class GeometricLaw:
    """The noise of a statistic whose L1 sensitivity is an integer of at least 1."""

    epsilon: Epsilon
    sensitivity: int

    def __post_init__(self) -> None:
        if type(self.sensitivity) is not int or self.sensitivity < 1:
            raise StudyInvalid("sensitivity is a whole number, 1 at least")
        if not SMALLEST <= self.cell_epsilon <= LARGEST:
            raise StudyInvalid(
                "epsilon divided by the cells a contributor can touch is out of range",
                hint="Keep it between 0.000001 and 16: change epsilon or max_cells.",
            )

    @property
    def cell_epsilon(self) -> Fraction:
        """Exact epsilon of one cell."""
        return self.epsilon.value / self.sensitivity

    @property
    def float_epsilon(self) -> float:
        """The largest double that is not above `cell_epsilon`."""
        nearest = float(self.cell_epsilon)
        # INVARIANT: the double never promises less noise than the exact amount.
        return nearest if Fraction(nearest) <= self.cell_epsilon else math.nextafter(nearest, 0.0)

    @property
    def delta(self) -> Fraction:
        """Upper bound on what the floating-point sampler adds, for one contributor (see above)."""
        e = self.cell_epsilon
        exp_above = (1 - e / 64) ** -64
        one_draw = (1 + exp_above) * (193 / e + 21) / (2**53 - 1)
        return self.sensitivity * one_draw

    @property
    def std(self) -> float:
        """Standard deviation of one cell's noise: 1 / (sqrt 2 sinh(e/2))."""
        return 1 / (math.sqrt(2) * math.sinh(self.float_epsilon / 2))

    @property
    def half_width(self) -> int:
        """Smallest w with P(|X| <= w) = 1 - 2 a^(w+1) / (1 + a) >= 0.95."""
        e = self.float_epsilon
        beyond = (1 - COVERAGE) / 2 * (1 + math.exp(-e))
        width = max(0, math.ceil(-math.log(beyond) / e) - 1)
        # The logarithm may be one off where it lands on an integer.
        while width > 0 and self.tail(width - 1) <= 1 - COVERAGE:
            width -= 1
        while self.tail(width) > 1 - COVERAGE:
            width += 1
        return width

    def tail(self, width: int) -> float:
        """Return P(|X| > width)."""
        e = self.float_epsilon
        return 2 * math.exp(-e * (width + 1)) / (1 + math.exp(-e))
