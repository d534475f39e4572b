"""What a training costs, and that others find the same."""

import math
import warnings
from fractions import Fraction

import dp_accounting
import numpy as np
import pytest
from dp_accounting.rdp import RdpAccountant
from opacus.accountants.analysis.rdp import compute_rdp

from engine.learning.accounting import (
    LARGEST_NOISE,
    ORDERS,
    SAMPLED_ORDERS,
    epsilon_up,
    noise_for,
    rho_exactly,
    tightness,
)
from engine.learning.errors import TrainingRefused
from engine.statistics import stated_epsilon
from policies.amounts import Delta, Epsilon, Rho

DELTA = Delta.parse("1e-6")
TRAININGS = [
    (20, Fraction(1, 2), Fraction(31024, 10_000)),
    (1000, Fraction(1, 100), Fraction(1)),
    (100_000, Fraction(1, 1000), Fraction(10)),
    (1, Fraction(1, 100), Fraction(3, 10)),
    (7, Fraction(9, 10), Fraction(50)),
    (30, Fraction(1), Fraction(20)),
    (1, Fraction(1), Fraction(1000)),
]


def _log_moment(k: int, top: np.ndarray, bottom: np.ndarray) -> float:
    """Return log of the sum over the lattice of top^k bottom^(1 - k), from logs of masses."""
    return float(np.logaddexp.reduce(k * top + (1 - k) * bottom))


def _shifted(scale: float, shift: tuple[int, ...], reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log masses of discrete Gaussians around 0 and around the shift, by adding up."""
    axis = np.arange(-reach, reach + 1)
    points = np.stack(np.meshgrid(*[axis] * len(shift), indexing="ij"), -1).reshape(-1, len(shift))
    around = [-(((points - at) ** 2).sum(axis=1)) / (2 * scale**2) for at in (0, np.array(shift))]
    total = np.logaddexp.reduce(around[0])
    return around[0] - total, around[1] - total


@pytest.mark.parametrize("shift", [(1,), (3,), (1, 1), (2, -1)], ids=str)
@pytest.mark.parametrize("scale", [0.4, 1.0, 4.0])
def test_the_discrete_gaussians_moments_are_the_continuous_ones(
    scale: float, shift: tuple[int, ...]
) -> None:
    length = math.hypot(*shift)
    for order in (2, 3, 5, 8):
        wide = 40 if len(shift) == 1 else 9
        reach = int(wide * scale + (order + 1) * max(map(abs, shift)) + 8)
        without, moved = _shifted(scale, shift, reach)
        for rate in (0.01, 0.3, 0.5, 0.9):
            drawn = np.logaddexp(np.log1p(-rate) + without, np.log(rate) + moved)
            stated = compute_rdp(q=rate, noise_multiplier=scale / length, steps=1, orders=[order])[
                0
            ] * (order - 1)
            added, removed = _log_moment(order, drawn, without), _log_moment(order, without, drawn)
            assert added == pytest.approx(stated, rel=1e-9, abs=1e-13)
            assert removed <= stated * (1 + 1e-12) + 1e-13
        unsampled = _log_moment(order, moved, without)
        assert unsampled == pytest.approx(order * (order - 1) * length**2 / (2 * scale**2))


def test_at_an_order_that_is_no_integer_they_are_not() -> None:
    without, moved = _shifted(0.4, (1,), 60)
    exactly = float(np.logaddexp.reduce(2.5 * moved - 1.5 * without))
    assert exactly < 0.99 * 2.5 * 1.5 / (2 * 0.4**2)


def test_orders_are_integers_and_grow() -> None:
    for orders in (ORDERS, SAMPLED_ORDERS):
        assert all(type(order) is int for order in orders)
        assert list(orders) == sorted(set(orders))
    assert (ORDERS[0], SAMPLED_ORDERS[-1], ORDERS[-1]) == (2, 1024, 65_536)


@pytest.mark.parametrize(("steps", "rate", "noise"), TRAININGS)
def test_dp_accounting_finds_the_same(steps: int, rate: Fraction, noise: Fraction) -> None:
    accountant = RdpAccountant(list(ORDERS if rate == 1 else SAMPLED_ORDERS))
    step = dp_accounting.GaussianDpEvent(float(noise))
    event = step if rate == 1 else dp_accounting.PoissonSampledDpEvent(float(rate), step)
    accountant.compose(dp_accounting.SelfComposedDpEvent(event, steps))
    recomputed = accountant.get_epsilon(1e-6)
    stated = float(epsilon_up(steps, rate, noise, DELTA).value)
    assert recomputed <= stated <= recomputed * 1.00001 + 3e-6


@pytest.mark.parametrize(("steps", "rate", "noise"), TRAININGS)
def test_integer_orders_lose_little(steps: int, rate: Fraction, noise: Fraction) -> None:
    stated = float(epsilon_up(steps, rate, noise, DELTA).value)
    tight = tightness(steps, rate, noise, DELTA)
    assert tight is not None
    # The other accountant states up to 0.01 more than there is.
    assert tight - 0.011 <= stated <= 1.45 * tight + 0.01


def test_without_sampling_it_is_the_epsilon_of_its_rho() -> None:
    noise = Fraction(15, 2)
    stated = epsilon_up(20, Fraction(1), noise, DELTA)
    by_rho = stated_epsilon(rho_exactly(20, noise), DELTA).epsilon
    assert by_rho * 0.999 <= float(stated.value) <= by_rho * 1.05


def test_an_epsilon_is_rounded_up_and_never_below_zero() -> None:
    stated = epsilon_up(1, Fraction(1, 1000), Fraction(1000), Delta.parse("0.5"))
    assert 0 < stated.value <= Fraction(2, 10**6)
    assert (stated.value * 10**6).denominator == 1


def test_more_of_anything_costs_more() -> None:
    cost = epsilon_up(20, Fraction(1, 2), Fraction(3), DELTA)
    assert epsilon_up(21, Fraction(1, 2), Fraction(3), DELTA) > cost
    assert epsilon_up(20, Fraction(6, 10), Fraction(3), DELTA) > cost
    assert epsilon_up(20, Fraction(1, 2), Fraction(29, 10), DELTA) > cost
    assert epsilon_up(20, Fraction(1, 2), Fraction(3), Delta.parse("1e-7")) > cost


def test_rho_is_exact_and_takes_no_credit_for_sampling() -> None:
    assert rho_exactly(20, Fraction(3)).value == Fraction(10, 9)


@pytest.mark.parametrize("text", ["0.5", "8"])
def test_the_noise_for_an_epsilon_is_the_smallest(text: str) -> None:
    price, steps, rate = Epsilon.parse(text), 20, Fraction(1, 2)
    noise = noise_for(price, steps, rate, DELTA)
    assert (noise * 10_000).denominator == 1
    assert epsilon_up(steps, rate, noise, DELTA) <= price
    assert epsilon_up(steps, rate, noise - Fraction(1, 10_000), DELTA) > price


@pytest.mark.parametrize("text", ["0.0001", "0.05", "1", "3.3"])
def test_the_noise_for_a_rho_is_the_smallest(text: str) -> None:
    price = Rho.parse(text)
    noise = noise_for(price, 20, Fraction(1, 2), Delta.zero())
    assert rho_exactly(20, noise) <= price < rho_exactly(20, noise - Fraction(1, 10_000))


def test_a_price_that_buys_everything_gets_the_least_noise() -> None:
    assert noise_for(Epsilon.parse("100000"), 1, Fraction(1), DELTA) == Fraction(1, 10)
    assert noise_for(Rho.parse("100000"), 1, Fraction(1), DELTA) == Fraction(1, 10)


@pytest.mark.parametrize(
    ("price", "delta"),
    [
        (Epsilon.parse("0.0001"), DELTA),
        (Rho.parse("1e-9"), DELTA),
        (Epsilon.parse("1"), Delta.zero()),
        (Epsilon.parse("1"), Delta.parse("1")),
    ],
    ids=str,
)
def test_a_price_that_buys_no_training_is_refused(price: Epsilon | Rho, delta: Delta) -> None:
    with pytest.raises(TrainingRefused) as refused:
        noise_for(price, 20, Fraction(1, 2), delta)
    assert refused.value.exit_code == 7
    assert refused.value.hint


@pytest.mark.parametrize(
    ("steps", "rate", "noise"),
    [
        (0, Fraction(1), Fraction(1)),
        (100_001, Fraction(1), Fraction(1)),
        (1, Fraction(0), Fraction(1)),
        (1, Fraction(11, 10), Fraction(1)),
        (1, Fraction(1), Fraction(0)),
        (1, Fraction(1), Fraction(99, 1000)),
        (1, Fraction(1), LARGEST_NOISE + 1),
    ],
)
def test_numbers_that_no_training_has_are_refused(
    steps: int, rate: Fraction, noise: Fraction
) -> None:
    for cost in (epsilon_up, tightness):
        with pytest.raises(TrainingRefused):
            cost(steps, rate, noise, DELTA)
    if rate == 1:
        with pytest.raises(TrainingRefused):
            rho_exactly(steps, noise)


def test_where_the_second_accountant_fails_there_is_no_figure() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tightness(100_000, Fraction(1), Fraction(1), DELTA) is None
        assert epsilon_up(100_000, Fraction(1), Fraction(1), DELTA).value > 50_000
