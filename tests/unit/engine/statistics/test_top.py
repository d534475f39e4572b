import math

import pytest

from engine.statistics import Dimension, Statistic, Study, Top, cost
from engine.statistics.errors import StudyInvalid
from engine.statistics.noise.exact import opendp
from engine.statistics.top import TopLaw
from policies.amounts import Epsilon, Rho

BRAND = Dimension("brand", tuple("abcdefgh"))
WEEK = Dimension("week", ("2026-W23", "2026-W24", "2026-W25"))


def _study(price: Epsilon | Rho, k: int = 3, by=(BRAND,), accounts: int = 1) -> Study:
    return Study((Statistic("top", by, price, Top(k)),), 2, accounts)


@pytest.mark.parametrize("price", [Epsilon.parse("1"), Rho.parse("0.05")])
@pytest.mark.parametrize("by", [(BRAND,), (BRAND, WEEK)])
@pytest.mark.parametrize("accounts", [1, 3])
def test_the_price_is_the_one_that_opendp_states(price, by, accounts) -> None:
    study = _study(price, by=by, accounts=accounts)
    law = TopLaw.of(study, study.statistics[0])
    dp = opendp()
    measurement = dp.m.make_noisy_top_k(
        dp.vector_domain(dp.atom_domain(T="i64")),
        dp.linf_distance(T="i64", monotonic=True),
        dp.max_divergence() if isinstance(price, Epsilon) else dp.zero_concentrated_divergence(),
        k=3,
        scale=law.scale,
    )
    lists = 1 if len(by) == 1 else 2
    assert lists * measurement.map(accounts) == pytest.approx(float(price.value), rel=1e-9)


def test_a_label_far_ahead_comes_first() -> None:
    study = _study(Epsilon.parse("2"), k=2)
    law = TopLaw.of(study, study.statistics[0])
    # 200 apart at a scale of 1: the wrong order has a probability below e^-190.
    assert law.draw([0, 0, 400, 0, 200, 0, 0, 0]) == [2, 4]


def test_the_first_place_follows_the_law_of_permute_and_flip() -> None:
    # Two labels, one apart, k = 1: with a = exp(-eps), permute-and-flip names the lower one with
    # probability a / 2. 4,000 draws; 5.2 sd is one false alarm in five million.
    study = _study(Epsilon.parse("1"), k=1, by=(Dimension("brand", ("a", "b")),))
    law = TopLaw.of(study, study.statistics[0])
    draws = 4_000
    lower = sum(law.draw([1, 0])[0] == 1 for _ in range(draws))
    expected = math.exp(-1) / 2
    spread = math.sqrt(draws * expected * (1 - expected))
    assert abs(lower - draws * expected) < 5.2 * spread


def test_a_top_draws_exactly_and_costs_its_price_alone() -> None:
    study = _study(Rho.parse("0.05"))
    assert str(cost(study)) == "rho 0.05, delta 0"


@pytest.mark.parametrize("price", [Epsilon.parse("1000"), Epsilon.parse("1e-7")])
def test_a_price_out_of_range_is_refused(price: Epsilon) -> None:
    with pytest.raises(StudyInvalid):
        cost(_study(price))


def test_more_places_than_labels_are_refused() -> None:
    with pytest.raises(StudyInvalid):
        _study(Epsilon.parse("1"), k=9)
