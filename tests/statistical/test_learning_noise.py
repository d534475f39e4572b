"""Who is drawn and what is added, as drawn by a training's own code.

Every test here can fail by chance; each is set to do so once in a million runs (ALARM). Each has a
control that the same check must reject.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from engine.learning.accounting import float_up
from engine.learning.clipping import UNITS
from engine.learning.descent import noised
from engine.learning.sampling import drawn

ALARM = 1e-6
"""False-alarm rate of one test."""
STEPS, CROWD = 2_000, 12


def _participation(rate: Fraction) -> np.ndarray:
    """Return who took part in which step."""
    found = np.zeros((STEPS, CROWD), bool)
    for step in found:
        step[drawn(CROWD, rate)] = True
    return found


def _sampling_p(found: np.ndarray, rate: Fraction) -> float:
    """Return the least p-value of four checks of independent coins, times four (Bonferroni)."""
    q, (steps, crowd) = float(rate), found.shape
    # How many are drawn in a step follows the binomial law, and so does how often each is drawn.
    sizes, law = found.sum(axis=1), stats.binom(crowd, q)
    inner = [k for k in range(crowd + 1) if steps * law.pmf(k) >= 10]
    low, high = inner[0], inner[-1]
    cut = np.clip(sizes, low, high)
    masses = [law.cdf(low), *law.pmf(range(low + 1, high)), law.sf(high - 1)]
    observed = [int((cut == k).sum()) for k in range(low, high + 1)]
    by_size = stats.chisquare(observed, steps * np.array(masses), sum_check=False).pvalue
    scores = (found.sum(axis=0) - steps * q) / np.sqrt(steps * q * (1 - q))
    by_person = stats.chi2(crowd).sf(float(np.sum(scores**2)))
    # One is not drawn the more, or the less, for another or for the step before.
    beside = [stats.pearsonr(found[:, a], found[:, a + 1]).pvalue for a in range(crowd - 1)]
    after = [stats.pearsonr(one[:-1], one[1:]).pvalue for one in found.T]
    return 4 * min(by_size, by_person, min(beside) * len(beside), min(after) * len(after))


@pytest.mark.parametrize("rate", [Fraction(1, 2), Fraction(7, 100), Fraction(9, 10)], ids=str)
def test_each_contributor_is_drawn_by_a_coin_of_their_own(rate: Fraction) -> None:
    assert _sampling_p(_participation(rate), rate) > ALARM


def test_control_a_coin_that_is_a_little_off_is_rejected() -> None:
    assert _sampling_p(_participation(Fraction(54, 100)), Fraction(1, 2)) < ALARM


def test_control_batches_of_one_size_are_rejected() -> None:
    # What a shuffled list cut into batches gives.
    random = np.random.default_rng()
    found = np.zeros((STEPS, CROWD), bool)
    for step in found:
        step[random.permutation(CROWD)[: CROWD // 2]] = True
    assert _sampling_p(found, Fraction(1, 2)) < ALARM


def test_control_couples_are_rejected() -> None:
    found = _participation(Fraction(1, 2))
    found[:, 1] = found[:, 0]
    assert _sampling_p(found, Fraction(1, 2)) < ALARM


NOISE = Fraction(31_024, 10_000)
DRAWS = 20_000


@cache
def _noise(noise: Fraction = NOISE, draws: int = DRAWS) -> np.ndarray:
    nothing = np.zeros((4, draws // 4), np.int64)
    return noised(nothing, float_up(noise * UNITS)).reshape(-1)


def _noise_p(values: Sequence[int] | np.ndarray, noise: Fraction = NOISE) -> float:
    """Return the least p-value of shape, low bits and neighbours, times three (Bonferroni)."""
    values = np.asarray(values)
    # At a scale of millions the discrete law's masses are the normal law's to eleven digits.
    edges = stats.norm(0, float(noise) * UNITS).ppf(np.linspace(0, 1, 101)[1:-1])
    shape = stats.chisquare(np.bincount(np.searchsorted(edges, values), minlength=100)).pvalue
    bits = stats.chisquare(np.bincount(values & 63, minlength=64)).pvalue
    beside = stats.pearsonr(values[:-1], values[1:]).pvalue
    return 3 * min(shape, bits, beside)


def test_the_noise_of_a_step_has_the_stated_scale() -> None:
    assert _noise_p(_noise()) > ALARM


@pytest.mark.slow
@pytest.mark.parametrize("noise", [Fraction(1, 10), Fraction(7, 3), Fraction(1234)], ids=str)
def test_a_million_draws_have_the_stated_scale(noise: Fraction) -> None:
    assert _noise_p(_noise(noise, 10**6), noise) > ALARM


@pytest.mark.slow
def test_control_of_a_million_draws_one_percent_off_is_rejected() -> None:
    assert _noise_p(_noise(Fraction(101, 100), 10**6), Fraction(1)) < ALARM


@pytest.mark.parametrize("factor", [Fraction(94, 100), Fraction(106, 100)], ids=str)
def test_control_noise_six_percent_off_is_rejected(factor: Fraction) -> None:
    assert _noise_p(_noise(NOISE * factor)) < ALARM


def test_control_noise_without_its_last_bit_is_rejected() -> None:
    assert _noise_p(_noise() & ~1) < ALARM


def test_control_noise_that_is_drawn_once_for_two_is_rejected() -> None:
    assert _noise_p(np.repeat(_noise()[: DRAWS // 2], 2)) < ALARM


def test_noise_is_added_to_the_sum_and_drawn_afresh() -> None:
    total = np.full((2, 500), 2**45, np.int64)
    one, other = (noised(total, float_up(NOISE * UNITS)) for _ in range(2))
    assert one.dtype == np.int64
    assert (one != other).mean() > 0.99
    spread = NOISE * UNITS
    assert all(abs(int(x) - 2**45) < 8 * spread for x in (*one.flat, *other.flat))
    assert any(a != b for a, b in pairwise(one.flat))
