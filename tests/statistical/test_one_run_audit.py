"""One release, many canaries: the audit of Steinke, Nasr and Jagielski (2023, arXiv 2305.08846).

Each canary is a person of its own, in cells of its own, and is there or not by a fair coin. From
the one release that follows, an outsider guesses the coins of those it is surest of, and abstains
from the rest. Under (epsilon, delta)-DP it is right so often only with a small probability
(their Theorem 5.2); where that is below ALARM, epsilon is a false promise. The bound that is
found is too high with a probability of at most ALARM. It must not exceed what is stated; and it
must where the noise is made for a quarter of what a person can do.

The whole door is walked through: rows, bounding, counting, noise, table.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from engine.statistics import Dimension, Photos, Statistic, Study, cost, stated_epsilon
from engine.statistics.measures import RunningTotal
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Delta, Epsilon, Rho
from tests.statistical.auditing import (
    DAY,
    Floats,
    canaries,
    epsilon_of_guesses,
    p_value,
    regions,
    released,
    right_guesses,
)

ALARM = 1e-6
"""Probability of a false alarm of one test."""
AT = Delta.parse("1e-12")
"""At which a price in rho is put into an epsilon: many canaries ask for a small delta."""
CLIP, CELLS = 4, 2


@dataclass(frozen=True)
class Audit:
    """A price, how many canaries, and of how many the coin is guessed."""

    price: Epsilon | Rho
    canaries: int
    guesses: int
    mechanism: str | None = None
    totals: bool = False

    def study(self) -> Study:
        by: tuple[Dimension, ...] = (regions(self.canaries), _days())
        measure: Photos | RunningTotal = Photos(CLIP)
        if self.totals:
            by = (regions(self.canaries), Dimension("brand", ("c",)), DAY)
            measure = RunningTotal(4, "separate")
        statistic = Statistic(
            "audited",
            by,
            self.price,
            measure,
            mechanism=self.mechanism,  # type: ignore[arg-type]
        )
        return Study((statistic,), max_cells=1 if self.totals else CELLS)


AUDITS = {
    "geometric": Audit(Epsilon.parse("1"), 4_000, 800),
    "discrete-laplace": Audit(Epsilon.parse("1"), 4_000, 800, "discrete-laplace"),
    "discrete-gaussian": Audit(Rho.parse("0.1"), 30_000, 1_000),
    "totals in epsilon": Audit(Epsilon.parse("1"), 4_000, 800, totals=True),
}
each_audit = pytest.mark.parametrize("name", AUDITS)


def _days() -> Dimension:
    return Dimension("day", DAY.keys[:CELLS])


def _guessed(audit: Audit) -> tuple[int, int]:
    """Return of how many canaries the coin was guessed, and of how many rightly."""
    there = np.random.default_rng().integers(0, 2, audit.canaries).astype(bool)
    study = audit.study()
    labels, kind, days, photos = (("",), "photo", CELLS, CLIP + 1)
    if audit.totals:
        labels, kind, days, photos = (("c",), "brand", 4, 1)
    people = canaries(there, kind=kind, labels=labels, days=days, photos=photos)
    values = released(people, study)["value"].to_numpy().reshape(audit.canaries, -1)
    return right_guesses(_scores(audit, values.astype(float)), there, audit.guesses)


def _scores(audit: Audit, values: Floats) -> Floats:
    """Return, up to a constant, the log likelihood ratio that each canary is there."""
    if audit.totals:
        values = np.diff(values, axis=1, prepend=0.0)
    moved = 1 if audit.totals else CLIP
    if isinstance(audit.price, Rho):
        return np.asarray((values - moved / 2).sum(axis=1))
    return np.asarray((np.abs(values) - np.abs(values - moved)).sum(axis=1))


def _claim(study: Study) -> tuple[float, float]:
    """Return what is stated: epsilon and delta."""
    loss = cost(study)
    if loss.epsilon is not None:
        return float(loss.epsilon.value), float(loss.delta.value)
    assert loss.rho is not None
    return stated_epsilon(loss.rho, AT).epsilon, float((AT + loss.delta).value)


@each_audit
def test_one_release_tells_no_more_of_its_canaries_than_is_stated(name: str) -> None:
    audit = AUDITS[name]
    epsilon, delta = _claim(audit.study())
    guesses, right = _guessed(audit)
    assert epsilon_of_guesses(audit.canaries, guesses, right, delta, ALARM) <= epsilon, (
        right,
        guesses,
    )
    # The outsider is no fool: by chance it would be right so often once in 10,000 times.
    assert stats.binom.sf(right - 1, guesses, 0.5) < 1e-4


@each_audit
def test_control_noise_for_a_quarter_of_a_person_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, whole = AUDITS[name], Study.sensitivity
    epsilon, delta = _claim(audit.study())

    def quarter(self: Study, statistic: Statistic) -> Sensitivity:
        exact = whole(self, statistic)
        return Sensitivity(max(1, exact.linf // 4), exact.l1 // 4, max(1, exact.l2_squared // 16))

    monkeypatch.setattr(Study, "sensitivity", quarter)
    guesses, right = _guessed(audit)
    assert epsilon_of_guesses(audit.canaries, guesses, right, delta, ALARM) > epsilon, (
        right,
        guesses,
    )


def test_the_p_value_is_the_binomial_one_without_a_delta() -> None:
    # 90 of 100 fair coins: what epsilon 0 allows once in 10^17 draws.
    audit = AUDITS["geometric"]
    exact = stats.binom.sf(89, 100, 0.5)
    assert p_value(audit.canaries, 100, 90, 0.0, 0.0) == pytest.approx(exact)
    assert p_value(audit.canaries, 100, 90, 1.0, 0.0) > p_value(audit.canaries, 100, 90, 0.5, 0.0)
    # An outsider who is always right shows no more than log N: ALARM = (1 + e^-eps)^-N.
    found = epsilon_of_guesses(audit.canaries, 1000, 1000, 0.0, ALARM)
    assert found == pytest.approx(-np.log(ALARM ** (-1 / 1000) - 1), abs=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["geometric", "discrete-laplace", "totals in epsilon"])
def test_many_canaries_come_close_to_what_is_stated(name: str) -> None:
    few = AUDITS[name]
    audit = Audit(few.price, 100_000, 5_000, few.mechanism, few.totals)
    epsilon, delta = _claim(audit.study())
    guesses, right = _guessed(audit)
    found = epsilon_of_guesses(audit.canaries, guesses, right, delta, ALARM)
    assert 0.5 * epsilon < found <= epsilon
