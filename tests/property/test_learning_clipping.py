"""What one contributor can change, whatever photos they have: never more than the clip.

Through the whole head: random contributors with 1 to 500 photos, random weights, all by Opacus's
gradients and in exact integers.
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.learning import descent
from engine.learning.clipping import UNITS, length_squared, on_grid
from engine.learning.interface import State
from tests.unit.engine.learning.trainings import public, recipe, unit_rows


def _added(rows: np.ndarray, targets: np.ndarray, weights: np.ndarray, clip: float) -> np.ndarray:
    """Return what a contributor with these examples adds to a step's sum."""
    of = recipe(clip=Fraction(clip))
    head = descent._Head(weights.shape, of, public(5, weights.shape[1]))
    head.go_on(State(0, weights, np.zeros_like(weights)))
    head.learn(rows, targets)
    return np.asarray(head.optimizer.sum)


contributors = st.tuples(
    st.integers(1, 500),
    st.integers(2, 6),
    st.integers(1, 40),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["random", "all alike", "opposite", "huge", "one is not a number"]),
    st.sampled_from([0.001, 0.3, 1.0, 50.0]),
    st.sampled_from([0.0, 0.1, 3.0, 1000.0]),
)
Contributor = tuple[int, int, int, int, str, float, float]


def _check(drawn: Contributor) -> None:
    photos, classes, width, seed, kind, clip, spread = drawn
    random = np.random.default_rng(seed)
    rows = unit_rows(random, photos, width)
    targets = random.integers(0, classes, photos)
    if kind in {"all alike", "opposite"}:
        rows[:] = rows[0] * (-1 if kind == "opposite" else 1)
        targets[:] = targets[0]
    elif kind == "huge":
        rows *= np.float32(1e18)
    elif kind == "one is not a number":
        rows[random.integers(photos), random.integers(width)] = np.nan
    weights = spread * random.normal(size=(classes, width))
    added = _added(rows, targets, weights, clip)
    # INVARIANT: in exact integers, and whatever the photos are.
    assert added.dtype == np.int64
    assert length_squared(added) == sum(int(x) ** 2 for x in added.flat) <= UNITS**2
    if kind == "one is not a number":
        assert not added.any()


@settings(max_examples=60, deadline=None)
@given(contributors)
def test_a_contributor_adds_at_most_the_clip(drawn: Contributor) -> None:
    _check(drawn)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(contributors)
def test_five_thousand_contributors_add_at_most_the_clip(drawn: Contributor) -> None:
    _check(drawn)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=1, max_size=60),
    st.floats(1e-9, 1e9),
)
def test_any_numbers_at_all_are_at_most_the_clip(numbers: list[float], clip: float) -> None:
    found = on_grid(np.array([numbers]), clip)
    assert sum(int(x) ** 2 for x in found.flat) <= UNITS**2


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.integers(0, 2**32 - 1))
def test_the_same_photos_many_times_over_add_no_more(times: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, targets = unit_rows(random, 1, 8), random.integers(0, 3, 1)
    weights = random.normal(size=(3, 8))
    once = _added(rows, targets, weights, 100.0)
    often = _added(np.repeat(rows, times, axis=0), np.repeat(targets, times), weights, 100.0)
    # Averaged, so the same but for the last bits.
    assert np.abs(once - often).max() <= 1


def test_control_clipping_each_photo_alone_breaks_the_bound() -> None:
    rows, targets = unit_rows(np.random.default_rng(1), 1, 8), np.array([0])
    weights = np.zeros((3, 8))
    by_photo = sum(_added(rows, targets, weights, 0.1) for _ in range(8))
    assert length_squared(np.asarray(by_photo)) > 60 * UNITS**2
