"""Who counts in a period, and what is remembered of it."""

from collections.abc import Iterable

import polars as pl
import pytest

from engine.statistics.errors import SightingsInvalid
from engine.statistics.running.memory import (
    MEMORY_SCHEMA,
    ROW_SCHEMA,
    admit,
    nobody,
    per_series,
    require_rows,
)

ANA, BEN = b"a" * 16, b"b" * 16


def _rows(rows: Iterable[tuple[object, object, object]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ROW_SCHEMA, orient="row")


def _admitted(
    shown: Iterable[tuple[bytes, int]], memory: pl.DataFrame, p: int = 1, k: int = 9
) -> tuple[set[tuple[bytes, int]], pl.DataFrame]:
    rows = _rows((who, series, 0) for who, series in shown)
    counted, after = admit(rows, memory, participations=p, max_series=k)
    assert after.schema == MEMORY_SCHEMA
    assert len(set(counted.iter_rows())) == counted.height
    return set(counted.iter_rows()), after


def test_a_contributor_counts_once_a_period_however_often_they_show_up() -> None:
    counted, memory = _admitted([(ANA, 0), (ANA, 0), (ANA, 1), (BEN, 0)], nobody(), p=2)
    assert counted == {(ANA, 0), (ANA, 1), (BEN, 0)}
    assert set(memory.iter_rows()) == {(ANA, 0, 1), (ANA, 1, 1), (BEN, 0, 1)}


def test_the_first_periods_count_and_no_more() -> None:
    memory = nobody()
    for expected in ({(ANA, 0)}, {(ANA, 0)}, set(), set()):
        counted, memory = _admitted([(ANA, 0)], memory, p=2)
        assert counted == expected
    counted, _ = _admitted([(ANA, 1), (BEN, 0)], memory, p=2)
    assert counted == {(ANA, 1), (BEN, 0)}


def test_the_first_series_count_and_go_on_counting() -> None:
    _, memory = _admitted([(ANA, 3), (ANA, 5)], nobody(), p=2, k=2)
    counted, memory = _admitted([(ANA, 1), (ANA, 3), (BEN, 1)], memory, p=2, k=2)
    assert counted == {(ANA, 3), (BEN, 1)}


def test_of_too_many_series_at_once_those_that_go_in_differ_by_contributor() -> None:
    people = [bytes([n]) * 16 for n in range(60)]
    counted, memory = _admitted([(who, s) for who in people for s in range(4)], nobody(), k=2)
    for who in people:
        assert len([row for row in counted if row[0] == who]) == 2
    # Each of four series gets about half of them: 30 give or take 4, and never so few or many.
    assert all(
        10 < count < 50
        for count in per_series(
            pl.DataFrame(list(counted), schema=["contributor", "series"], orient="row"), 4
        )
    )
    again, _ = _admitted(
        [(who, s) for who in reversed(people) for s in (3, 2, 1, 0)], nobody(), k=2
    )
    assert again == counted
    alone, _ = _admitted([(people[7], s) for s in range(4)], nobody(), k=2)
    assert alone == {row for row in counted if row[0] == people[7]}
    assert memory.height == 120


def test_series_without_anybody_count_zero() -> None:
    counted, memory = admit(_rows([]), nobody(), participations=1, max_series=1)
    assert per_series(counted, 3).tolist() == [0, 0, 0]
    assert memory.schema == MEMORY_SCHEMA


@pytest.mark.parametrize(
    "row",
    [
        (b"a" * 15, 0, 0),
        (b"a" * 17, 0, 0),
        (b"", 0, 0),
        (None, 0, 0),
        (ANA, None, 0),
        (ANA, 2, 0),
        (ANA, 0, None),
    ],
)
def test_rows_that_name_nobody_or_nothing_are_refused(row: tuple[object, object, object]) -> None:
    require_rows(_rows([(ANA, 1, 7)]), 2)
    require_rows(_rows([]), 2)
    with pytest.raises(SightingsInvalid):
        require_rows(_rows([(ANA, 0, 0), row]), 2)


def test_rows_of_another_schema_are_refused() -> None:
    with pytest.raises(SightingsInvalid, match="schema"):
        require_rows(_rows([]).with_columns(pl.col("series").cast(pl.Int64)), 2)
