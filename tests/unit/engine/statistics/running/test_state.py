"""Periods close once and in order; what is late is dropped, what is early waits."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from engine.statistics.errors import CountOutOfRange, SightingsInvalid, StudyInvalid
from engine.statistics.running import ROW_SCHEMA, Trend, TrendState, strategy_named
from tests.row_law import Rows

HORIZON = 6


def trend(name: str = "toeplitz", **changed: object) -> Trend:
    made = Trend(
        policy="sha256:" + "0" * 64,
        dataset="panel",
        statistic="totals",
        series=("Adidas", "Nike"),
        strategy=strategy_named(name, HORIZON),
        participations=2,
        max_series=2,
        noise="discrete-gaussian 100",
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def rows(shown: Iterable[tuple[str, int, int]]) -> pl.DataFrame:
    keyed = [(who.encode().ljust(16), series, period) for who, series, period in shown]
    return pl.DataFrame(keyed, schema=ROW_SCHEMA, orient="row")


def silent(draws: int) -> list[int]:
    return [0] * draws


def refuses(draws: int) -> list[int]:
    raise AssertionError("noise was drawn")


DATA = rows([("ana", 0, 0), ("ben", 0, 0), ("ana", 0, 1), ("ana", 1, 2), ("cai", 0, 4)])


@pytest.mark.parametrize("strategy", ["separate", "toeplitz", "tree"])
def test_totals_grow_from_period_to_period(strategy: str) -> None:
    state = TrendState.before(trend(strategy))
    assert state.closed == 0
    for until in (1, 3, 6):
        state = state.advance(DATA, until, silent)
        assert state.closed == until
    assert state.values.tolist() == [[2, 3, 3, 3, 4, 4], [0, 0, 1, 1, 1, 1]]
    assert state.totals(Rows(list, 1.0)).values.tolist() == state.values.tolist()
    assert len(state.totals(Rows(list, 1.0)).std) == 6


def test_a_closed_period_is_never_drawn_again() -> None:
    noise = iter(range(1, 1000))
    state = TrendState.before(trend()).advance(
        DATA, 3, lambda draws: [next(noise) * 1000 for _ in range(draws)]
    )
    for until in (0, 2, 3):
        assert state.advance(DATA, until, refuses) is state
    further = state.advance(DATA, 4, silent)
    assert (further.values[:, :3] == state.values).all()
    assert (further.noisy[:, :3] == state.noisy).all()


def test_late_rows_are_dropped_and_early_ones_wait() -> None:
    state = TrendState.before(trend()).advance(rows([("ana", 0, 5)]), 3, silent)
    assert state.values.sum() == 0
    assert state.memory.is_empty()
    late = rows([(f"late {n}", 0, 1) for n in range(9)] + [("ana", 0, 3)])
    state = state.advance(late, 4, silent)
    assert state.values[0].tolist() == [0, 0, 0, 1]
    assert state.memory.height == 1


def test_periods_without_data_close_with_noise_of_their_own() -> None:
    drawn = []

    def law(draws: int) -> list[int]:
        drawn.append(draws)
        return [1024] * draws

    state = TrendState.before(trend()).advance(rows([]), 2, law)
    assert drawn == [2, 2]
    assert (state.values != 0).all()


@pytest.mark.parametrize("strategy", ["separate", "toeplitz", "tree"])
def test_what_no_later_row_needs_is_forgotten(strategy: str) -> None:
    everybody = rows([(f"p{n}", 0, n % HORIZON) for n in range(30)])
    state = TrendState.before(trend(strategy))
    kept = {"separate": [0] * 5, "toeplitz": [1, 2, 3, 4, 5], "tree": [1, 2, 3, 0, 1]}
    for until in range(1, HORIZON):
        state = state.advance(everybody, until, silent)
        assert np.count_nonzero(state.history) == kept[strategy][until - 1]
        assert state.memory.height == 5 * until
    state = state.advance(everybody, HORIZON, silent)
    assert not state.history.any()
    assert state.memory.is_empty()
    assert state.values[0].tolist() == [5, 10, 15, 20, 25, 30]


def test_nothing_closes_past_the_horizon() -> None:
    for until in (HORIZON + 1, -1, 2.0, True):
        with pytest.raises(StudyInvalid, match="horizon"):
            TrendState.before(trend()).advance(DATA, until, refuses)  # type: ignore[arg-type]


def test_rows_that_are_no_rows_draw_nothing() -> None:
    with pytest.raises(SightingsInvalid):
        TrendState.before(trend()).advance(rows([("ana", 2, 0)]), 1, refuses)
    with pytest.raises(SightingsInvalid):
        TrendState.before(trend()).advance(DATA.drop("period"), 1, refuses)


def test_a_count_out_of_range_draws_nothing_and_is_not_told() -> None:
    huge = np.array([[2**51], [0]], dtype=np.int64)
    state = replace(TrendState.before(trend()).advance(DATA, 1, silent), history=huge)
    with pytest.raises(CountOutOfRange):
        state.advance(DATA, 2, refuses)


def test_no_picture_of_a_state_shows_what_is_in_it() -> None:
    state = TrendState.before(trend()).advance(DATA, 3, silent)
    for hidden in ("noisy", "history", "memory", "values", "array"):
        assert hidden not in repr(state)


def test_a_trend_says_how_far_one_contributor_moves_it() -> None:
    made = trend(max_series=7)
    assert made.sensitivity == made.strategy.sensitivity(2, 2)
    for wrong in (
        {"participations": 0},
        {"max_series": 0},
        {"series": ()},
        {"series": ("Nike", "Nike")},
    ):
        with pytest.raises(StudyInvalid):
            trend(**wrong)


def test_two_trends_have_one_identity_only_where_everything_is_equal() -> None:
    others = [
        {"policy": "sha256:" + "1" * 64},
        {"dataset": "other"},
        {"statistic": "other"},
        {"series": ("Nike", "Adidas")},
        {"strategy": strategy_named("tree", HORIZON)},
        {"strategy": strategy_named("toeplitz", HORIZON + 1)},
        {"participations": 3},
        {"max_series": 1},
        {"noise": "discrete-gaussian 101"},
    ]
    identities = {trend(**changed).identity() for changed in others}
    assert len(identities) == len(others)
    assert trend().identity() not in identities
    assert trend().identity() == trend().identity()
