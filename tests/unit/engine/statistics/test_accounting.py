"""What is stated of a loss, against other code: Opacus's other accountant, and dp-accounting."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics.accounting import rho_within, stated_epsilon
from engine.statistics.accounting.cost import epsilon_of
from engine.statistics.accounting.stated import gaussian_epsilon
from policies.amounts import Delta, Rho

DELTA = Delta.parse("1e-6")


@pytest.mark.parametrize("rho", ["0.00005", "0.001", "0.01", "0.1", "0.5", "1", "2", "10"])
def test_the_stated_epsilon_is_an_upper_bound_and_a_tight_one(rho: str) -> None:
    stated = stated_epsilon(Rho.parse(rho), DELTA)
    assert stated.tightness <= stated.epsilon
    # Facts measured elsewhere: 1.06 to 1.12 times the exact epsilon of a Gaussian.
    assert stated.epsilon <= 1.2 * stated.tightness
    # The closed form of Bun and Steinke 2016, Prop. 1.3, is never better.
    value = float(rho)
    assert stated.epsilon <= value + 2 * math.sqrt(value * math.log(1e6)) + 1e-3


@pytest.mark.parametrize("rho", ["0.00001", "0.001", "0.02", "0.5", "3"])
def test_dp_accounting_states_the_same_or_less(rho: str) -> None:
    import dp_accounting
    from dp_accounting.rdp import RdpAccountant

    from engine.statistics.accounting.stated import ORDERS

    accountant = RdpAccountant(orders=ORDERS)
    accountant.compose(dp_accounting.dp_event.ZCDpEvent(float(rho)))
    theirs = accountant.get_epsilon(1e-6)
    ours = stated_epsilon(Rho.parse(rho), DELTA).epsilon
    assert theirs <= ours <= theirs * 1.001 + 1e-3


def test_small_losses_are_not_held_up_by_opacus_own_orders() -> None:
    # Its default orders stop at 63: an epsilon of 0.14 at 1e-6 however little was lost.
    assert stated_epsilon(Rho.parse("0.00005"), DELTA).epsilon < 0.05


def test_nothing_lost_is_nothing() -> None:
    assert stated_epsilon(Rho.zero(), DELTA).epsilon == 0


def test_a_large_delta_gives_no_negative_epsilon() -> None:
    assert stated_epsilon(Rho.parse("0.001"), Delta.parse("0.5")).epsilon >= 0


@pytest.mark.parametrize("noise_multiplier", [0.7, 2.0, 10.0])
def test_the_tightness_is_that_of_opacus_prv_accountant(noise_multiplier: float) -> None:
    from opacus.accountants import PRVAccountant

    accountant = PRVAccountant()
    accountant.history = [(noise_multiplier, 1.0, 1)]
    with np.errstate(all="ignore"):  # it takes log(1 - q) at a sampling rate q of 1
        prv = accountant.get_epsilon(1e-6)
    exact = gaussian_epsilon(Rho(1 / (2 * Fraction(noise_multiplier) ** 2)), DELTA)
    assert exact <= prv <= exact + 0.02


@settings(max_examples=25, deadline=None)
@given(st.fractions(Fraction(1, 20), 10))
def test_the_rho_within_an_epsilon_states_no_more(epsilon: Fraction) -> None:
    rho = rho_within(epsilon, DELTA)
    assert stated_epsilon(rho, DELTA).epsilon <= float(epsilon)
    more = Rho(rho.value * Fraction(101, 100))
    assert stated_epsilon(more, DELTA).epsilon >= float(epsilon) * 0.999


@given(st.fractions(Fraction(1, 10**9), 10))
def test_the_epsilon_of_a_rho_costs_no_more(rho: Fraction) -> None:
    epsilon = epsilon_of(Rho(rho)).value
    assert epsilon**2 / 2 <= rho
    assert (epsilon + Fraction(1, 10**12)) ** 2 / 2 > rho
