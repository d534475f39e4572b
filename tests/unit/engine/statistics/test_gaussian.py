import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.statistics.errors import StudyInvalid
from engine.statistics.noise import DiscreteGaussian, randomise
from engine.statistics.noise.exact import opendp
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Rho


@given(st.fractions(Fraction(1, 10**6), 2), st.integers(1, 50), st.integers(1, 20))
def test_the_scale_never_buys_less_noise_than_the_price(
    rho: Fraction, cells: int, clip: int
) -> None:
    law = DiscreteGaussian(Rho(rho), Sensitivity.of(cells, clip))
    spent = Fraction(cells * clip**2) / (2 * Fraction(law.scale) ** 2)
    assert spent <= rho
    below = Fraction(math.nextafter(law.scale, 0.0))
    assert Fraction(cells * clip**2) / (2 * below**2) > rho


@pytest.mark.parametrize(("rho", "cells"), [("0.5", 1), ("0.02", 6), ("0.001", 40)])
def test_the_price_is_the_one_that_opendp_states(rho: str, cells: int) -> None:
    law = DiscreteGaussian(Rho.parse(rho), Sensitivity.of(cells, 1))
    dp = opendp()
    domain = dp.vector_domain(dp.atom_domain(T="i64"))
    measurement = dp.m.make_gaussian(domain, dp.l2_distance(T=float), scale=law.scale)
    assert measurement.map(math.sqrt(cells)) == pytest.approx(float(rho), rel=1e-9)


def test_more_cells_mean_more_noise_but_only_as_their_root() -> None:
    one, four = (DiscreteGaussian(Rho.parse("0.01"), Sensitivity.of(k, 1)) for k in (1, 4))
    assert four.std == pytest.approx(2 * one.std)


@pytest.mark.parametrize("scale", [0.3, 0.7, 1.0, 2.9, 3.1])
def test_the_std_is_that_of_the_masses(scale: float) -> None:
    law = DiscreteGaussian(Rho(1 / (2 * Fraction(scale) ** 2)), Sensitivity.of(1, 1))
    ks = range(-200, 201)
    weights = [math.exp(-(k**2) / (2 * law.scale**2)) for k in ks]
    variance = sum(k * k * w for k, w in zip(ks, weights, strict=True)) / sum(weights)
    assert law.std == pytest.approx(math.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("rho", ["0", "9", "1e-19"])
def test_a_price_that_buys_no_noise_in_range_is_refused(rho: str) -> None:
    with pytest.raises(StudyInvalid):
        DiscreteGaussian(Rho.parse(rho), Sensitivity.of(1, 1))


def test_counts_get_whole_noise() -> None:
    law = DiscreteGaussian(Rho.parse("0.5"), Sensitivity.of(1, 1))
    values = randomise(law, [2**52 - 1] * 50)
    assert all(type(value) is int for value in values)
    assert len({value - 2**52 for value in values}) > 1
