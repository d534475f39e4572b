"""Which labels most contributors show, in order, without any number: a noisy top-k.

One-shot report noisy top-k with exact comparisons (OpenDP core). In epsilon, the noise is
exponential, which is permute-and-flip (McKenna and Sheldon 2020; Ding et al. 2021), peeled k
times: k / s for monotone scores. In rho, the noise is Gumbel's, which is the exponential mechanism
peeled k times: each peel is bounded-range, k / (8 s^2) (Durfee and Rogers 2019; Cesar and Rogers
2021). diffprivlib's `PermuteAndFlip` has the first law for k = 1, in floating point; the exact
one serves every k.

Scores are counts of contributors, which all move one way when a contributor comes or goes; each by
at most Linf. A contributor is in at most K of the lists (one list for each combination of the other
dimensions), and only these pay.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from engine.statistics.errors import StatisticsError, StudyInvalid
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Top
from engine.statistics.noise.exact import opendp
from engine.statistics.noise.interface import LARGEST_COUNT
from policies.amounts import Epsilon


@dataclass(frozen=True)
class TopLaw:
    """How one list is drawn."""

    k: int
    step: int
    """Linf: how far one person moves one label's score."""
    scale: float
    """Of the noise on the scores; not below what the price pays for."""
    pure: bool
    name: ClassVar[str] = "noisy-top"

    @classmethod
    def of(cls, study: Study, statistic: Statistic) -> "TopLaw":
        """Return the law that the statistic's price pays for; raises `StudyInvalid`."""
        if not isinstance(statistic.measure, Top):
            raise StudyInvalid(f"{statistic.id} is no top")
        k, step, lists = statistic.measure.k, study.accounts, study.bound(statistic)
        price = statistic.price.value
        pure = isinstance(statistic.price, Epsilon)
        # s, or its square.
        exactly = Fraction(k * step * lists) / price
        if not pure:
            exactly = Fraction(k * step**2 * lists) / (8 * price)
        scale = float(exactly) if pure else math.sqrt(exactly)
        while Fraction(scale) ** (1 if pure else 2) < exactly:
            scale = math.nextafter(scale, math.inf)
        if not 1e-2 <= scale <= 1e6:
            raise StudyInvalid(
                "the price of a top is out of range for what a contributor can touch",
                hint="Noise has a scale between 0.01 and 1,000,000: change k, max_cells or price.",
            )
        return cls(k, step, scale, pure)

    @property
    def delta(self) -> Fraction:
        """None: the comparisons are exact."""
        return Fraction(0)

    def draw(self, scores: Sequence[int]) -> list[int]:
        """Return the places of k scores, the noisiest highest first."""
        if any(type(score) is not int or abs(score) >= LARGEST_COUNT for score in scores):
            raise StatisticsError("a score is no count")
        dp = opendp()
        measure = dp.max_divergence() if self.pure else dp.zero_concentrated_divergence()
        measurement = dp.m.make_noisy_top_k(
            dp.vector_domain(dp.atom_domain(T="i64")),
            dp.linf_distance(T="i64", monotonic=True),
            measure,
            k=self.k,
            scale=self.scale,
        )
        return [int(place) for place in measurement(list(scores))]
