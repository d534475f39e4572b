import inspect
import math
import random
import secrets
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.statistics.errors import CountOutOfRange, StatisticsError, StudyInvalid
from engine.statistics.noise import GeometricLaw, randomise
from engine.statistics.noise import geometric as geometric_noise
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon

ONE = Epsilon.parse("1")


@given(st.fractions(Fraction(1, 1000), 16), st.integers(1, 50))
def test_the_float_epsilon_never_exceeds_the_exact_one(epsilon: Fraction, k: int) -> None:
    if not Fraction(1, 10**6) <= epsilon / k <= 16:
        return
    law = GeometricLaw(Epsilon(epsilon), Sensitivity.of(k, 1))
    assert Fraction(law.float_epsilon) <= epsilon / k
    assert Fraction(math.nextafter(law.float_epsilon, 99.0)) > epsilon / k


@given(st.fractions(Fraction(1, 100), 8))
def test_the_bounds_are_the_smallest_integers_that_cover_95_percent(epsilon: Fraction) -> None:
    law = GeometricLaw(Epsilon(epsilon), Sensitivity.of(1, 1))
    a = math.exp(-float(epsilon))
    # By adding up the mass function, not by the closed form.
    mass, width = (1 - a) / (1 + a), 0
    while mass < 0.95:
        width += 1
        mass += 2 * a**width * (1 - a) / (1 + a)
    assert abs(law.half_width - width) <= (1 if abs(mass - 0.95) < 1e-9 else 0)


@pytest.mark.parametrize("epsilon", ["0.01", "0.5", "1", "3"])
def test_the_std_is_that_of_the_mass_function(epsilon: str) -> None:
    law = GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(1, 1))
    a = math.exp(-float(epsilon))
    ks = np.arange(1, int(800 / float(epsilon)))
    variance = 2 * float(np.sum(ks**2.0 * a**ks)) * (1 - a) / (1 + a)
    assert law.std == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_more_cells_a_contributor_mean_more_noise() -> None:
    laws = [GeometricLaw(ONE, Sensitivity.of(k, 1)) for k in (1, 2, 5, 20)]
    assert [x.std for x in laws] == sorted(x.std for x in laws)
    assert [x.half_width for x in laws] == sorted(x.half_width for x in laws)
    assert [x.delta for x in laws] == sorted(x.delta for x in laws)


@pytest.mark.parametrize("count", [2**52, -(2**52), 2**60, 2**63])
def test_counts_too_large_to_be_exact_are_refused_before_a_draw(count: int) -> None:
    with pytest.raises(CountOutOfRange) as caught:
        randomise(GeometricLaw(ONE, Sensitivity.of(1, 1)), [0, count])
    assert str(count) not in str(caught.value)


def test_the_largest_counts_get_whole_noise() -> None:
    # diffprivlib itself would round noise away near 2^53; ours is added to the integer.
    top = 2**52 - 1
    values = randomise(GeometricLaw(ONE, Sensitivity.of(1, 1)), [top] * 200 + [-top] * 200)
    offsets = {abs(v) - top for v in values}
    assert {-1, 0, 1} <= offsets


@pytest.mark.parametrize("count", [1.0, True, np.int64(1), "1", None])
def test_what_is_not_an_integer_is_refused(count: object) -> None:
    with pytest.raises(TypeError):
        randomise(GeometricLaw(ONE, Sensitivity.of(1, 1)), [count])  # type: ignore[list-item]


def test_there_is_no_way_to_hand_in_a_seed() -> None:
    assert set(inspect.signature(GeometricLaw).parameters) == {"epsilon", "sensitivity"}
    assert set(inspect.signature(GeometricLaw.draw).parameters) == {"self", "draws"}
    assert set(inspect.signature(randomise).parameters) == {"law", "counts"}
    with pytest.raises(TypeError):
        GeometricLaw(ONE, Sensitivity.of(1, 1), random_state=7)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        GeometricLaw(ONE, Sensitivity.of(1, 1)).seed = 7  # type: ignore[attr-defined]


def test_seeding_every_generator_of_the_process_changes_nothing() -> None:
    def seeded() -> list[int]:
        random.seed(1)
        np.random.seed(1)
        pl.set_random_seed(1)
        return randomise(GeometricLaw(Epsilon.parse("0.01"), Sensitivity.of(1, 1)), [0] * 20)

    # Equal by chance with a probability below 10^-40.
    assert seeded() != seeded()


def test_a_generator_other_than_the_systems_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from diffprivlib.mechanisms import Geometric

    def seeded(**arguments: object) -> Geometric:
        return Geometric(**arguments, random_state=7)

    monkeypatch.setattr("diffprivlib.mechanisms.Geometric", seeded)
    with pytest.raises(StatisticsError):
        randomise(GeometricLaw(ONE, Sensitivity.of(1, 1)), [0])


def test_the_uniform_without_a_logarithm_is_drawn_again() -> None:
    from diffprivlib.mechanisms import Geometric

    class Half(secrets.SystemRandom):
        drawn = 0

        def random(self) -> float:
            self.drawn += 1
            return 0.5 if self.drawn <= 3 else 0.999

    geometric = Geometric(epsilon=1.0, sensitivity=1)
    geometric._rng = generator = Half()
    assert geometric_noise._draw(geometric) == 0
    assert generator.drawn == 4


@pytest.mark.parametrize("sensitivity", [0, -1, 1.0, True])
def test_a_sensitivity_that_is_none_is_refused(sensitivity: object) -> None:
    with pytest.raises(StudyInvalid):
        GeometricLaw(ONE, Sensitivity.of(sensitivity, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(("epsilon", "k"), [("0", 1), ("0.000001", 2), ("17", 1)])
def test_an_epsilon_out_of_range_is_refused(epsilon: str, k: int) -> None:
    with pytest.raises(StudyInvalid):
        GeometricLaw(Epsilon.parse(epsilon), Sensitivity.of(k, 1))
