"""What a policy would give, before any photo is read: how exact, at what price, how often.

Everything follows from the policy; the one thing beside it is a public guess of the crowd's size.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from engine.statistics.accounting import cost, expected_of, rho_within, stated_epsilon
from engine.statistics.errors import StudyInvalid
from engine.statistics.found import DIMENSION as FOUND
from engine.statistics.found import FoundLabels
from engine.statistics.interface import Price, Statistic, Study
from engine.statistics.measures import Photos, Top
from engine.statistics.top import TopLaw
from policies.amounts import Delta, Epsilon, Loss

WORTH_SAYING = 0.95
"""Another split or accounting is named where it takes the largest error below this part of it."""
_DIGITS = 3


@dataclass(frozen=True)
class PlannedStatistic:
    """One table, before it is drawn."""

    id: str
    measures: str
    by: tuple[str, ...]
    cells: int | None
    """None for labels that are found in the data: nobody knows how many there will be."""
    max_cells: int
    mechanism: str
    price: Price
    std: float | None
    """Of the noise on one value; of a running total's last; None for a top."""
    half_width: int | None
    """In 95 % of draws a value lies at most this far from the bounded count."""
    stands_out: int | None
    """The smallest value whose 95 % bounds leave zero out; of found labels, that is released."""
    share_of_crowd: float | None
    """That value as a part of the guessed crowd; above 1, nothing can stand out."""
    better_price: Price | None
    """Its part of the split that makes the largest error smallest, where that is worth saying."""


@dataclass(frozen=True)
class OtherAccounting:
    """The same study in the other currency, at the same epsilon and delta for a reader."""

    price: Loss
    largest_error: float
    """Largest std, in parts of what one contributor can add to a cell; under the best split."""
    own_largest_error: float
    """The same for the policy as it is, under its best split."""
    releases: int
    """How many such releases the total would pay for."""

    @property
    def is_better(self) -> bool:
        """Whether the largest error is smaller by enough to be named."""
        return self.largest_error < WORTH_SAYING * self.own_largest_error


@dataclass(frozen=True)
class Plan:
    """What a release of the study would be, and what would be left."""

    statistics: tuple[PlannedStatistic, ...]
    cost: Loss
    stated_epsilon: float
    """For a study in epsilon, that; in rho, by the accountant at `stated_at`."""
    total: Loss
    stated_total: float
    stated_at: Delta
    releases: int
    """Releases like this one that the dataset's whole total pays for."""
    accounts: int
    other: OtherAccounting | None
    """None where the other currency buys no noise within range."""


def plan(study: Study, total: Loss, stated_at: Delta, crowd: int | None = None) -> Plan:
    """Return what the study would give and cost; reads nothing but its arguments.

    Args:
        study: what a policy asks for.
        total: what the dataset may lose in all, in the study's currency.
        stated_at: the delta at which rho is put into an epsilon.
        crowd: a public guess of how many contributors there are.
    """
    price = cost(study)
    better = _best_split(study, price.main)
    named = better is not None and _largest(better) < WORTH_SAYING * _largest(study)
    prices = {s.id: s.price for s in better.statistics} if named and better else {}
    return Plan(
        (
            *(_planned(study, s, crowd, prices.get(s.id)) for s in study.in_order()),
            *(_planned_found(found, crowd) for found in study.found),
        ),
        price,
        stated(price, stated_at),
        total,
        stated(total, stated_at),
        stated_at,
        times(total, price),
        study.accounts,
        _other(study, price, total, stated_at),
    )


def _planned(
    study: Study, statistic: Statistic, crowd: int | None, better: Price | None
) -> PlannedStatistic:
    std, width, name = None, None, TopLaw.name
    if not isinstance(statistic.measure, Top):
        expected = expected_of(study, statistic)
        std, width, name = expected.std, expected.half_width, expected.mechanism
    out = None if width is None else width + 1
    return PlannedStatistic(
        statistic.id,
        statistic.measured,
        statistic.names,
        statistic.cells,
        study.bound(statistic),
        name,
        statistic.price,
        std,
        width,
        out,
        None if out is None or not crowd else out / crowd,
        None if better == statistic.price else better,
    )


def _planned_found(found: FoundLabels, crowd: int | None) -> PlannedStatistic:
    out = found.threshold + 1
    return PlannedStatistic(
        found.id,
        "found",
        (FOUND,),
        None,
        found.max_labels,
        found.law.name,
        found.price,
        found.law.std,
        found.law.half_width,
        out,
        out / crowd if crowd else None,
        None,
    )


def stated(loss: Loss, at: Delta) -> float:
    """Return the loss in epsilon; of one in rho, by the accountant at that delta."""
    if loss.epsilon is not None:
        return float(loss.epsilon.value)
    assert loss.rho is not None
    return stated_epsilon(loss.rho, at).epsilon


def times(total: Loss, price: Loss) -> int:
    """Return how often the total pays the price, in both parts."""
    often = [total.main.value / price.main.value]
    if price.delta.value:
        often.append(total.delta.value / price.delta.value)
    return floor(min(often))


def _best_split(study: Study, whole: Price) -> Study | None:
    """Return the study with the price split so that its largest error is smallest.

    Errors in parts of what one contributor can add to a cell. Spreads fall as 1 / epsilon and as
    1 / sqrt(rho), so prices go as the spread that one unit buys, or its square. Tops keep theirs.
    None where there is nothing to split, or a part buys no noise within range.
    """
    split = [s for s in study.statistics if not isinstance(s.measure, Top)]
    if not split:
        return None
    kept = [s.price.value for s in study.statistics if s not in split]
    rest = sum((*kept, *(found.price.value for found in study.found)), Fraction(0))
    power = 1 if isinstance(whole, Epsilon) else 2
    try:
        weights = {s.id: Fraction(_error(study, s)) ** power * s.price.value for s in split}
        scale = (whole.value - rest) / sum(weights.values())
        return replace(
            study,
            statistics=tuple(
                replace(s, price=type(whole)(_down(weights[s.id] * scale))) if s in split else s
                for s in study.statistics
            ),
        )
    except (StudyInvalid, ZeroDivisionError):
        return None


def _error(study: Study, statistic: Statistic) -> float:
    clip = statistic.measure.clip if isinstance(statistic.measure, Photos) else 1
    return expected_of(study, statistic).std / clip


def _largest(study: Study) -> float:
    split = [s for s in study.statistics if not isinstance(s.measure, Top)]
    return max((_error(study, s) for s in split), default=0.0)


def _other(study: Study, price: Loss, total: Loss, at: Delta) -> OtherAccounting | None:
    """Return what the other currency would give at the epsilon that a reader sees anyway."""
    try:
        whole: Price
        if price.rho is None:
            assert price.epsilon is not None
            assert total.epsilon is not None
            whole = rho_within(price.epsilon.value, at)
            all_of_it: Price = rho_within(total.epsilon.value, at)
        else:
            assert total.rho is not None
            whole = Epsilon(_down(Fraction(stated_epsilon(price.rho, at).epsilon)))
            all_of_it = Epsilon(_down(Fraction(stated_epsilon(total.rho, at).epsilon)))
        even = _priced(study, whole)
        best = _best_split(even, whole)
        own = _best_split(study, price.main)
        if best is None or own is None:
            return None
        return OtherAccounting(
            cost(best), _largest(best), _largest(own), floor(all_of_it.value / whole.value)
        )
    except (StudyInvalid, ValueError):
        return None


def _priced(study: Study, whole: Price) -> Study:
    """Return the study with `whole` split evenly, and whatever noise suits."""
    part = type(whole)(_down(whole.value / (len(study.statistics) + len(study.found))))
    return replace(
        study,
        statistics=tuple(replace(s, price=part, mechanism=None) for s in study.statistics),
        found=tuple(replace(found, price=part) for found in study.found),
    )


def _down(value: Fraction) -> Fraction:
    """Return the value rounded down to three significant digits."""
    if value <= 0:
        return Fraction(0)
    power, scaled = 0, value
    while scaled < 10 ** (_DIGITS - 1):
        scaled, power = scaled * 10, power + 1
    while scaled >= 10**_DIGITS:
        scaled, power = scaled / 10, power - 1
    return Fraction(floor(scaled)) / Fraction(10) ** power
