"""What a study costs, from the policy alone: exact amounts, rounded up where they are rounded."""

from dataclasses import dataclass

from engine.statistics.geometric import GeometricLaw
from engine.statistics.interface import CountStatistic, Study
from policies.amounts import Delta, Loss

DELTA_DIGITS = 12
"""Significant digits in which a delta is stated, rounded up."""


@dataclass(frozen=True)
class ExpectedError:
    """How exact a statistic's values will be. Says nothing about recognition or bounding."""

    statistic: str
    std: float
    half_width: int
    """In 95 % of draws, a value lies at most this far from the bounded count."""


def law_of(study: Study, statistic: CountStatistic) -> GeometricLaw:
    """Return the noise of one statistic's cells."""
    return GeometricLaw(statistic.epsilon, study.sensitivity(statistic))


def cost_of(study: Study, statistic: CountStatistic) -> Loss:
    """Return one statistic's loss: its epsilon, and the sampler's delta rounded up."""
    return Loss(statistic.epsilon, Delta(law_of(study, statistic).delta).rounded_up(DELTA_DIGITS))


def cost(study: Study) -> Loss:
    """Return the study's loss: both parts add up over its statistics (basic composition)."""
    total = Loss.zero()
    for statistic in study.in_order():
        total += cost_of(study, statistic)
    return total


def expected_error(study: Study) -> tuple[ExpectedError, ...]:
    """Return each statistic's noise, sorted by id, before any data is read."""
    laws = ((statistic.id, law_of(study, statistic)) for statistic in study.in_order())
    return tuple(ExpectedError(name, law.std, law.half_width) for name, law in laws)
