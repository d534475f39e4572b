"""The exact samplers' noise, against the laws that a release states.

Every test here can fail by chance; each is set to do so once in a million runs (ALARM). Each has
a control that the same check must reject.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from scipy import stats

from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, Law
from engine.statistics.noise.exact import draws
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon, Rho

ALARM = 1e-6
"""False-alarm rate of one test."""
DRAWS = 30_000
ONE = Sensitivity.of(1, 1)

LAWS: dict[str, Law] = {
    "gaussian 0.5": DiscreteGaussian(Rho.parse("2"), ONE),
    "gaussian 2": DiscreteGaussian(Rho.parse("0.125"), ONE),
    "gaussian 40": DiscreteGaussian(Rho.parse("0.0003125"), ONE),
    "gaussian of photos": DiscreteGaussian(Rho.parse("0.5"), Sensitivity.of(5, 3)),
    "laplace 1": DiscreteLaplace(Epsilon.parse("1"), ONE),
    "laplace of cells": DiscreteLaplace(Epsilon.parse("1"), Sensitivity.of(5, 1)),
}
each_law = pytest.mark.parametrize("name", LAWS)


@cache
def _noise(name: str) -> np.ndarray:
    return np.array(LAWS[name].draw(DRAWS))


def _masses(law: Law, edge: int) -> np.ndarray:
    """Return P(X = k) for |k| <= edge by adding up weights, without the law's own formulas."""
    far = np.arange(-60 * edge - 200, 60 * edge + 201, dtype=float)
    if isinstance(law, DiscreteGaussian):
        weights = np.exp(-(far**2) * float(law.rho.value) / law.sensitivity.l2_squared)
    else:
        assert isinstance(law, DiscreteLaplace)
        weights = np.exp(-np.abs(far) * float(law.epsilon.value) / law.sensitivity.l1)
    return weights[np.abs(far) <= edge] / weights.sum()


def _chi_square_p(values: np.ndarray, law: Law) -> float:
    """Return the p-value of the values under the exact masses, tails pooled."""
    n, edge = len(values), 1
    while n * _masses(law, edge + 1)[0] >= 10:
        edge += max(1, edge // 8)
    inner = _masses(law, edge)
    tail = (1 - inner.sum()) / 2
    ks = np.arange(-edge, edge + 1)
    observed = [np.sum(values < -edge), *(np.sum(values == k) for k in ks), np.sum(values > edge)]
    expected = n * np.concatenate([[tail], inner, [tail]])
    if expected[0] < 1:
        observed, expected = (
            observed[1:-1],
            expected[1:-1] * (sum(observed[1:-1]) / n) / (1 - 2 * tail),
        )
    return float(stats.chisquare(observed, expected, sum_check=False).pvalue)


@each_law
def test_the_noise_follows_the_exact_law(name: str) -> None:
    assert _chi_square_p(_noise(name), LAWS[name]) > ALARM


@pytest.mark.parametrize("factor", [0.93, 1.07])
def test_control_a_scale_seven_percent_off_is_rejected(factor: float) -> None:
    wrong = np.array(draws("gaussian", 2 * factor, DRAWS))
    assert _chi_square_p(wrong, LAWS["gaussian 2"]) < ALARM


def test_control_a_rounded_continuous_gaussian_is_rejected() -> None:
    # What a floating-point mechanism with rounding would release.
    wrong = np.rint(np.random.default_rng().normal(0, 0.5, DRAWS)).astype(int)
    assert _chi_square_p(wrong, LAWS["gaussian 0.5"]) < ALARM


def test_control_a_lopsided_sampler_is_rejected() -> None:
    values = _noise("gaussian 2").copy()
    zeros = np.flatnonzero(values == 0)
    values[zeros[: len(zeros) // 10]] = 1
    assert _chi_square_p(values, LAWS["gaussian 2"]) < ALARM


@each_law
def test_the_bounds_cover_what_they_say(name: str) -> None:
    law = LAWS[name]
    exact = 1 - law.tail(law.half_width)
    assert exact >= 0.95
    assert law.half_width == 0 or 1 - law.tail(law.half_width - 1) < 0.95
    inside = int(np.sum(np.abs(_noise(name)) <= law.half_width))
    assert stats.binomtest(inside, DRAWS, exact).pvalue > ALARM


def test_coverage_is_95_percent_where_the_noise_is_wide() -> None:
    # Within 94.5 to 95.5 %: a right law misses that 10 times in a million (30,000 draws, 4.4 sd).
    for name in ("gaussian 40", "laplace of cells"):
        law = LAWS[name]
        if 1 - law.tail(law.half_width) > 0.953:
            continue  # an integer half-width can't come closer
        inside = float(np.mean(np.abs(_noise(name)) <= law.half_width))
        assert 0.945 <= inside <= 0.955 + 0.003


@each_law
def test_the_spread_is_the_stated_one(name: str) -> None:
    law, x = LAWS[name], _noise(name).astype(float)
    # Normal approximation of the mean of x and x^2; 5.2 sigma is one in five million.
    assert abs(x.mean()) < 5.2 * law.std / math.sqrt(DRAWS)
    fourth = float(np.mean(x**4))
    assert abs(np.mean(x**2) - law.std**2) < 5.2 * math.sqrt(fourth / DRAWS)


@each_law
def test_noise_of_neighbouring_cells_is_unrelated(name: str) -> None:
    x = _noise(name).astype(float)
    assert stats.pearsonr(x[:-1], x[1:]).pvalue > ALARM


def test_tails_of_a_wide_gaussian_join_those_that_are_summed() -> None:
    below = DiscreteGaussian(Rho.parse("0.00000050001"), ONE)  # scale 999.99
    above = DiscreteGaussian(Rho.parse("0.00000049999"), ONE)  # scale 1000.01
    for width in (0, 100, 1000, 1960, 3000):
        assert below.tail(width) == pytest.approx(above.tail(width), rel=2e-4)
    assert above.half_width - below.half_width <= 1


def _off_grid(values: Sequence[float]) -> float:
    scaled = np.asarray(values, dtype=float) * 2.0**53
    return float(np.mean(scaled != np.floor(scaled)))


@each_law
def test_no_low_bits_leave(name: str) -> None:
    noise = LAWS[name].draw(2000)
    assert all(type(v) is int for v in noise)
    assert _off_grid([v + 1 for v in noise]) == _off_grid(noise) == 0.0
