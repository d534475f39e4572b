"""How far an outsider tells neighbours apart by any statistic, against what the statistic costs.

The outsider knows everything but whether one person is there, and scores each released draw by how
much likelier it is with that person than without (the likelihood ratio, or of a running total its
normal approximation). `epsilon_below` turns the scores into a lower bound on epsilon at a delta,
which is too high with a probability of at most ALARM. It must never be above what is stated; and
where the noise is made for half of what a person can do, or a quarter (the controls), it must be.

Quick tests see thousands of draws, slow ones a million.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from engine.statistics import (
    Contributors,
    Dimension,
    Photos,
    RunningTotal,
    Statistic,
    Study,
    Top,
    cost,
    stated_epsilon,
)
from engine.statistics.interface import strategy_of
from engine.statistics.measures import Measure
from engine.statistics.sensitivity import Sensitivity
from engine.statistics.top import TopLaw
from policies.amounts import Delta, Epsilon, Rho
from tests.statistical.auditing import (
    BRAND,
    DAY,
    Floats,
    canaries,
    epsilon_below,
    regions,
    released,
)

ONE = Dimension("brand", ("c",))
ALARM = 1e-6
"""Probability of a false alarm of one test."""
EPSILON, RHO = Epsilon.parse("2"), Rho.parse("0.5")
DELTAS = ("1e-5", "0.01", "0.1")
"""At which a price in rho is put into an epsilon. With few draws, a large one tells most."""


@dataclass(frozen=True)
class Case:
    """A statistic and the person who moves it most."""

    price: Epsilon | Rho
    measure: Measure
    least: float
    """A quick look finds at least this part of what is stated."""
    by: str = ""
    mechanism: str | None = None
    max_cells: int = 1
    days: int = 1
    photos: int = 1
    accounts: int = 1
    draws: int = 12_000
    """Cells of a quick release."""

    def study(self, cells: int) -> Study:
        # One label will do, but for a top, which is about several.
        labels = BRAND if isinstance(self.measure, Top) else ONE
        dimensions = {"day": DAY, "brand": labels}
        by = tuple(dimensions[name] for name in self.by.split())
        each = int(np.prod([len(d.keys) for d in by]))
        statistic = Statistic(
            "audited",
            (regions(cells // each), *by),
            self.price,
            self.measure,
            mechanism=self.mechanism,  # type: ignore[arg-type]
        )
        return Study((statistic,), self.max_cells, self.accounts)


CLIPPED = Case(EPSILON, Photos(2), 0.6, photos=5)
CELLS = Case(EPSILON, Contributors(), 0.2, by="day", max_cells=4, days=4, draws=32_000)
TOTAL = Case(RHO, RunningTotal(4), 0.1, by="brand day", days=4, draws=40_000)
CASES = {
    "geometric": CLIPPED,
    "discrete-laplace": replace(CLIPPED, mechanism="discrete-laplace"),
    "discrete-gaussian": replace(CLIPPED, price=RHO, least=0.15),
    "geometric in rho": replace(CLIPPED, price=RHO, least=0.2, mechanism="geometric"),
    "geometric, four cells": replace(CELLS, mechanism="geometric"),
    "discrete-laplace, four cells": replace(CELLS, mechanism="discrete-laplace"),
    "discrete-gaussian, four cells": replace(CELLS, price=RHO, least=0.15),
    "two accounts": replace(CLIPPED, measure=Contributors(), photos=1, accounts=2),
    "total, separate, in epsilon": replace(
        TOTAL, price=EPSILON, measure=RunningTotal(4, "separate"), least=0.3
    ),
    "total, separate": replace(TOTAL, measure=RunningTotal(4, "separate")),
    "total, tree": replace(TOTAL, measure=RunningTotal(4, "tree")),
    "total, toeplitz": replace(TOTAL, measure=RunningTotal(4, "toeplitz")),
    "top two, in epsilon": Case(Epsilon.parse("1"), Top(2), 0.02, by="brand", draws=15_000),
    "top, in rho": Case(RHO, Top(1), 0.1, by="brand", draws=9_000),
}
CONTROLS = {
    "discrete-laplace": 2,
    "discrete-gaussian": 2,
    "two accounts": 2,
    "total, separate, in epsilon": 2,
    "total, toeplitz": 4,
    "top two, in epsilon": 4,
    "top, in rho": 4,
}
"""Of each sort one, with noise for which part of a person few draws are sure to catch. Slow tests
catch noise for half a person everywhere."""
each_case = pytest.mark.parametrize("name", CASES)


def _scores(case: Case, cells: int) -> tuple[Floats, Floats]:
    """Return the scores of draws that are likelier, and of those that are less likely, to be high.

    Every other region has its canary.
    """
    study = case.study(cells)
    statistic = study.statistics[0]
    there = np.arange(len(statistic.by[0].keys)) % 2 == 0
    labels = ("c",) if statistic.labelled else ("",)
    kind = "brand" if statistic.labelled else "photo"
    people = canaries(
        there,
        kind=kind,
        labels=labels,
        days=case.days,
        photos=case.photos,
        accounts=case.accounts,
    )
    table = released(people, study)
    if isinstance(case.measure, Top):
        # Whoever shows c pushes the others down: without them, c is missing more often.
        shown = table["brand"].to_numpy().reshape(len(there), -1)
        missing = (shown != "c").all(axis=1).astype(float)
        return missing[~there], missing[there]
    values = table["value"].to_numpy().reshape(len(there), -1).astype(float)
    scores = _total_scores(study, values) if "day" in case.by and statistic.labelled else None
    if scores is None:
        scores = _plain_scores(case, values)
    return scores[there], scores[~there]


def _plain_scores(case: Case, values: Floats) -> Floats:
    clip = case.measure.clip if isinstance(case.measure, Photos) else 1
    return _ratio(case, values, clip * case.accounts)


def _ratio(case: Case, values: Floats, moved: int) -> Floats:
    if isinstance(case.price, Rho) and case.mechanism is None:
        return np.asarray(values.sum(axis=1))
    ratio: Floats = (np.abs(values) - np.abs(values - moved)).sum(axis=1)
    return ratio


def _total_scores(study: Study, values: Floats) -> Floats:
    """Return the scores of totals, of a person who is there on each of the four days."""
    strategy = strategy_of(study.statistics[0])
    if isinstance(study.statistics[0].price, Epsilon):
        rows = np.diff(values, axis=1, prepend=0.0)
        return np.asarray((np.abs(rows) - np.abs(rows - 1)).sum(axis=1))
    spread = strategy.decoder @ strategy.decoder.T
    return np.asarray(values @ np.linalg.solve(spread, np.arange(1.0, 5.0)))


def _claims(study: Study) -> dict[float, float]:
    """Return what is stated: an epsilon at each delta."""
    loss = cost(study)
    if loss.epsilon is not None:
        return {float(loss.delta.value): float(loss.epsilon.value)}
    assert loss.rho is not None
    extra = float(loss.delta.value)
    return {float(at) + extra: stated_epsilon(loss.rho, Delta.parse(at)).epsilon for at in DELTAS}


def _found(case: Case, cells: int) -> dict[float, float]:
    likely, unlikely = _scores(case, cells)
    deltas = list(_claims(case.study(cells)))
    alarm = ALARM / len(deltas)
    return {delta: epsilon_below(likely, unlikely, delta, alarm) for delta in deltas}


@each_case
def test_neighbours_are_no_easier_to_tell_apart_than_is_stated(name: str) -> None:
    case = CASES[name]
    found, claims = _found(case, case.draws), _claims(case.study(case.draws))
    assert all(found[delta] <= claims[delta] for delta in claims), found
    # The look is sharp: it finds a good part of what there is to find.
    assert max(found[delta] / claims[delta] for delta in claims) > case.least, found


def _noise_for(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make noise for a half, or a quarter, of what a person can do."""
    whole, top = Study.sensitivity, TopLaw.of.__func__  # type: ignore[attr-defined]

    def less(self: Study, statistic: Statistic) -> Sensitivity:
        exact = whole(self, statistic)
        return Sensitivity(
            max(1, exact.linf // part),
            max(1, exact.l1 // part),
            max(1, exact.l2_squared // part**2),
        )

    def of(cls: type[TopLaw], study: Study, statistic: Statistic) -> TopLaw:
        exact: TopLaw = top(cls, study, statistic)
        return replace(exact, scale=exact.scale / part)

    monkeypatch.setattr(Study, "sensitivity", less)
    monkeypatch.setattr(TopLaw, "of", classmethod(of))


@pytest.mark.parametrize("name", CONTROLS)
def test_control_noise_for_part_of_a_person_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    claims = _claims(case.study(case.draws))
    _noise_for(CONTROLS[name], monkeypatch)
    found = _found(case, case.draws)
    over = [f > claim for f, claim in zip(found.values(), claims.values(), strict=True)]
    assert any(over), (found, claims)


MANY = 1_000_000
LISTS = 300_000
"""Of a top: each draw of one compares exactly, and takes half a millisecond."""


def _many(case: Case) -> int:
    return 3 * LISTS if isinstance(case.measure, Top) else MANY


@pytest.mark.slow
@pytest.mark.timeout(3600)
@each_case
def test_a_million_draws_tell_no_more_than_is_stated(name: str) -> None:
    case = CASES[name]
    found, claims = _found(case, _many(case)), _claims(case.study(_many(case)))
    assert all(found[delta] <= claims[delta] for delta in claims), found
    assert max(found[delta] / claims[delta] for delta in claims) > case.least, found


@pytest.mark.slow
@pytest.mark.timeout(3600)
@each_case
def test_control_a_million_draws_catch_noise_for_half_a_person(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    claims = _claims(case.study(_many(case)))
    _noise_for(2, monkeypatch)
    found = _found(case, _many(case))
    over = [f > claim for f, claim in zip(found.values(), claims.values(), strict=True)]
    assert any(over), (found, claims)
