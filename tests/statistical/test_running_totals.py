"""What noise does to running totals, against what is stated.

Every test here can fail by chance; each is set to do so once in a million runs (ALARM), or less
often. Each has a control that must be caught.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from engine.statistics.noise import DiscreteLaplace
from engine.statistics.running import RunningTotals, Strategy, running_totals, strategy_named
from engine.statistics.running.choice import STRATEGIES
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon
from tests.row_law import Rows

ALARM = 1e-6
"""False-alarm rate of one test."""
DRAWS = 20_000
HORIZON = 52
NAMES = sorted(STRATEGIES)
RHO = 0.5


def _law(sensitivity: Sensitivity) -> tuple[Callable[[int], list[int]], float]:
    """Return draws of a Gaussian rounded to whole numbers, and its scale at this price.

    From a scale of 5 on it is the discrete Gaussian but for a variance that is 1/12 larger; it is
    drawn fast, and without a seed. The law itself is tested elsewhere.
    """
    scale = math.sqrt(sensitivity.l2_squared / (2 * RHO)) * 40
    generator = np.random.default_rng()
    return lambda draws: np.rint(generator.normal(0, scale, draws)).astype(int).tolist(), scale


@cache
def _errors(name: str) -> tuple[np.ndarray, RunningTotals, Strategy]:
    """Return what noise alone did to so many series' totals."""
    strategy = strategy_named(name, HORIZON)
    draw, scale = _law(strategy.sensitivity(1))
    counts = np.random.default_rng(5).integers(0, 1000, (DRAWS, HORIZON))
    totals = running_totals(counts, strategy, Rows(draw, scale))
    return totals.values - counts.cumsum(axis=1), totals, strategy


def _coverage_p(errors: np.ndarray, widths: np.ndarray, stds: np.ndarray) -> np.ndarray:
    """Return, of each period, the p-value of how many errors lie inside the bounds."""
    exact = 1 - 2 * stats.norm.sf((widths + 0.5) / stds)
    inside = (np.abs(errors) <= widths).sum(axis=0)
    return np.array(
        [stats.binomtest(int(k), len(errors), p).pvalue for k, p in zip(inside, exact, strict=True)]
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_bounds_cover_what_they_say(name: str) -> None:
    errors, totals, _ = _errors(name)
    stds, widths = np.array(totals.std), np.array(totals.half_width)
    exact = 1 - 2 * stats.norm.sf((widths + 0.5) / stds)
    assert stds.min() >= 24
    assert exact.min() >= 0.95
    assert exact.max() <= 0.955
    assert (_coverage_p(errors, widths, stds) > ALARM / HORIZON).all()
    # All periods together. Of one series the share that is covered varies by up to 0.13, as its
    # errors hang together: by 0.0009 on average of 20,000, five times less than there is room for.
    covered = (np.abs(errors) <= widths).mean()
    assert 0.945 <= covered <= 0.955


@pytest.mark.parametrize("name", NAMES)
def test_the_spread_of_each_total_is_the_stated_one(name: str) -> None:
    errors, totals, _ = _errors(name)
    # Chi-square with as many degrees of freedom as draws, of 52 periods.
    squares = (errors.astype(float) ** 2).sum(axis=0) / np.array(totals.std) ** 2
    p = 2 * np.minimum(stats.chi2.sf(squares, DRAWS), stats.chi2.cdf(squares, DRAWS))
    assert (p > ALARM / HORIZON).all()
    assert (np.abs(errors.mean(axis=0)) < 5.9 * np.array(totals.std) / math.sqrt(DRAWS)).all()


def test_control_bounds_five_percent_too_narrow_are_caught() -> None:
    errors, totals, _ = _errors("toeplitz")
    stds, widths = np.array(totals.std), np.array(totals.half_width)
    narrow = np.floor(widths * 0.95)
    inside = (np.abs(errors) <= narrow).sum(axis=0)
    stated = 1 - 2 * stats.norm.sf((widths + 0.5) / stds)
    p = [stats.binomtest(int(k), DRAWS, q).pvalue for k, q in zip(inside, stated, strict=True)]
    assert min(p) < ALARM / HORIZON


@pytest.mark.parametrize("name", NAMES)
def test_no_totals_change_when_another_period_closes(name: str) -> None:
    strategy = strategy_named(name, HORIZON)
    draw, scale = _law(strategy.sensitivity(1))
    drawn: list[int] = []

    def once(draws: int) -> list[int]:
        drawn.extend(draw(draws))
        return drawn[-draws:]

    counts = np.ones((3, HORIZON), dtype=np.int64)
    whole = running_totals(counts, strategy, Rows(once, scale)).values
    for until in (1, 7, 32, 51):
        again = iter(drawn)
        part = running_totals(
            counts[:, :until],
            strategy,
            Rows(lambda n, a=again: [next(a) for _ in range(n)], scale),
        )
        assert (part.values == whole[:, :until]).all()


def _lower_bound(strategy: Strategy, participations: int, stated: Sensitivity) -> float:
    """Return a lower bound on the rho of rows with noise for `stated`, wrong once in ALARM.

    The attacker knows everybody else, and looks at the rows along the direction in which the worst
    contributor moves them: the sharpest look at Gaussian noise. Means and spread are estimated.
    """
    draw, _ = _law(stated)
    moves = strategy.encoder[:, :participations].sum(axis=1)
    direction = moves / np.linalg.norm(moves)
    looks = [
        (sign * moves + np.array(draw(DRAWS * strategy.rows)).reshape(DRAWS, -1)) @ direction
        for sign in (0, 1)
    ]
    gap = looks[1].mean() - looks[0].mean()
    spread = math.sqrt((looks[0].var(ddof=1) + looks[1].var(ddof=1)) / 2)
    off = stats.norm.isf(ALARM) * math.sqrt(2 / DRAWS) * spread
    at_most = spread * math.sqrt((2 * DRAWS - 2) / stats.chi2.ppf(ALARM, 2 * DRAWS - 2))
    return max(0.0, gap - off) ** 2 / (2 * at_most**2)


# The law above has 40 times the scale that RHO needs: rows of 40 contributors who move alike.
ALIKE = 40


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("participations", [1, 4])
def test_rows_give_no_more_away_than_their_price(name: str, participations: int) -> None:
    strategy = strategy_named(name, 16)
    group = replace(strategy, encoder=strategy.encoder * ALIKE)
    stated = strategy.sensitivity(participations)
    found = _lower_bound(group, participations, stated)
    assert found <= RHO
    # The look is sharp: it finds most of what there is to find.
    assert found > 0.6 * RHO


@pytest.mark.parametrize("name", NAMES)
def test_control_noise_for_half_the_sensitivity_is_caught(name: str) -> None:
    strategy = strategy_named(name, 16)
    group = replace(strategy, encoder=strategy.encoder * ALIKE)
    stated = strategy.sensitivity(4)
    halved = replace(stated, l2_squared=stated.l2_squared // 4)
    assert _lower_bound(group, 4, halved) > RHO


@pytest.mark.parametrize(("name", "epsilon"), [("separate", "0.5"), ("tree", "0.2"), ("tree", "2")])
def test_totals_of_geometric_rows_are_covered_as_well(name: str, epsilon: str) -> None:
    """By the law of one row a total would be covered in some 94 % of draws."""
    strategy = strategy_named(name, 16)
    law = DiscreteLaplace(Epsilon.parse(epsilon), Sensitivity.of(1, 1))
    totals = running_totals(np.zeros((20_000, 16), dtype=np.int64), strategy, law)
    for period, width in enumerate(totals.half_width):
        inside = np.abs(totals.values[:, period]) <= width
        covered = int(inside.sum())
        # At least 95 %, wrong once in a million tests of 48 periods.
        assert stats.binom.cdf(covered, 20_000, 0.95) > 1e-6 / 48
        narrower = int((np.abs(totals.values[:, period]) <= width - 1).sum())
        # And one less would not do, but for what lies between two whole numbers.
        assert stats.binom.sf(narrower, 20_000, 0.952) > 1e-6 / 48
