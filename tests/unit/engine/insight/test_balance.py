"""Bounds on n / (n + m): their coverage, summed over every possible noise rather than drawn."""

import numpy as np
import pytest

from engine.insight.balance import part_bounds, ratio_columns
from engine.insight.laws import law
from tests.unit.engine.insight.made import LAWS

COUNTS = [(0, 1), (1, 0), (1, 1), (0, 12), (12, 0), (5, 7), (3, 40), (60, 60), (150, 4)]


def _outcomes(
    first: tuple[str, float], second: tuple[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every noise of the two that happens at all often, and how often."""
    laws = law(*first), law(*second)
    ends = [one.half_width(1 - 1e-6) for one in laws]
    ks = [np.arange(-end, end + 1) for end in ends]
    masses = [one.masses[one.reach + k] for one, k in zip(laws, ks, strict=True)]
    x, y = np.meshgrid(*ks, indexing="ij")
    return x.ravel(), y.ravel(), np.outer(*masses).ravel()


@pytest.mark.parametrize("second", LAWS)
@pytest.mark.parametrize("first", LAWS)
def test_a_part_is_within_its_bounds_in_95_of_100(
    first: tuple[str, float], second: tuple[str, float]
) -> None:
    x, y, often = _outcomes(first, second)
    for n, m in COUNTS[:: 3 if max(first[1], second[1]) > 1 else 1]:
        low, high = part_bounds(n + x, law(*first), m + y, law(*second))
        part = n / (n + m)
        assert often[(low <= part) & (part <= high)].sum() > 0.95 - 1e-5, (n, m)
        halved_low, halved_high = (0.75 * low + 0.25 * high), (0.25 * low + 0.75 * high)
        if n and m and min(first[1], second[1]) > 1:
            # The control: bounds of half the width are caught.
            assert often[(halved_low <= part) & (part <= halved_high)].sum() < 0.93


def test_bounds_are_close_to_fiellers_where_noise_is_normal() -> None:
    std, n, m = 50.0, 2_000, 6_000
    one = law("discrete-gaussian", std)
    low, high = part_bounds(np.array([n]), one, np.array([m]), one)
    # Fieller 1954 with n / (n + m) = r: |(1 - r) n - r m| <= z std sqrt((1 - r)^2 + r^2).
    rs = np.linspace(0, 1, 200_001)
    inside = rs[np.abs((1 - rs) * n - rs * m) <= 1.959964 * std * np.hypot(1 - rs, rs)]
    assert low[0] == pytest.approx(inside[0], abs=2e-4)
    assert high[0] == pytest.approx(inside[-1], abs=2e-4)


def test_a_wide_law_gives_the_same_bounds_as_the_same_law_scaled_down() -> None:
    wide, narrow = law("geometric", 8_000.0), law("geometric", 80.0)
    wide_low, wide_high = part_bounds(np.array([90_000]), wide, np.array([200_000]), wide)
    low, high = part_bounds(np.array([900]), narrow, np.array([2_000]), narrow)
    assert wide_low[0] == pytest.approx(low[0], abs=3e-3)
    assert wide_high[0] == pytest.approx(high[0], abs=3e-3)


def test_numbers_below_zero_leave_bounds_that_are_still_there() -> None:
    one = law("geometric", 4.0)
    low, high = part_bounds(np.array([-30, 100, -30]), one, np.array([100, -30, -30]), one)
    assert low.tolist()[::2] == [0.0, 0.0]
    assert 0 < high[0] < 0.2
    assert low[1] == pytest.approx(1 - high[0])
    assert high[1] == high[2] == 1.0


def test_a_ratio_to_what_may_be_nothing_is_not_known() -> None:
    one = law("geometric", 4.0)
    names = ("ratio", "low", "high")
    *columns, known = ratio_columns(np.array([50, 50]), one, np.array([8, 9]), one, names)
    assert known.to_list() == [False, True]
    assert [column[0] for column in columns] == [None, None, None]
    ratio, low, high = (column[1] for column in columns)
    assert low < ratio == 50 / 9 < high


def test_nothing_gives_nothing() -> None:
    one = law("geometric", 4.0)
    none = np.empty(0, dtype=np.int64)
    low, high = part_bounds(none, one, none, one)
    assert len(low) == len(high) == 0
