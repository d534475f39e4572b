"""What one contributor can change, on random tables: the sensitivity that the noise is made for.

Ids such as 'a' and 'a ' are two contributors here: canonicalisation happens in the sources,
before an id is keyed (tests of the sources cover it).

This is record and replay (Re:cord-play, 2026): the same pipeline on a table and on its neighbour
with the same key; what noise is added to must not differ by more than was declared.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics.bounding import bound
from engine.statistics.cells import CONTRIBUTOR
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Photos, RunningTotal, Together, Top
from engine.statistics.near_duplicates import FINGERPRINT_SCHEMA, counted_once
from engine.statistics.sightings import SIGHTING_SCHEMA
from policies.amounts import Epsilon
from policies.periods import monday, week_of

ONE = Epsilon.parse("1")
BRAND = Dimension("brand", ("Nike", "Adidas", "Puma", "Zara"))
FAMILY = Dimension("parent", ("Puma", "Sports"), (("Nike", "Sports"), ("Adidas", "Sports")))
WEEK = Dimension("week", ("2026-W25", "2026-W23", "2026-W24"))
SCENE = Dimension("with_scene", ("beach", "bar"))
WITH = Dimension("with_brand", BRAND.keys)
PLAIN = Statistic("brand_by_week", (BRAND, WEEK), ONE)
FLIPPED = Statistic("week_by_brand", (WEEK, BRAND), ONE)
STATISTICS = (
    PLAIN,
    FLIPPED,
    Statistic("families", (FAMILY, WEEK), ONE),
    Statistic("crowd", (WEEK,), ONE),
    Statistic("everybody", (), ONE),
    Statistic("photos", (BRAND, WEEK), ONE, Photos(3)),
    Statistic("all_photos", (), ONE, Photos(4)),
    Statistic("pairs", (BRAND, SCENE, WEEK), ONE, Together()),
    Statistic("brands", (BRAND, WITH), ONE, Together()),
)

rows = st.tuples(
    st.sampled_from(["a", "a ", "A", "b", "ab", "c", "\u00e9", "e\u0301", "", None]),
    st.integers(0, 4),
    st.sampled_from(["brand", "brand", "brand", "scene", "photo", None]),
    st.sampled_from([*BRAND.keys, "beach", "bar", "nike", "Private Person", "", None]),
    st.sampled_from([*map(monday, WEEK.keys), monday("2026-W22"), monday("1999-W01"), None]),
    st.sampled_from(["EU", None]),
    st.sampled_from(["x", None]),
)
Table = Sequence[tuple[object, ...]]
tables = st.lists(rows, max_size=60)
keys = st.binary(min_size=32, max_size=32)
bounds = st.integers(1, 13)


def _frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(table, schema=SIGHTING_SCHEMA, orient="row")


def _kept(
    table: Table, k: int, key: bytes, statistic: Statistic = PLAIN
) -> set[tuple[object, ...]]:
    kept = bound(_frame(table), statistic, k, key)._cells[0].collect().rows()
    assert len({row[:2] for row in kept}) == len(kept)
    return set(kept)


def _without(table: Table, data: st.DataObject) -> tuple[object, Table]:
    names = sorted({str(r[0]) for r in table if r[0]} | {"nobody"})
    gone = data.draw(st.sampled_from(names))
    return gone, [r for r in table if r[0] != gone]


def _replay(table: Table, statistic: Statistic, k: int, key: bytes, data: st.DataObject) -> None:
    gone, fewer = _without(table, data)
    before, after = _kept(table, k, key, statistic), _kept(fewer, k, key, statistic)
    assert {row for row in before if row[0] != gone} == after
    declared = Study((statistic,), k).sensitivity(statistic)
    moved = _counts(table, statistic, k, key) - _counts(fewer, statistic, k, key)
    assert moved.min(initial=0) >= 0
    assert moved.max(initial=0) <= declared.linf
    assert moved.sum() <= declared.l1
    assert (moved**2).sum() <= declared.l2_squared


def _counts(table: Table, statistic: Statistic, k: int, key: bytes) -> np.ndarray:
    counts = bound(_frame(table), statistic, min(k, statistic.units), key).count()
    # The grid, its order and its type are the policy's alone.
    assert counts.shape == (statistic.cells,)
    assert counts.dtype == np.int64
    return counts


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda s: s.id)
@settings(max_examples=25, deadline=None)
@given(tables, bounds, keys, st.data())
def test_without_one_contributor_no_count_moves_by_more_than_was_declared(
    statistic: Statistic, table: Table, k: int, key: bytes, data: st.DataObject
) -> None:
    _replay(table, statistic, k, key, data)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None)
@given(tables, bounds, keys, st.sampled_from(STATISTICS), st.data())
def test_ten_thousand_neighbours_are_replayed(
    table: Table, k: int, key: bytes, statistic: Statistic, data: st.DataObject
) -> None:
    _replay(table, statistic, k, key, data)


marks_of_all = st.lists(
    st.tuples(
        st.sampled_from(["a", "a ", "A", "b", "ab", "c", "", None]),
        st.integers(0, 4),
        st.integers(0, 120).map(lambda bits: ((1 << bits) - 1).to_bytes(32, "big")),
    ),
    max_size=30,
)


def _once(table: Table, marks: Table) -> pl.DataFrame:
    prints = pl.DataFrame(list(marks), schema=FINGERPRINT_SCHEMA, orient="row")
    return counted_once(_frame(table), prints)


@settings(max_examples=150, deadline=None)
@given(tables, marks_of_all, st.data(), st.randoms(use_true_random=False))
def test_which_photos_are_one_follows_from_their_contributors_photos_alone(
    table: Table, marks: Table, data: st.DataObject, random: object
) -> None:
    gone, fewer = _without(table, data)
    before = _once(table, marks).filter(pl.col(CONTRIBUTOR).ne_missing(pl.lit(gone)))
    assert before.equals(_once(fewer, [row for row in marks if row[0] != gone]))
    # Nor from the order of anything, and no row is lost or made.
    shuffled = [*marks]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _once(table, shuffled).equals(_once(table, marks))
    assert _once(table, marks).drop("photo").equals(_frame(table).drop("photo"))


def test_control_a_rank_by_the_rows_order_is_found_out() -> None:
    # The look catches a rank without a key: which rows of a stay would follow from b's.
    def unkeyed(table: Table) -> set[tuple[object, ...]]:
        cells = bound(_frame(table), PLAIN, 99, bytes(32))._cells[0].collect()
        order = cells.sort("cell", CONTRIBUTOR).with_row_index("place")
        return set(order.filter(pl.col("place") % 3 != 0).drop("place").rows())

    table = [(who, 0, "brand", label, monday("2026-W23"), None, None)
             for who in ("a", "b") for label in BRAND.keys]  # fmt: skip
    fewer = [row for row in table if row[0] != "a"]
    assert {row for row in unkeyed(table) if row[0] == "b"} != unkeyed(fewer)


@pytest.mark.parametrize("participations", [1, 2, 3])
@settings(max_examples=40, deadline=None)
@given(tables, st.integers(1, 4), keys, st.data())
def test_of_a_running_total_k_series_and_p_periods_of_each_move(
    participations: int, table: Table, k: int, key: bytes, data: st.DataObject
) -> None:
    statistic = Statistic("total", (BRAND, WEEK), ONE, RunningTotal(participations))
    _, fewer = _without(table, data)
    moved = _counts(table, statistic, k, key) - _counts(fewer, statistic, k, key)
    by_series = moved.reshape(len(BRAND.keys), len(WEEK.keys))
    assert set(moved.tolist()) <= {0, 1}
    assert (by_series.sum(axis=1) > 0).sum() <= k
    assert by_series.sum(axis=1).max() <= participations


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(1, 3), keys, st.data())
def test_of_a_top_k_lists_move_and_each_score_by_one(
    table: Table, k: int, key: bytes, data: st.DataObject
) -> None:
    statistic = Statistic("top", (WEEK, BRAND), ONE, Top(2))
    _, fewer = _without(table, data)
    moved = _counts(table, statistic, k, key) - _counts(fewer, statistic, k, key)
    assert set(moved.tolist()) <= {0, 1}
    assert (moved.reshape(len(WEEK.keys), -1).sum(axis=1) > 0).sum() <= k


@settings(max_examples=60, deadline=None)
@given(tables, bounds, keys, st.randoms(use_true_random=False))
def test_neither_the_rows_order_nor_their_number_matters(
    table: Table, k: int, key: bytes, random: object
) -> None:
    shuffled = [*table, *table[: len(table) // 2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _kept(table, k, key) == _kept(shuffled, k, key)


@settings(max_examples=60, deadline=None)
@given(tables, bounds, keys)
def test_nobody_keeps_more_than_k_cells_and_nobody_loses_cells_below_k(
    table: Table, k: int, key: bytes
) -> None:
    kept = Counter(row[0] for row in _kept(table, k, key))
    touched = {
        (r[0], r[3], r[4])
        for r in table
        if r[0] and r[2] == "brand" and r[3] in BRAND.keys and r[4] in _MONDAYS
    }
    theirs = Counter(cell[0] for cell in touched)
    assert kept == {who: min(k, number) for who, number in theirs.items()}


@settings(max_examples=60, deadline=None)
@given(tables, keys)
def test_the_count_is_the_number_of_distinct_contributors(table: Table, key: bytes) -> None:
    # With K as large as the grid the bound takes nothing, and a plain Python count must agree.
    counts = _counts(table, FLIPPED, FLIPPED.cells, key)
    for (week, brand), count in zip(FLIPPED.grid(), counts.tolist(), strict=True):
        those = {
            r[0]
            for r in table
            if r[0] and r[2:4] == ("brand", brand) and r[4] and week_of(r[4]) == week
        }
        assert count == len(those)


_MONDAYS = frozenset(map(monday, WEEK.keys))
