"""What every strategy promises, and what each of them reaches."""

import math
from itertools import combinations

import numpy as np
import pytest

from engine.statistics.errors import StudyInvalid
from engine.statistics.running import Strategy, best, error, strategy_named
from engine.statistics.running.choice import STRATEGIES
from engine.statistics.running.strategy import LONGEST
from engine.statistics.running.toeplitz import toeplitz
from engine.statistics.running.tree import tree

HORIZONS = [*range(1, 18), 31, 32, 33, 52, 365]
NAMES = sorted(STRATEGIES)


def _totals(n: int) -> np.ndarray:
    """Return A: the lower triangle of ones."""
    return np.tril(np.ones((n, n)))


def _least(n: int) -> float:
    """Return the nuclear norm of A over n: no matrix mechanism errs less for one participation."""
    return float(np.linalg.svd(_totals(n), compute_uv=False).sum() / n)


def _in_hindsight(strategy: Strategy, n: int) -> float:
    """Return the error of the best reading that may use rows of later periods as well."""
    encoder = strategy.encoder[:, :n].astype(float)
    decoder = _totals(n) @ np.linalg.pinv(encoder)
    norms = np.sqrt((encoder**2).sum(axis=0)).max()
    return float(np.sqrt((decoder**2).sum(axis=1)).max() * norms)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", HORIZONS)
def test_the_totals_are_read_off_rows_that_are_complete(name: str, n: int) -> None:
    strategy = strategy_named(name, n)
    assert strategy.horizon == n
    assert strategy.encoder.dtype == np.int64
    assert strategy.encoder.min() >= 0
    assert strategy.complete[-1] == strategy.rows
    assert np.allclose(strategy.decoder @ strategy.encoder, _totals(n), atol=1e-9)
    for t, complete in enumerate(strategy.complete):
        # Neither does a row hold a later period, nor is a later row read.
        assert not strategy.encoder[:complete, t + 1 :].any()
        assert strategy.encoder[complete:].any(axis=1).all()
        assert not strategy.decoder[t, complete:].any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, 5, 8, 9])
@pytest.mark.parametrize("participations", [1, 2, 3, 4, 9, 20])
def test_the_sensitivity_is_above_that_of_every_set_of_periods(
    name: str, n: int, participations: int
) -> None:
    strategy = strategy_named(name, n)
    stated = strategy.sensitivity(participations)
    moves = [
        [int(move) for move in strategy.encoder[:, list(periods)].sum(axis=1)]
        for times in range(1, min(participations, n) + 1)
        for periods in combinations(range(n), times)
    ]
    squares = max(sum(move**2 for move in moved) for moved in moves)
    assert stated.linf == max(max(moved) for moved in moves)
    assert stated.l1 == max(sum(moved) for moved in moves)
    if name == "tree" and participations > 1:
        assert squares <= stated.l2_squared <= 1.1 * squares
    else:
        assert stated.l2_squared == squares


@pytest.mark.parametrize("name", NAMES)
def test_series_add_up_and_no_number_moves_further(name: str) -> None:
    strategy = strategy_named(name, 12)
    one, five = strategy.sensitivity(3), strategy.sensitivity(3, 5)
    assert five.linf == one.linf
    assert (five.l1, five.l2_squared) == (5 * one.l1, 5 * one.l2_squared)
    for wrong in [(0, 1), (1, 0), (1.0, 1), (True, 1)]:
        with pytest.raises(StudyInvalid):
            strategy.sensitivity(*wrong)


@pytest.mark.parametrize("n", [16, 52])
def test_the_general_bound_holds_for_the_exact_one(n: int) -> None:
    made = toeplitz(n)
    for participations in (1, 2, 5, n):
        assert Strategy.squares(made, participations) >= made.squares(participations)


def test_sums_of_squares_that_could_overflow_are_refused() -> None:
    wide = Strategy("wide", np.full((2, 2), 2**31), (1, 2), np.zeros((2, 2)))
    with pytest.raises(StudyInvalid, match="too large"):
        wide.sensitivity(1)


@pytest.mark.parametrize("n", [1, 7, 12, 52])
def test_the_tree_is_read_as_well_as_its_complete_rows_allow(n: int) -> None:
    made = tree(n)
    for t, complete in enumerate(made.complete):
        best_line = _totals(n)[t] @ np.linalg.pinv(made.encoder[:complete].astype(float))
        assert np.allclose(made.decoder[t, :complete], best_line)


@pytest.mark.parametrize("n", [2, 16, 52, 365, 1024, LONGEST])
def test_rounding_the_square_root_costs_nothing_to_speak_of(n: int) -> None:
    coefficients = np.cumprod([1.0, *((2 * k + 1) / (2 * k + 2) for k in range(n - 1))])
    assert error(toeplitz(n)) == pytest.approx(float((coefficients**2).sum()), rel=1e-4)


def test_counts_of_billions_stay_exact() -> None:
    assert int(toeplitz(LONGEST).encoder.sum(axis=1).max()) < 2**16


# Largest error of a total over the least that any matrix mechanism has, for one participation.
REACHED = [
    ("toeplitz", 16, 1.19),
    ("toeplitz", 52, 1.18),
    ("toeplitz", 365, 1.14),
    ("tree", 16, 2.29),
    ("tree", 52, 2.25),
    ("tree", 365, 2.55),
    ("separate", 16, 2.46),
    ("separate", 52, 3.65),
    ("separate", 365, 7.40),
]


@pytest.mark.parametrize(("name", "n", "factor"), REACHED)
def test_each_errs_as_much_as_we_say(name: str, n: int, factor: float) -> None:
    assert error(strategy_named(name, n)) / _least(n) == pytest.approx(factor, abs=0.01)


def test_a_tree_would_reach_the_literature_only_by_looking_ahead() -> None:
    # Honaker's full reading of a tree of 64 leaves, with the rows of later periods.
    assert _in_hindsight(tree(64), 52) / _least(52) == pytest.approx(1.51, abs=0.01)
    # The square root gains nothing from later rows, and is ahead of it all the same.
    assert _in_hindsight(toeplitz(52), 52) == pytest.approx(error(toeplitz(52)), rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_spread_is_that_of_the_weights(name: str) -> None:
    strategy = strategy_named(name, 21)
    assert strategy.std == pytest.approx(np.linalg.norm(strategy.decoder, axis=1).tolist())


@pytest.mark.parametrize(
    ("n", "participations", "name"),
    [
        (1, 1, "separate"),
        (52, 1, "toeplitz"),
        (52, 16, "toeplitz"),
        (52, 26, "separate"),
        (52, 52, "separate"),
        (365, 16, "toeplitz"),
        (365, 365, "separate"),
    ],
)
def test_the_best_one_follows_from_the_participations(
    n: int, participations: int, name: str
) -> None:
    assert best(n, participations).name == name
    assert error(best(n, participations), participations) == min(
        error(strategy_named(other, n), participations) for other in NAMES
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_total_has_the_same_bits_whenever_it_is_read(name: str) -> None:
    strategy = strategy_named(name, 21)
    rows = np.random.default_rng(1).integers(-(10**9), 10**9, (50, strategy.rows))
    whole = strategy.decode(rows)
    for t, complete in enumerate(strategy.complete):
        assert (strategy.decode(rows[:, :complete]) == whole[:, : t + 1]).all()
        assert (strategy.decode(rows[:, :complete], t) == whole[:, [t]]).all()
    assert strategy.decode(rows, 21).shape == (50, 0)


def test_rows_that_end_inside_a_period_are_no_rows_so_far() -> None:
    with pytest.raises(ValueError, match="middle"):
        tree(4).decode(np.zeros((1, 2), dtype=np.int64))


def test_only_horizons_and_names_that_are_there_are_made() -> None:
    for horizon in (0, -1, LONGEST + 1, 1.0, True):
        for name in NAMES:
            with pytest.raises(StudyInvalid):
                strategy_named(name, horizon)
    with pytest.raises(StudyInvalid, match="one of separate, toeplitz, tree"):
        strategy_named("wavelet", 4)


def test_strategies_are_told_apart_and_cannot_be_changed() -> None:
    made = [strategy_named(name, n) for name in NAMES for n in (1, 2, 52)]
    assert len({strategy.digest for strategy in made}) == len(made)
    assert tree(52).digest == tree(52).digest
    assert "encoder" not in repr(made[0])
    for strategy in made:
        with pytest.raises(ValueError, match="read-only"):
            strategy.encoder[0, 0] = 0
        with pytest.raises(ValueError, match="read-only"):
            strategy.decoder[0, 0] = 0


def test_the_square_root_on_the_lattice_by_hand() -> None:
    made = toeplitz(4)
    # 1, 1/2, 3/8, 5/16, times 2^10.
    assert made.encoder[:, 0].tolist() == [1024, 512, 384, 320]
    assert made.std[0] == 1 / 1024
    assert math.isclose(made.std[1], math.sqrt(1 + 1 / 4) / 1024)
