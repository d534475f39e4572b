import copy
import pickle
from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest

from engine.statistics.bounding import SealedCells, bound
from engine.statistics.cells import CELL, CONTRIBUTOR
from engine.statistics.dimensions import Dimension
from engine.statistics.errors import Sealed, SightingsInvalid, StudyInvalid
from engine.statistics.interface import Statistic
from engine.statistics.measures import Photos, RunningTotal, Together, Top
from engine.statistics.sightings import PHOTO_KIND, SIGHTING_SCHEMA
from policies.amounts import Epsilon
from policies.periods import monday

KEY = bytes(range(32))
BRANDS = tuple(f"brand {n}" for n in range(40))
WEEKS = tuple(f"2026-W{n:02d}" for n in range(1, 26))
ONE = Epsilon.parse("1")
STATISTIC = Statistic("by_week", (Dimension("brand", BRANDS), Dimension("week", WEEKS)), ONE)
Row = tuple[object, ...]


def _frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _row(who: str | None, label: str, week: str, kind: str = "brand", photo: int = 0) -> Row:
    return (who, photo, kind, label, monday(week), None, None)


def _many(who: str) -> list[Row]:
    return [_row(who, BRANDS[n % 40], WEEKS[(n // 40) % 25]) for n in range(10_000)]


def _kept(frame: pl.DataFrame, statistic: Statistic, k: int, key: bytes = KEY) -> set[Row]:
    """Look behind the seal: which cells are kept of whom."""
    kept = bound(frame, statistic, k, key)._cells[0].select(CONTRIBUTOR, CELL).collect()
    return set(kept.iter_rows())


def test_ten_thousand_photos_of_one_contributor_count_for_k_cells() -> None:
    counts = bound(_frame(_many("busy")), STATISTIC, 5, KEY).count()
    assert counts.sum() == 5
    assert counts.max() == 1


def test_empty_input_gives_the_full_grid_of_zeros() -> None:
    counts = bound(_frame([]), STATISTIC, 5, KEY).count()
    assert counts.tolist() == [0] * 1000
    assert counts.dtype == "int64"


def test_counts_stand_in_the_grids_order() -> None:
    rows = [_row("a", "brand 1", "2026-W03"), _row("b", "brand 9", "2026-W25")]
    counts = bound(_frame(rows), STATISTIC, 5, KEY).count()
    cells = dict(zip(STATISTIC.grid(), counts.tolist(), strict=True))
    assert {cell for cell, count in cells.items() if count} == {
        ("brand 1", "2026-W03"),
        ("brand 9", "2026-W25"),
    }


def test_what_the_policy_does_not_name_vanishes() -> None:
    rows = [
        _row("a", "brand 1", "2026-W30"),
        _row("a", "Brand 1", "2026-W01"),
        _row("a", "brand 1", "2026-W01", kind="scene"),
        _row(None, "brand 1", "2026-W01"),
        _row("", "brand 1", "2026-W01"),
    ]
    assert bound(_frame(rows), STATISTIC, 5, KEY).count().sum() == 0


def test_vanished_rows_take_no_room_under_the_bound() -> None:
    rows = [*(_row("a", f"unknown {n}", "2026-W01") for n in range(50)), *_many("a")[:1]]
    assert bound(_frame(rows), STATISTIC, 1, KEY).count().sum() == 1


def test_spellings_of_an_id_are_distinct_because_the_sources_canonicalise() -> None:
    rows = [_row(who, "brand 1", "2026-W01") for who in ("a", "a ", "A", "a")]
    assert bound(_frame(rows), STATISTIC, 1, KEY).count().sum() == 3


def test_which_cells_are_kept_follows_the_key_and_is_spread_over_all() -> None:
    frame = _frame(_many("busy")[:1000])
    picks = Counter(
        cell for n in range(40) for cell in _kept(frame, STATISTIC, 50, n.to_bytes(32, "big"))
    )
    # 2,000 picks over 1,000 cells: 135 stay untouched on average (e^-2), were the choice uniform;
    # a choice that ignored the key would leave 950.
    assert len(picks) > 800


def test_the_choice_differs_between_statistics_and_contributors() -> None:
    other = Statistic("other", STATISTIC.by, STATISTIC.price)
    first = {cell for _, cell in _kept(_frame(_many("a")), STATISTIC, 5)}
    second = {cell for _, cell in _kept(_frame(_many("a")), other, 5)}
    third = {cell for _, cell in _kept(_frame(_many("b")), STATISTIC, 5)}
    assert len({frozenset(first), frozenset(second), frozenset(third)}) == 3


def test_a_contributors_photos_count_up_to_the_clip() -> None:
    statistic = Statistic("photos", STATISTIC.by, ONE, Photos(3))
    rows = [_row("a", "brand 1", "2026-W01", photo=n) for n in range(9)]
    rows += [_row("b", "brand 1", "2026-W01", photo=n) for n in (1, 1, 2)]
    assert bound(_frame(rows), statistic, 5, KEY).count().sum() == 3 + 2


def test_a_count_by_no_label_is_of_all_who_posted() -> None:
    statistic = Statistic("crowd", (Dimension("week", WEEKS[:2]),), ONE)
    rows = [
        _row("a", "", WEEKS[0], PHOTO_KIND),
        _row("a", "", WEEKS[0], PHOTO_KIND, 1),
        _row("b", "", WEEKS[0], PHOTO_KIND),
        _row("b", "brand 1", WEEKS[1]),
    ]
    assert bound(_frame(rows), statistic, 2, KEY).count().tolist() == [2, 0]


def test_two_labels_meet_in_one_photo_of_one_contributor() -> None:
    by = (
        Dimension("brand", BRANDS[:3]),
        Dimension("with_scene", ("beach", "bar")),
        Dimension("week", WEEKS[:1]),
    )
    statistic = Statistic("pairs", by, ONE, Together())
    rows = [
        _row("a", "brand 1", WEEKS[0], photo=1),
        _row("a", "beach", WEEKS[0], "scene", photo=1),
        _row("a", "bar", WEEKS[0], "scene", photo=2),
        _row("b", "beach", WEEKS[0], "scene", photo=1),
        _row("c", "brand 1", WEEKS[0], photo=7),
        _row("c", "beach", WEEKS[0], "scene", photo=7),
    ]
    counts = bound(_frame(rows), statistic, 9, KEY).count().tolist()
    assert dict(zip(statistic.grid(), counts, strict=True)) == {
        **dict.fromkeys(statistic.grid(), 0),
        ("brand 1", "beach", WEEKS[0]): 2,
    }


def test_a_brand_meets_another_brand_once_a_pair() -> None:
    by = (Dimension("with_brand", BRANDS[:3]), Dimension("brand", BRANDS[:3]))
    statistic = Statistic("pairs", by, ONE, Together())
    rows = [_row("a", label, WEEKS[0]) for label in BRANDS[:2]]
    counts = bound(_frame(rows), statistic, 9, KEY).count().tolist()
    assert list(statistic.grid()) == [
        ("brand 1", "brand 0"),
        ("brand 2", "brand 0"),
        ("brand 2", "brand 1"),
    ]
    assert counts == [1, 0, 0]


def test_what_follows_from_a_brand_counts_once_however_many_brands_lead_to_it() -> None:
    families = Dimension("parent", ("P", "brand 2"), (("brand 0", "P"), ("brand 1", "P")))
    statistic = Statistic("families", (families,), ONE)
    rows = [_row("a", "brand 0", WEEKS[0]), _row("a", "brand 1", WEEKS[0])]
    assert bound(_frame(rows), statistic, 2, KEY).count().tolist() == [1, 0]


def test_of_a_running_total_the_first_periods_of_k_series_count() -> None:
    statistic = Statistic("total", STATISTIC.by, ONE, RunningTotal(participations=2))
    kept = _kept(_frame(_many("a")), statistic, 3)
    series = Counter(cell // len(WEEKS) for _, cell in kept)
    assert list(series.values()) == [2, 2, 2]
    assert {cell % len(WEEKS) for _, cell in kept} == {0, 1}


def test_a_top_bounds_the_lists_and_not_the_labels() -> None:
    by = (Dimension("week", WEEKS), Dimension("brand", BRANDS))
    statistic = Statistic("tops", by, ONE, Top(3))
    kept = _kept(_frame(_many("a")), statistic, 2)
    assert Counter(Counter(cell // len(BRANDS) for _, cell in kept).values()) == {40: 2}


@pytest.mark.parametrize(
    ("period", "keys"),
    [("day", ("2026-06-01", "2026-06-30")), ("month", ("2026-06", "2026-07"))],
)
def test_days_and_months_are_periods_too(period: str, keys: tuple[str, ...]) -> None:
    by = (Dimension("brand", ("Nike",)), Dimension(period, keys))
    rows: list[Row] = [("a", 0, "brand", "Nike", monday("2026-W23"), None, None)]
    counts = bound(_frame(rows), Statistic("s", by, ONE), 9, KEY).count()
    assert counts.tolist() == [1, 0]


def test_region_and_platform_can_be_counted_too() -> None:
    by = (
        Dimension("platform", ("x", "y")),
        Dimension("scene", ("beach",)),
        Dimension("region", ("EU",)),
    )
    day = monday("2026-W01")
    rows: list[Row] = [
        ("a", 0, "scene", "beach", day, "EU", "x"),
        ("b", 0, "scene", "beach", None, "EU", "x"),
        ("c", 0, "scene", "beach", day, None, "x"),
        ("d", 0, "brand", "beach", day, "EU", "x"),
    ]
    counts = bound(_frame(rows), Statistic("s", by, ONE), 2, KEY).count()
    assert list(Statistic("s", by, ONE).grid()) == [("x", "beach", "EU"), ("y", "beach", "EU")]
    assert counts.tolist() == [2, 0]


def test_sealed_cells_are_made_by_bound_alone() -> None:
    for seal in (object(), None, True):
        with pytest.raises(Sealed):
            SealedCells(seal, (_frame([]).lazy(),), STATISTIC)
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
    sealed.count()[0] = 99
    assert sealed.count().sum() == 5


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        _frame([]).drop("region"),
        _frame([]).with_columns(extra=pl.lit("x")),
        _frame([]).with_columns(pl.col("label").cast(pl.Categorical)),
        _frame([]).drop("photo").lazy(),
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


@pytest.mark.parametrize(
    ("period", "keys", "written"),
    [
        ("week", ("2025-W51", "2025-W52", "2026-W01", "2026-W02"), "%G-W%V"),
        ("week", ("2025-W51", "2026-W02"), "%G-W%V"),
        ("month", ("2025-11", "2025-12", "2026-01"), "%Y-%m"),
        ("month", ("2025-11", "2026-01"), "%Y-%m"),
        ("day", ("2025-12-31", "2026-01-01"), "%Y-%m-%d"),
        ("day", ("2025-12-30", "2026-01-01"), "%Y-%m-%d"),
    ],
)
def test_a_day_counts_for_its_period_across_the_turn_of_a_year(
    period: str, keys: tuple[str, ...], written: str
) -> None:
    days = [date(2025, 10, 1) + timedelta(days=n) for n in range(200)]
    days += [date.min, date.max, date(1969, 12, 31), date(1970, 1, 1)]
    rows: list[Row] = [(f"c{n}", 0, "brand", "Nike", day, None, None) for n, day in enumerate(days)]
    statistic = Statistic("s", (Dimension("brand", ("Nike",)), Dimension(period, keys)), ONE)
    counts = bound(_frame(rows), statistic, 9, KEY).count().tolist()
    expected = Counter(day.strftime(written) for day in days)
    assert counts == [expected[key] for key in keys]
