"""What a study costs, from the policy alone: exact amounts, rounded up where they are rounded."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isqrt

import numpy as np

from engine.statistics.errors import StudyInvalid
from engine.statistics.interface import Statistic, Study, strategy_of
from engine.statistics.measures import RunningTotal, Top
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, GeometricLaw, Law
from engine.statistics.running.totals import with_bounds
from engine.statistics.sensitivity import Sensitivity
from engine.statistics.top import TopLaw
from policies.amounts import Delta, Epsilon, Loss, Rho

DELTA_DIGITS = 12
"""Significant digits in which a delta is stated, rounded up."""


@dataclass(frozen=True)
class ExpectedError:
    """How exact a statistic's values will be. Says nothing about recognition or bounding."""

    statistic: str
    std: float
    half_width: int
    """In 95 % of draws, a value lies at most this far from the bounded count."""
    mechanism: str


def law_of(study: Study, statistic: Statistic) -> Law:
    """Return the noise of one statistic's numbers: for its price, the one with the least spread.

    A statistic that names its mechanism gets that one. Raises `StudyInvalid` where a price buys
    no noise within range, and for a top, which draws none of its own.
    """
    return _law(statistic, study.sensitivity(statistic))


@cache
def _law(statistic: Statistic, sensitivity: Sensitivity) -> Law:
    laws: dict[str, type[GeometricLaw]] = {law.name: law for law in (GeometricLaw, DiscreteLaplace)}
    if isinstance(statistic.measure, Top):
        raise StudyInvalid(f"{statistic.id} is a top, and no number of it leaves")
    chosen, price = statistic.mechanism, statistic.price
    if isinstance(price, Epsilon):
        if chosen == DiscreteGaussian.name:
            raise StudyInvalid("the discrete Gaussian is priced in rho", hint="Use zcdp.")
        return laws[chosen or GeometricLaw.name](price, sensitivity)
    if chosen in laws:
        return laws[chosen](epsilon_of(price), sensitivity)
    # Of one rho, with s = D2 / sqrt(2 rho) against sqrt(2) D1 / sqrt(2 rho), the Gaussian has the
    # lesser spread for every sensitivity, since D2 <= D1.
    return DiscreteGaussian(price, sensitivity)


def epsilon_of(rho: Rho) -> Epsilon:
    """Return the largest epsilon of twelve decimals that costs no more rho: epsilon^2 / 2."""
    scaled = rho.value * 2 * 10**24
    return Epsilon(Fraction(isqrt(scaled.numerator // scaled.denominator), 10**12))


def cost_of(study: Study, statistic: Statistic) -> Loss:
    """Return one statistic's loss: its price, and the sampler's delta rounded up."""
    if isinstance(statistic.measure, Top):
        own = TopLaw.of(study, statistic).delta
    else:
        own = law_of(study, statistic).delta
    delta = Delta(own).rounded_up(DELTA_DIGITS)
    return Loss.of(statistic.price, delta)


def costs(study: Study, paid: frozenset[str] = frozenset()) -> dict[str, Loss]:
    """Return what each statistic costs, by id, less those that are paid for."""
    named = {s.id: cost_of(study, s) for s in study.in_order() if s.id not in paid}
    return {**named, **{found.id: found.loss for found in study.found}}


def cost(study: Study, paid: frozenset[str] = frozenset()) -> Loss:
    """Return the study's loss: every part adds up over its statistics."""
    return sum(costs(study, paid).values(), Loss.zero(study.accounting))


def expected_error(study: Study) -> tuple[ExpectedError, ...]:
    """Return each statistic's noise, sorted by id, before any data is read; tops have none.

    Of a running total, the error is that of the period with the largest.
    """
    return tuple(
        expected_of(study, statistic)
        for statistic in study.in_order()
        if not isinstance(statistic.measure, Top)
    )


def expected_of(study: Study, statistic: Statistic) -> ExpectedError:
    """Return one statistic's noise; raises `StudyInvalid` for a top."""
    law = law_of(study, statistic)
    if isinstance(statistic.measure, RunningTotal):
        strategy = strategy_of(statistic)
        place = max(range(strategy.horizon), key=lambda period: strategy.std[period])
        nothing = np.zeros((1, strategy.horizon), np.int64)
        bounds = with_bounds(nothing, strategy, law)
        return ExpectedError(statistic.id, bounds.std[place], bounds.half_width[place], law.name)
    return ExpectedError(statistic.id, law.std, law.half_width, law.name)
