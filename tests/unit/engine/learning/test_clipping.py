"""One contributor's vector of integers: its length, and what it does with odd numbers."""

import numpy as np
import pytest

from engine.learning.clipping import UNITS, length_squared, on_grid


def test_a_short_gradient_is_kept_to_a_unit() -> None:
    gradient = np.array([[0.25, -0.125], [0.0, 0.0003]])
    found = on_grid(gradient, 1.0)
    assert found.dtype == np.int64
    assert np.abs(found - gradient * UNITS).max() <= 1.01
    assert (np.abs(found) <= np.abs(gradient) * UNITS).all()


def test_a_long_gradient_keeps_its_direction() -> None:
    gradient = np.array([[30.0, -40.0]])
    assert np.abs(on_grid(gradient, 1.0) - UNITS * np.array([[0.6, -0.8]])).max() <= 2
    assert np.abs(on_grid(gradient, 100.0) - UNITS * np.array([[0.3, -0.4]])).max() <= 2


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_counts_as_none(odd: float) -> None:
    assert not on_grid(np.array([[0.5, odd]]), 1.0).any()


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e-9, 1e9, 1e300, 1.7e308])
@pytest.mark.parametrize("clip", [1e-6, 1.0, 1e6])
def test_no_size_of_number_breaks_the_bound(size: float, clip: float) -> None:
    gradient = size * np.random.default_rng(3).uniform(-1, 1, (7, 300))
    squared = length_squared(on_grid(gradient, clip))
    assert squared <= UNITS**2
    if size > 300 * clip:
        # Nor is much of what may be said lost.
        assert squared >= 0.999 * UNITS**2


def test_nothing_is_nothing() -> None:
    assert not on_grid(np.zeros((3, 4)), 1.0).any()
    assert on_grid(np.zeros((0, 4)), 1.0).shape == (0, 4)


def test_as_many_equal_coordinates_as_a_head_may_have() -> None:
    found = on_grid(np.full((1024, 1024), -1.0), 1.0)
    assert UNITS**2 * 0.99 <= length_squared(found) <= UNITS**2


def test_lengths_are_exact_where_doubles_are_not() -> None:
    vector = np.array([2**20, 1, 1], np.int64)
    assert length_squared(vector) == 2**40 + 2
    assert not length_squared(vector) <= UNITS**2
