"""What one contributor can change, on random tables: the sensitivity that the noise is made for.

Ids such as 'a' and 'a ' are two contributors here: canonicalisation happens in the sources,
before an id is keyed (tests of the sources cover it).
"""

from dataclasses import replace

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics.bounding import _keep, bound
from engine.statistics.interface import SIGHTING_SCHEMA, CountStatistic, Dimension
from policies.amounts import Epsilon

BRAND = Dimension("brand", ("Nike", "Adidas", "Puma", "Zara"))
WEEK = Dimension("week", ("2026-W25", "2026-W23", "2026-W24"))
STATISTIC = CountStatistic("brand_by_week", (BRAND, WEEK), Epsilon.parse("1"))
FLIPPED = replace(STATISTIC, by=(WEEK, BRAND))

rows = st.tuples(
    st.sampled_from(["a", "a ", "A", "b", "ab", "c", "\u00e9", "e\u0301", "", None]),
    st.sampled_from(["brand", "brand", "brand", "scene", None]),
    st.sampled_from([*BRAND.keys, "nike", "Private Person", None]),
    st.sampled_from([*WEEK.keys, "2026-W22", "1999-W01", None]),
    st.sampled_from(["EU", None]),
    st.sampled_from(["x", None]),
)
tables = st.lists(rows, max_size=60)
keys = st.binary(min_size=32, max_size=32)
bounds = st.integers(1, 13)


def _frame(table: list[tuple[str | None, ...]]) -> pl.DataFrame:
    return pl.DataFrame(table, schema=SIGHTING_SCHEMA, orient="row")


def _kept(
    table: list[tuple[str | None, ...]],
    k: int,
    key: bytes,
    statistic: CountStatistic = STATISTIC,
) -> set[tuple[str, ...]]:
    kept = list(_keep(_frame(table), statistic, k, key).iter_rows())
    assert len(set(kept)) == len(kept)
    return set(kept)


@settings(max_examples=150, deadline=None)
@given(tables, bounds, keys, st.data())
def test_without_one_contributor_the_others_rows_stay_and_k_counts_move_by_one(
    table: list[tuple[str | None, ...]], k: int, key: bytes, data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(sorted({r[0] for r in table if r[0]} | {"nobody"})))
    fewer = [r for r in table if r[0] != gone]
    before, after = _kept(table, k, key), _kept(fewer, k, key)
    assert {row for row in before if row[0] != gone} == after
    counts = bound(_frame(table), STATISTIC, k, key).count()
    smaller = bound(_frame(fewer), STATISTIC, k, key).count()
    moved = [x - y for x, y in zip(counts["count"], smaller["count"], strict=True)]
    assert sum(m != 0 for m in moved) <= k
    assert set(moved) <= {0, 1}
    # The grid, its order and its type are the policy's alone.
    assert counts.drop("count").equals(smaller.drop("count"))
    assert counts.schema["count"] == pl.Int64


@settings(max_examples=80, deadline=None)
@given(tables, bounds, keys, st.randoms(use_true_random=False))
def test_neither_the_rows_order_nor_their_number_matters(
    table: list[tuple[str | None, ...]], k: int, key: bytes, random: object
) -> None:
    shuffled = table + table[: len(table) // 2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _kept(table, k, key) == _kept(shuffled, k, key)


@settings(max_examples=80, deadline=None)
@given(tables, bounds, keys)
def test_nobody_keeps_more_than_k_cells_and_nobody_loses_cells_below_k(
    table: list[tuple[str | None, ...]], k: int, key: bytes
) -> None:
    kept = _kept(table, k, key)
    touched = {
        (r[0], r[2], r[3])
        for r in table
        if r[0] and r[1] == "brand" and r[2] in BRAND.keys and r[3] in WEEK.keys
    }
    assert kept <= touched
    for contributor in {cell[0] for cell in touched}:
        theirs = [cell for cell in touched if cell[0] == contributor]
        assert len([cell for cell in kept if cell[0] == contributor]) == min(k, len(theirs))


@settings(max_examples=60, deadline=None)
@given(tables, keys)
def test_the_count_is_the_number_of_distinct_contributors(
    table: list[tuple[str | None, ...]], key: bytes
) -> None:
    # With K as large as the grid the bound takes nothing, and a plain Python count must agree.
    counts = bound(_frame(table), FLIPPED, FLIPPED.cells, key).count()
    for week, brand, count in counts.iter_rows():
        those = {r[0] for r in table if r[0] and r[1:4] == ("brand", brand, week)}
        assert count == len(those)
