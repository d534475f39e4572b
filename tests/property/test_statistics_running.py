"""Running totals on random data: day by day as at once, and nobody moves them further than stated.

The bound on contributors is checked against a second one, written here in plain Python.
"""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics.running import ROW_SCHEMA, Trend, TrendState, strategy_named
from engine.statistics.running.choice import STRATEGIES
from engine.statistics.running.store import _packed, _unpacked

PEOPLE = [bytes([n]) * 16 for n in range(5)]
SERIES = 3

Row = tuple[bytes, int, int]


@dataclass(frozen=True)
class Case:
    trend: Trend
    rows: list[Row]
    ends: list[int]
    """The periods before which each run closes."""


@st.composite
def cases(draw: st.DrawFn) -> Case:
    horizon = draw(st.integers(1, 7))
    made = Trend(
        policy="p",
        dataset="d",
        statistic="s",
        series=("x", "y", "z"),
        strategy=strategy_named(draw(st.sampled_from(sorted(STRATEGIES))), horizon),
        participations=draw(st.integers(1, 4)),
        max_series=draw(st.integers(1, 3)),
        noise="n",
    )
    row = st.tuples(
        st.sampled_from(PEOPLE), st.integers(0, SERIES - 1), st.integers(0, horizon - 1)
    )
    ends = draw(st.sets(st.integers(1, horizon), max_size=4))
    return Case(made, draw(st.lists(row, max_size=40)), sorted(ends | {horizon}))


def _frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ROW_SCHEMA, orient="row")


def _plainly(case: Case) -> np.ndarray:
    """Return x: of each contributor the first periods of the first series, by digest in a tie."""
    x = np.zeros((SERIES, case.trend.strategy.horizon), dtype=np.int64)
    for who in {who for who, _, _ in case.rows}:
        theirs = sorted(
            {
                (t, blake2b(who + s.to_bytes(4, "big"), digest_size=16).digest(), s)
                for w, s, t in case.rows
                if w == who
            }
        )
        used: dict[int, int] = {}
        for t, _, s in theirs:
            room = s in used or len(used) < case.trend.max_series
            if room and used.get(s, 0) < case.trend.participations:
                used[s] = used.get(s, 0) + 1
                x[s, t] += 1
    return x


class Noise:
    """The same noise for the same rows, however often it is asked for."""

    def __init__(self, scale: int) -> None:
        self._numbers = count()
        self._scale = scale

    def __call__(self, draws: int) -> list[int]:
        return [(next(self._numbers) * 7919 % 2003 - 1001) * self._scale for _ in range(draws)]


def _by_runs(case: Case, scale: int) -> TrendState:
    """Return the state after one run for each of the ends, saved and read again in between."""
    state, noise, closed = TrendState.before(case.trend), Noise(scale), 0
    for end in case.ends:
        # Each run sees its own periods, some that have closed, and some that wait.
        rows = [row for row in case.rows if closed - 1 <= row[2] <= end]
        state = state.advance(_frame(rows[::-1]), end, noise)
        state = _unpacked(_packed(state), case.trend)
        closed = end
    return state


def _at_once(case: Case, rows: list[Row], scale: int) -> TrendState:
    before = TrendState.before(case.trend)
    return before.advance(_frame(rows), case.trend.strategy.horizon, Noise(scale))


def _check_runs(case: Case, scale: int) -> None:
    once, runs = _at_once(case, case.rows, scale), _by_runs(case, scale)
    assert (once.noisy == runs.noisy).all()
    assert (once.values == runs.values).all()
    silent = _by_runs(case, 0)
    x = _plainly(case)
    assert (silent.noisy == x @ case.trend.strategy.encoder.T).all()
    assert (silent.values == x.cumsum(axis=1)).all()


def _check_removal(case: Case, gone: bytes) -> None:
    fewer = [row for row in case.rows if row[0] != gone]
    moved = _at_once(case, case.rows, 0).noisy - _at_once(case, fewer, 0).noisy
    stated = case.trend.sensitivity
    assert moved.min(initial=0) >= 0
    assert moved.max(initial=0) <= stated.linf
    assert moved.sum() <= stated.l1
    assert (moved**2).sum() <= stated.l2_squared


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(0, 3))
def test_run_by_run_gives_the_same_as_all_periods_at_once(case: Case, scale: int) -> None:
    _check_runs(case, scale)


@settings(max_examples=100, deadline=None)
@given(cases(), st.sampled_from(PEOPLE))
def test_one_contributor_moves_the_rows_no_further_than_stated(case: Case, gone: bytes) -> None:
    _check_removal(case, gone)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None)
@given(cases(), st.integers(0, 3))
def test_run_by_run_gives_the_same_ten_thousand_times(case: Case, scale: int) -> None:
    _check_runs(case, scale)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None)
@given(cases(), st.sampled_from(PEOPLE))
def test_one_contributor_moves_them_no_further_ten_thousand_times(case: Case, gone: bytes) -> None:
    _check_removal(case, gone)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@pytest.mark.parametrize(("participations", "max_series"), [(1, 1), (2, 1), (3, 2), (7, 3)])
def test_somebody_who_is_everywhere_moves_them_as_far_as_stated(
    name: str, participations: int, max_series: int
) -> None:
    # The bound is reached in l1 by the one who comes first, so that it can't be any lower.
    horizon = 7
    trend = Trend(
        "p",
        "d",
        "s",
        ("x", "y", "z"),
        strategy_named(name, horizon),
        participations,
        max_series,
        "n",
    )
    everywhere = [(PEOPLE[0], s, t) for s in range(SERIES) for t in range(horizon)]
    moved = _at_once(Case(trend, everywhere, [horizon]), everywhere, 0).noisy
    stated = trend.sensitivity
    assert moved.max() == stated.linf or name == "tree"
    assert moved.sum() == stated.l1 or name == "tree"
    assert (moved**2).sum() == stated.l2_squared or name == "tree"
    assert (moved**2).sum() >= 0.9 * stated.l2_squared
