"""Whose loss a training's epsilon is: the contributor's, not the photo's.

A contributor of many photos that all say the same is the worst case of either way to train. What
they lose is computed here from the laws themselves, by adding up masses on a lattice, and kept on
the safe side of rounding in both directions: `_delta` is a lower bound, or an upper one, on the
delta at which a training keeps an epsilon. Nothing is drawn, so that nothing fails by chance.

Trained by photo (every photo has a coin and a clip of its own, and the accountant is told so, as
Opacus does by default) the stated epsilon is far below that lower bound. Trained by contributor, it
is above the upper bound.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from engine.learning.accounting import epsilon_up
from engine.learning.recipe import as_one
from policies.amounts import Delta

DELTA = Delta.parse("1e-6")
UNITS = 8
"""Lattice points in the clip; a training has 2^20, and what is stated holds for any number."""
FINE, COARSE = 1e-3, 2e-2
"""Losses are put on a grid of this width, all down or all up."""
Moves = dict[int, float]
"""By how many clips somebody moves a step's sum, and how probably."""


def by_photo(photos: int, rate: float) -> Moves:
    """Each photo has its own coin and its own clip."""
    return {
        moved: float(special.binom(photos, moved)) * rate**moved * (1 - rate) ** (photos - moved)
        for moved in range(photos + 1)
    }


def by_contributor(rate: float) -> Moves:
    """All photos have one coin and one clip."""
    return {0: 1 - rate, 1: rate}


def _losses(
    moves: Moves, noise: float, *, added: bool, units: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return of one step the losses of adding (or removing) somebody, with their masses."""
    scale = noise * units
    far = math.ceil(14 * scale) + units * max(moves)
    points = np.arange(-far, far + 1)
    total = np.logaddexp.reduce(-(points**2) / (2 * scale**2))

    def around(at: int) -> np.ndarray:
        return np.asarray(-((points - units * at) ** 2) / (2 * scale**2) - total)

    there = np.logaddexp.reduce([np.log(p) + around(at) for at, p in moves.items()], axis=0)
    top, bottom = (there, around(0)) if added else (around(0), there)
    return top - bottom, np.exp(top)


def _delta(
    moves: Moves,
    noise: float,
    steps: int,
    epsilon: float,
    *,
    added: bool,
    upper: bool,
    grid: float = FINE,
    units: int = UNITS,
) -> float:
    """Return a bound on the delta at epsilon of so many steps: sum of (1 - e^(epsilon - loss))+."""
    losses, masses = _losses(moves, noise, added=added, units=units)
    places = np.ceil(losses / grid) if upper else np.floor(losses / grid)
    lowest = int(places.min())
    step = np.bincount((places - lowest).astype(int), weights=masses)
    size = steps * (len(step) - 1) + 1
    # Rounding of the transform is below 1e-15 a place; negative masses are none.
    wide = 2 ** math.ceil(math.log2(size))
    whole = np.maximum(np.fft.irfft(np.fft.rfft(step, wide) ** steps, wide)[:size], 0)
    loss = (steps * lowest + np.arange(size)) * grid
    over = loss > epsilon
    found = float(np.sum(whole[over] * -np.expm1(epsilon - loss[over])))
    lost = 1e-15 * size + steps * 1e-30
    return found + lost if upper else found - lost


TRAININGS = [
    (1, Fraction(1, 2), Fraction(2)),
    (10, Fraction(1, 5), Fraction(2)),
    (20, Fraction(1, 2), Fraction(31_024, 10_000)),
]
each_training = pytest.mark.parametrize(("steps", "rate", "noise"), TRAININGS, ids=str)
both_ways = pytest.mark.parametrize("added", [True, False], ids=["added", "removed"])


@both_ways
@each_training
def test_a_contributors_loss_is_within_the_stated_epsilon(
    steps: int, rate: Fraction, noise: Fraction, added: bool
) -> None:
    stated = float(epsilon_up(steps, rate, noise, DELTA).value)
    moves = by_contributor(float(rate))
    assert _delta(moves, float(noise), steps, stated, added=added, upper=True) <= 1e-6


@pytest.mark.parametrize("units", [1, 2])
@both_ways
def test_a_coarse_lattice_keeps_it_too(units: int, added: bool) -> None:
    # There the law is far from the continuous one: of 12 draws at a scale of 0.4, 11 are zero.
    steps, rate, noise = 3, Fraction(1, 10), Fraction(2, 5)
    stated = float(epsilon_up(steps, rate, noise, DELTA).value)
    moves = by_contributor(float(rate))
    lost = _delta(moves, float(noise), steps, stated, added=added, upper=True, units=units)
    assert lost <= 1e-6


trainings = st.tuples(
    st.integers(1, 60),
    st.integers(1, 1000).map(lambda thousandths: Fraction(thousandths, 1000)),
    st.integers(3, 200).map(lambda tenths: Fraction(tenths, 10)),
    st.sampled_from([1, 2, 8]),
    st.booleans(),
)


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None)
@given(trainings)
def test_a_thousand_trainings_keep_their_epsilon(
    training: tuple[int, Fraction, Fraction, int, bool],
) -> None:
    steps, rate, noise, units, added = training
    stated = float(epsilon_up(steps, rate, noise, DELTA).value)
    moves = by_contributor(float(rate)) if rate < 1 else {1: 1.0}
    grid = FINE if stated < 50 else COARSE
    assert (
        _delta(
            moves,
            float(noise),
            steps,
            stated,
            added=added,
            upper=True,
            grid=grid / 10 if stated < 2 else grid,
            units=units,
        )
        <= 1e-6
    )


@each_training
def test_the_stated_epsilon_is_not_far_above(steps: int, rate: Fraction, noise: Fraction) -> None:
    stated = float(epsilon_up(steps, rate, noise, DELTA).value)
    moves = by_contributor(float(rate))
    assert _delta(moves, float(noise), steps, 0.6 * stated, added=True, upper=False) > 1e-6


@pytest.mark.parametrize("photos", [4, 8, 32])
@each_training
def test_an_accountant_that_is_told_of_photos_states_too_little(
    steps: int, rate: Fraction, noise: Fraction, photos: int
) -> None:
    claimed = float(epsilon_up(steps, rate, noise, DELTA).value)

    def lost(epsilon: float) -> float:
        moves = by_photo(photos, float(rate))
        return _delta(moves, float(noise), steps, epsilon, added=True, upper=False, grid=COARSE)

    assert lost(claimed) > 1000 * 1e-6
    # Nor does twice as much hold, or of eight photos three times as much.
    assert lost((3 if photos >= 8 else 2) * claimed) > 1e-6


@each_training
def test_of_one_photo_the_two_are_the_same(steps: int, rate: Fraction, noise: Fraction) -> None:
    claimed = float(epsilon_up(steps, rate, noise, DELTA).value)
    moves = by_photo(1, float(rate))
    assert moves == pytest.approx(by_contributor(float(rate)))
    for added in (True, False):
        assert _delta(moves, float(noise), steps, claimed, added=added, upper=True) <= 1e-6


@both_ways
@pytest.mark.parametrize("accounts", [2, 5])
def test_a_person_of_several_accounts_is_covered_as_one_of_less_noise(
    accounts: int, added: bool
) -> None:
    # Each account has a coin and a clip of its own, as a photo has above; here that is paid for.
    steps, rate, noise = 10, Fraction(1, 5), Fraction(6)
    stated = float(epsilon_up(steps, *as_one(rate, noise, accounts), DELTA).value)
    moves = by_photo(accounts, float(rate))
    assert _delta(moves, float(noise), steps, stated, added=added, upper=True) <= 1e-6
    alone = float(epsilon_up(steps, rate, noise, DELTA).value)
    assert _delta(moves, float(noise), steps, alone, added=True, upper=False) > 1e-6


def test_control_noise_that_is_a_little_short_is_found() -> None:
    # The bound is sharp enough for that where a step stands alone and nobody is left out.
    stated = float(epsilon_up(1, Fraction(1), Fraction(2), DELTA).value)
    moves = {1: 1.0}
    assert _delta(moves, 2.0, 1, stated, added=True, upper=True) <= 1e-6
    assert _delta(moves, 1.7, 1, stated, added=True, upper=False) > 1e-6
