import copy
import pickle
from collections import Counter
from hashlib import blake2b

import polars as pl
import pytest

from engine.statistics import bounding
from engine.statistics.bounding import SealedCells, bound
from engine.statistics.errors import Sealed, SightingsInvalid, StudyInvalid
from engine.statistics.interface import SIGHTING_SCHEMA, CountStatistic, Dimension
from policies.amounts import Epsilon

KEY = bytes(range(32))
BRANDS = tuple(f"brand {n}" for n in range(40))
WEEKS = tuple(f"2026-W{n:02d}" for n in range(1, 26))
STATISTIC = CountStatistic(
    "by_week", (Dimension("brand", BRANDS), Dimension("week", WEEKS)), Epsilon.parse("1")
)


def _frame(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _row(who: str | None, label: str, week: str, kind: str = "brand") -> tuple[str | None, ...]:
    return (who, kind, label, week, None, None)


def _many(who: str) -> list[tuple[str | None, ...]]:
    return [_row(who, BRANDS[n % 40], WEEKS[(n // 40) % 25]) for n in range(10_000)]


def test_ten_thousand_photos_of_one_contributor_count_for_k_cells() -> None:
    counts = bound(_frame(_many("busy")), STATISTIC, 5, KEY).count()["count"]
    assert counts.sum() == 5
    assert counts.max() == 1


def test_empty_input_gives_the_full_grid_of_zeros() -> None:
    counts = bound(_frame([]), STATISTIC, 5, KEY).count()
    assert counts.height == 1000
    assert counts["count"].to_list() == [0] * 1000
    assert counts.columns == ["brand", "week", "count"]
    assert counts["brand"].to_list()[:25] == ["brand 0"] * 25
    assert counts["week"].to_list()[:25] == sorted(WEEKS)


def test_what_the_policy_does_not_name_vanishes() -> None:
    rows = [
        _row("a", "brand 1", "2026-W30"),
        _row("a", "Brand 1", "2026-W01"),
        _row("a", "brand 1", "2026-W01", kind="scene"),
        _row(None, "brand 1", "2026-W01"),
        _row("", "brand 1", "2026-W01"),
    ]
    assert bound(_frame(rows), STATISTIC, 5, KEY).count()["count"].sum() == 0


def test_vanished_rows_take_no_room_under_the_bound() -> None:
    rows = [*(_row("a", f"unknown {n}", "2026-W01") for n in range(50)), *_many("a")[:1]]
    assert bound(_frame(rows), STATISTIC, 1, KEY).count()["count"].sum() == 1


def test_spellings_of_an_id_are_distinct_because_the_sources_canonicalise() -> None:
    rows = [_row(who, "brand 1", "2026-W01") for who in ("a", "a ", "A", "a")]
    assert bound(_frame(rows), STATISTIC, 1, KEY).count()["count"].sum() == 3


def test_which_cells_are_kept_follows_the_key_and_is_spread_over_all() -> None:
    frame = _frame(_many("busy")[:1000])
    picks = Counter(
        cell
        for n in range(40)
        for cell in bounding._keep(frame, STATISTIC, 50, n.to_bytes(32, "big")).iter_rows()
    )
    # 2,000 picks over 1,000 cells: 135 stay untouched on average (e^-2), were the choice uniform;
    # a choice that ignored the key would leave 950.
    assert len(picks) > 800


def test_the_choice_differs_between_statistics_and_contributors() -> None:
    other = CountStatistic("other", STATISTIC.by, STATISTIC.epsilon)
    first = set(bounding._keep(_frame(_many("a")), STATISTIC, 5, KEY).rows())
    second = set(bounding._keep(_frame(_many("a")), other, 5, KEY).rows())
    third = {
        ("a", *row[1:]) for row in bounding._keep(_frame(_many("b")), STATISTIC, 5, KEY).rows()
    }
    assert len({frozenset(first), frozenset(second), frozenset(third)}) == 3


def test_parts_of_a_digest_never_run_into_each_other() -> None:
    parts = ["", "a", "b", "ab", "1", ":", "1:a", "a1:b", "0:", "\u00e9", "e\u0301", "a" * 11]
    pairs = pl.DataFrame([(x, y) for x in parts for y in parts], schema=["x", "y"], orient="row")
    assert bounding._digests(KEY, "s", pairs).n_unique() == len(parts) ** 2


def test_a_digest_is_the_keyed_blake2b_of_the_written_form() -> None:
    row = pl.DataFrame({"contributor": ["é"], "brand": ["Nike"]})
    expected = blake2b(
        "1:s2:é4:Nike".encode(), digest_size=16, key=KEY, person=b"cl-bound-v1"
    ).digest()
    assert bounding._digests(KEY, "s", row).to_list() == [expected]


def test_equal_digests_are_broken_by_the_contributors_own_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        bounding, "_digests", lambda key, name, cells: pl.Series([b""] * cells.height)
    )
    alone = set(bounding._keep(_frame(_many("b")), STATISTIC, 5, KEY).rows())
    rows = _many("a") + _many("b") + _many("c")
    together = set(bounding._keep(_frame(rows), STATISTIC, 5, KEY).rows())
    assert alone == {row for row in together if row[0] == "b"}


def test_region_and_platform_can_be_counted_too() -> None:
    by = (
        Dimension("platform", ("x", "y")),
        Dimension("scene", ("beach",)),
        Dimension("region", ("EU",)),
    )
    rows: list[tuple[str | None, ...]] = [
        ("a", "scene", "beach", "2026-W01", "EU", "x"),
        ("b", "scene", "beach", None, "EU", "x"),
        ("c", "scene", "beach", "2026-W01", None, "x"),
        ("d", "brand", "beach", "2026-W01", "EU", "x"),
    ]
    counts = bound(_frame(rows), CountStatistic("s", by, STATISTIC.epsilon), 2, KEY).count()
    assert counts.rows() == [("x", "beach", "EU", 2), ("y", "beach", "EU", 0)]


def test_sealed_cells_are_made_by_bound_alone() -> None:
    for seal in (object(), None, True):
        with pytest.raises(Sealed):
            SealedCells(seal, _frame([]), STATISTIC)
    with pytest.raises(Sealed):
        type("Open", (SealedCells,), {})


def test_sealed_cells_can_not_be_changed_copied_or_looked_into() -> None:
    sealed = bound(_frame(_many("a")), STATISTIC, 5, KEY)
    for name in ("_cells", "_statistic", "statistic", "new"):
        with pytest.raises(Sealed):
            setattr(sealed, name, None)
    with pytest.raises(Sealed):
        del sealed._cells
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(Sealed):
            copied(sealed)
    public = {name for name in dir(sealed) if not name.startswith("_")}
    assert public == {"count", "statistic"}
    assert repr(sealed) == "<sealed cells of by_week>"


def test_a_count_that_was_handed_out_is_no_way_back_in() -> None:
    sealed = bound(_frame(_many("a")), STATISTIC, 5, KEY)
    sealed.count()[0, "count"] = 99
    assert sealed.count()["count"].sum() == 5


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        _frame([]).drop("region"),
        _frame([]).with_columns(extra=pl.lit("x")),
        _frame([]).with_columns(pl.col("week").cast(pl.Categorical)),
        _frame([]).lazy(),
        None,
    ],
)
def test_rows_of_another_shape_are_refused(frame: object) -> None:
    with pytest.raises(SightingsInvalid):
        bound(frame, STATISTIC, 5, KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [0, -1, 1.0, True, None])
def test_a_bound_that_bounds_nothing_is_refused(k: object) -> None:
    with pytest.raises(StudyInvalid):
        bound(_frame([]), STATISTIC, k, KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [b"", b"short", bytes(33), "x" * 32, None])
def test_a_key_of_another_length_is_refused(key: object) -> None:
    with pytest.raises(StudyInvalid):
        bound(_frame([]), STATISTIC, 5, key)  # type: ignore[arg-type]
