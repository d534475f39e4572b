"""The noise as it is drawn, against the law that the release states.

Every test here can fail by chance; each is set to do so once in a million runs (ALARM). Each has
a control: a sampler that is wrong on purpose, which the same check must reject.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from scipy import stats

from engine.statistics.noise import GeometricLaw, randomise
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon

ALARM = 1e-6
"""False-alarm rate of one test."""
DRAWS = 30_000

Draw = Callable[[Sequence[int]], list[int]]


@cache
def _noise(epsilon: str, sensitivity: int) -> tuple[int, ...]:
    return tuple(
        randomise(GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(sensitivity, 1)), [0] * DRAWS)
    )


def _chi_square_p(values: Sequence[int], law: GeometricLaw) -> float:
    """Return the p-value of the values under the exact mass function, tails pooled."""
    a = float(np.exp(-law.float_epsilon))
    n = len(values)
    # The widest symmetric range in which every cell expects at least 10 values.
    edge = 0
    while n * a ** (edge + 1) * (1 - a) / (1 + a) >= 10:
        edge += 1
    ks = np.arange(-edge, edge + 1)
    inner = a ** np.abs(ks) * (1 - a) / (1 + a)
    tail = law.tail(edge) / 2
    expected = n * np.concatenate([[tail], inner, [tail]])
    x = np.asarray(values)
    observed = np.concatenate(
        [[np.sum(x < -edge)], [np.sum(x == k) for k in ks], [np.sum(x > edge)]]
    )
    assert observed.sum() == n
    return float(stats.chisquare(observed, expected).pvalue)


LAWS = [("2", 1), ("1", 3), ("0.2", 1)]


@pytest.mark.parametrize(("epsilon", "k"), LAWS)
def test_the_noise_follows_the_exact_law(epsilon: str, k: int) -> None:
    law = GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(k, 1))
    assert _chi_square_p(_noise(epsilon, k), law) > ALARM


@pytest.mark.parametrize("wrong", ["0.9", "1.1"])
def test_control_a_scale_ten_percent_off_is_rejected(wrong: str) -> None:
    # Missed by chance far less often than once in a million.
    assert (
        _chi_square_p(_noise("1", 1), GeometricLaw(Epsilon.parse(wrong), Sensitivity.of(1, 1)))
        < ALARM
    )


def test_control_a_lopsided_sampler_is_rejected() -> None:
    # Two percent of the zeros moved to one: what a `<=` in place of `<` could do.
    values = np.array(_noise("1", 1))
    zeros = np.flatnonzero(values == 0)
    values[zeros[: len(zeros) // 10]] = 1
    assert (
        _chi_square_p(values.tolist(), GeometricLaw(Epsilon.parse("1"), Sensitivity.of(1, 1)))
        < ALARM
    )


@pytest.mark.parametrize(("epsilon", "k"), LAWS)
def test_the_bounds_cover_what_they_say(epsilon: str, k: int) -> None:
    law = GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(k, 1))
    inside = sum(abs(x) <= law.half_width for x in _noise(epsilon, k))
    exact = 1 - law.tail(law.half_width)
    assert exact >= 0.95
    assert stats.binomtest(inside, DRAWS, exact).pvalue > ALARM
    # One step narrower would not do.
    assert law.half_width == 0 or 1 - law.tail(law.half_width - 1) < 0.95


@pytest.mark.parametrize(("epsilon", "k"), LAWS)
def test_the_spread_is_the_stated_one(epsilon: str, k: int) -> None:
    law = GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(k, 1))
    x = np.array(_noise(epsilon, k), dtype=float)
    # Normal approximation of the mean of x and x^2; 5.2 sigma is one in five million.
    assert abs(x.mean()) < 5.2 * law.std / np.sqrt(DRAWS)
    fourth = float(np.mean(x**4))
    assert abs(np.mean(x**2) - law.std**2) < 5.2 * np.sqrt(fourth / DRAWS)


@pytest.mark.parametrize(("epsilon", "k"), LAWS)
def test_the_mean_error_is_the_least_that_pure_epsilon_allows(epsilon: str, k: int) -> None:
    # Ghosh, Roughgarden and Sundararajan 2009: no pure-epsilon count has a smaller one.
    law = GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(k, 1))
    a = float(np.exp(-float(law.step_epsilon)))
    least = 2 * a / (1 - a**2)
    x = np.abs(np.array(_noise(epsilon, k), dtype=float))
    assert abs(x.mean() - least) < 5.2 * x.std() / np.sqrt(DRAWS)


def test_noise_of_two_cells_is_unrelated() -> None:
    x = np.array(_noise("1", 3), dtype=float)
    assert stats.pearsonr(x[:-1], x[1:]).pvalue > ALARM


def _off_grid(values: Sequence[float]) -> float:
    """Return the share of the values that are no multiple of 2^-53."""
    scaled = np.asarray(values, dtype=float) * 2.0**53
    return float(np.mean(scaled != np.floor(scaled)))


def test_no_low_bits_leave() -> None:
    values = randomise(
        GeometricLaw(Epsilon.parse("1"), Sensitivity.of(1, 1)), [0] * 5000 + [1] * 5000
    )
    assert all(type(v) is int for v in values)
    assert _off_grid(values[:5000]) == _off_grid(values[5000:]) == 0.0


def test_control_low_bits_of_a_float_mechanism_give_the_count_away() -> None:
    # diffprivlib's Laplace is what this engine never uses. About a fifth of its releases of 0 are
    # off the grid, and none of 1: one look tells the neighbours apart.
    from diffprivlib.mechanisms import Laplace

    laplace = Laplace(epsilon=1.0, sensitivity=1.0)
    zero = [laplace.randomise(0) for _ in range(2000)]
    one = [laplace.randomise(1) for _ in range(2000)]
    assert _off_grid(zero) > 0.1
    assert _off_grid(one) < 0.01
