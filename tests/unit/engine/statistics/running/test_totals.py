"""Counts to rows to totals: exact until the noise is in, and bounds that say what they do."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.statistics.errors import CountOutOfRange, StatisticsError
from engine.statistics.running import running_totals, strategy_named
from engine.statistics.running.choice import STRATEGIES
from engine.statistics.running.totals import noisy_rows, with_bounds
from tests.row_law import Rows

NAMES = sorted(STRATEGIES)


def silent(draws: int) -> Sequence[int]:
    return [0] * draws


class Counting:
    """Draws 1, 2, 3, ... so that each row tells which draw it got."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, draws: int) -> list[int]:
        start = sum(self.asked) + 1
        self.asked.append(draws)
        return list(range(start, start + draws))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, 2, 13, 52])
def test_without_noise_the_totals_are_the_counts(name: str, n: int) -> None:
    counts = np.random.default_rng(n).integers(0, 10**8, (7, n))
    totals = running_totals(counts, strategy_named(name, n), Rows(silent, 1.0))
    assert totals.values.dtype == np.int64
    assert (totals.values == counts.cumsum(axis=1)).all()
    assert len(totals.std) == len(totals.half_width) == n


def test_noise_comes_period_by_period_and_each_row_has_its_own() -> None:
    draw = Counting()
    rows = noisy_rows(np.zeros((2, 4), dtype=np.int64), strategy_named("tree", 4), 0, draw)
    # A tree over four periods completes 1, 2, 1 and 3 rows, here of two series.
    assert draw.asked == [2, 4, 2, 6]
    assert rows.tolist() == [[1, 3, 4, 7, 9, 10, 11], [2, 5, 6, 8, 12, 13, 14]]


@pytest.mark.parametrize("name", NAMES)
def test_a_count_that_cannot_be_exact_is_refused_before_anything_is_drawn(name: str) -> None:
    strategy, draw = strategy_named(name, 3), Counting()
    weight = int(strategy.encoder.sum(axis=1).max())
    largest = (2**52 - 1) // weight
    assert running_totals(np.full((1, 3), largest), strategy, Rows(silent, 1.0)).values[0, 0] > 0
    for wrong in (largest + 1, 2**63 - 1, -1):
        counts = np.zeros((2, 3), dtype=np.int64)
        counts[1, 2] = wrong
        with pytest.raises(CountOutOfRange) as refused:
            running_totals(counts, strategy, Rows(draw, 1.0))
        assert not any(digit in str(refused.value) for digit in "0123456789")
    assert draw.asked == []


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros(3, dtype=np.int64),
        np.zeros((1, 3)),
        np.zeros((1, 3), dtype=np.int32),
        np.zeros((1, 4), dtype=np.int64),
    ],
)
def test_counts_of_another_shape_are_refused(counts: np.ndarray) -> None:
    with pytest.raises(StatisticsError, match="series by periods"):
        running_totals(counts, strategy_named("tree", 3), Rows(silent, 1.0))


@pytest.mark.parametrize("drawn", [[1], [1, 2, 3], [0.5, 0.5], [True, 1], [np.int64(1), 1]])
def test_a_law_that_draws_something_else_is_refused(drawn: list[object]) -> None:
    counts = np.zeros((2, 1), dtype=np.int64)
    with pytest.raises(StatisticsError, match="drew"):
        running_totals(counts, strategy_named("tree", 1), Rows(lambda _: drawn, 1.0))  # type: ignore[arg-type,return-value]


def test_noise_that_hides_its_row_in_a_double_is_refused() -> None:
    counts = np.zeros((1, 1), dtype=np.int64)
    for size in (2**52, -(2**52), 10**30):
        with pytest.raises(CountOutOfRange):
            running_totals(counts, strategy_named("tree", 1), Rows(lambda _, z=size: [z], 1.0))


def test_no_series_and_no_periods_are_no_totals() -> None:
    strategy = strategy_named("toeplitz", 3)
    for shape in [(0, 3), (2, 0), (0, 0)]:
        assert (
            running_totals(np.zeros(shape, dtype=np.int64), strategy, Rows(silent, 1.0)).values.size
            == 0
        )


def test_the_spread_and_the_bounds_follow_from_the_laws() -> None:
    strategy = strategy_named("separate", 4)
    totals = with_bounds(np.zeros((1, 4), dtype=np.int64), strategy, Rows(silent, 10.0))
    assert totals.std == pytest.approx([10, 14.142, 17.321, 20], abs=0.001)
    # 1.96 times the spread less one half, rounded up.
    assert totals.half_width == (20, 28, 34, 39)
    assert "values" not in repr(totals)


def _law(scale: float) -> np.ndarray:
    """Return P(X = k) of the discrete Gaussian for k = -m..m."""
    ks = np.arange(-int(12 * scale + 3), int(12 * scale + 3) + 1)
    weights = np.exp(-(ks**2) / (2 * scale**2))
    return weights / weights.sum()


def _added_up(law: np.ndarray, weights: Sequence[float]) -> tuple[np.ndarray, int]:
    """Return the exact law of the weighted sum on a lattice, and the lattice's lines per 1."""
    lines = next(
        d for d in range(1, 10**5) if all(abs(w * d - round(w * d)) < 1e-9 for w in weights)
    )
    reach = sum(round(w * lines) for w in weights) * (len(law) // 2)
    size = 1 << (2 * reach + 1).bit_length()
    sum_of_all = np.ones(size // 2 + 1, dtype=complex)
    for w in weights:
        spread = np.zeros(size)
        places = round(w * lines) * np.arange(-(len(law) // 2), len(law) // 2 + 1)
        np.add.at(spread, places % size, law)
        sum_of_all *= np.fft.rfft(spread)
    return np.fft.irfft(sum_of_all, size), lines


@pytest.mark.parametrize("scale", [0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.01, 1.2, 1.7, 3])
@pytest.mark.parametrize("name", ["separate", "tree"])
def test_the_bounds_hold_for_little_noise_by_the_exact_law(name: str, scale: float) -> None:
    strategy, law = strategy_named(name, 16), _law(scale)
    ks = np.arange(len(law)) - len(law) // 2
    std = float(np.sqrt(np.sum(ks**2 * law)))
    totals = with_bounds(np.zeros((1, 16), dtype=np.int64), strategy, Rows(silent, std))
    for t in (0, 1, 2, 3, 6, 7, 15):
        weights = [w for w in strategy.decoder[t].tolist() if w]
        masses, lines = _added_up(law, weights)
        # |rounded| <= w exactly where |sum| < w + 1/2.
        inside = (2 * totals.half_width[t] * lines + lines - 1) // 2
        held = masses[: inside + 1].sum() + masses[len(masses) - inside :].sum()
        assert held >= 0.95 - 1e-9
        if std >= 1:
            assert held <= 0.95 + 0.12 / totals.std[t] + 0.01
