"""Record and replay through the whole door (Re:cord-play, 2026, arXiv 2602.17454).

A release on a table is recorded: what each mechanism was asked for, and what it drew. It is then
replayed with the same draws and the same key on the table without one contributor. Whatever is not
a noisy number must come out the same, to the last bit, and an error too; and the noisy numbers may
differ by no more than was declared. Nothing else of that contributor can then reach a reader.

Controls put known faults in; the same check must find each of them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics import (
    FINGERPRINT_SCHEMA,
    SIGHTING_SCHEMA,
    Contributors,
    Dimension,
    Photos,
    RunningTotal,
    Statistic,
    Study,
    Together,
    Top,
    bounding,
    near_duplicates,
    release,
)
from engine.statistics.errors import SightingsInvalid
from engine.statistics.interface import strategy_of
from engine.statistics.measures import Measure
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, GeometricLaw
from engine.statistics.top import TopLaw
from policies.amounts import Epsilon, Rho
from policies.periods import monday
from tests.statistical.auditing import reserved

BRAND = Dimension("brand", ("Nike", "Adidas", "Puma"))
FAMILY = Dimension("parent", ("Puma", "Sports"), (("Nike", "Sports"), ("Adidas", "Sports")))
WEEK = Dimension("week", ("2026-W25", "2026-W23", "2026-W24"))
SCENE = Dimension("with_scene", ("beach", "bar"))
WITH = Dimension("with_brand", BRAND.keys)
REGION = Dimension("region", ("EU", "US"))
Kind = tuple[str, tuple[Dimension, ...], Measure]
KINDS: tuple[Kind, ...] = (
    ("crowd", (WEEK,), Contributors()),
    ("everybody", (), Contributors()),
    ("plain", (BRAND, WEEK), Contributors()),
    ("families", (FAMILY, REGION), Contributors()),
    ("photos", (BRAND, WEEK), Photos(3)),
    ("all_photos", (), Photos(4)),
    ("pairs", (BRAND, SCENE, WEEK), Together()),
    ("brands", (WITH, BRAND), Together()),
    ("total", (WEEK, BRAND), RunningTotal(2)),
    ("top", (WEEK, BRAND), Top(2)),
)
DOOR = import_module("engine.statistics.release")
KEY = bytes(range(32))
NOISY = ("value", "low95", "high95")

rows = st.tuples(
    st.sampled_from(["a", "a ", "A", "b", "c", "\u00e9", "e\u0301", "x" * 5000, "", None]),
    st.integers(0, 4) | st.just(2**64 - 1) | st.none(),
    st.sampled_from(["brand", "brand", "brand", "scene", "photo", "photo", "no kind", None]),
    st.sampled_from([*BRAND.keys, "beach", "bar", "nike", "Private Person", "\0", "", None]),
    st.sampled_from([*map(monday, WEEK.keys), date.min, date.max, monday("2026-W22"), None]),
    st.sampled_from(["EU", "US", "Atlantis", None]),
    st.sampled_from(["x", None]),
)
Table = Sequence[tuple[object, ...]]
tables = st.lists(rows, max_size=40)
Marks = Sequence[tuple[object, ...]]
"""Of photos: contributor, photo, fingerprint."""
marks_of_all = st.lists(
    st.tuples(
        st.sampled_from(["a", "a ", "A", "b", "c", "", None]),
        st.integers(0, 4) | st.just(2**64 - 1) | st.none(),
        st.integers(0, 90).map(lambda bits: ((1 << bits) - 1).to_bytes(32, "big"))
        | st.binary(max_size=33)
        | st.none(),
    ),
    max_size=25,
)


def study(price: Epsilon | Rho, max_cells: int, kinds: Sequence[Kind] = KINDS) -> Study:
    return Study(tuple(Statistic(name, by, price, m) for name, by, m in kinds), max_cells)


studies = st.builds(
    study,
    st.sampled_from([Epsilon.parse("1"), Rho.parse("0.1")]),
    st.sampled_from([1, 2, 5]),
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique_by=lambda kind: kind[0]),
)


@dataclass
class Tape:
    """What mechanisms were asked for and what they drew; played back on the second release."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    drawn: list[list[int]] = field(default_factory=list)
    scores: list[list[int]] = field(default_factory=list)
    """Of each list of a top: what noise was added to."""

    def again(self) -> "Tape":
        """Return a tape that gives the same draws and notes afresh what is asked for."""
        return Tape(drawn=list(self.drawn))

    def draw(self, law: object, draws: int) -> list[int]:
        place = len(self.asked)
        self.asked.append((law, draws))
        if place == len(self.drawn):
            self.drawn.append(np.random.default_rng(place).integers(-9, 10, draws).tolist())
        return self.drawn[place]

    def first(self, law: TopLaw, scores: Sequence[int]) -> list[int]:
        """Return the k highest scores with noise, as the mechanism does."""
        self.scores.append(list(scores))
        noise = self.draw(law, len(scores))
        noisy = [score + 3 * z for score, z in zip(scores, noise, strict=True)]
        return sorted(range(len(noisy)), key=lambda place: (-noisy[place], place))[: law.k]


@dataclass(frozen=True)
class Outcome:
    """What a release gave: its table or its error, and the exact counts behind it."""

    table: pl.DataFrame
    error: tuple[object, str] | None
    counts: dict[str, np.ndarray]
    tape: Tape


@contextmanager
def _patched(changes: Sequence[tuple[object, str, object]]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for where, name, what in changes:
            patch.setattr(where, name, what)
        yield


def _released(table: Table, of: Study, tape: Tape, marks: Marks = ()) -> Outcome:
    frame = near_duplicates.counted_once(
        pl.DataFrame(list(table), schema=SIGHTING_SCHEMA, orient="row"),
        pl.DataFrame(list(marks), schema=FINGERPRINT_SCHEMA, orient="row"),
    )
    counts: dict[str, np.ndarray] = {}
    noised = DOOR.noised

    def noted(of: Study, statistic: Statistic, exact: np.ndarray) -> Any:
        counts[statistic.id] = exact.copy()
        return noised(of, statistic, exact)

    def drawn(law: object, draws: int) -> list[int]:
        return tape.draw(law, draws)

    def listed(law: TopLaw, scores: Sequence[int]) -> list[int]:
        return tape.first(law, scores)

    laws = (GeometricLaw, DiscreteLaplace, DiscreteGaussian)
    changes: list[tuple[object, str, object]] = [(law, "draw", drawn) for law in laws]
    with _patched([*changes, (TopLaw, "draw", listed), (DOOR, "noised", noted)]):
        try:
            made = release(frame, of, reserved(of), KEY).table
        except Exception as error:
            return Outcome(pl.DataFrame(), (type(error), str(error)), counts, tape)
    return Outcome(made, None, counts, tape)


def _compare(of: Study, table: Table, *gone: object, marks: Marks = ()) -> None:
    """Fail where the release shows more of a person, by these accounts, than was declared."""
    before = _released(table, of, Tape(), marks)
    fewer, others = ([row for row in rows if row[0] not in gone] for rows in (table, marks))
    after = _released(fewer, of, before.tape.again(), others)
    assert before.error == after.error
    assert before.tape.asked == after.tape.asked
    if before.error is not None:
        return
    assert _public(before.table, of).equals(_public(after.table, of))
    for statistic in of.statistics:
        _require_within(of, statistic, before, after)


def _public(table: pl.DataFrame, of: Study) -> pl.DataFrame:
    """Return all that may not depend on the data: every field but noisy numbers.

    How far the bounds are from the value is among it. Of a top, the labels are noisy and the
    places are not.
    """
    tops = [s.id for s in of.statistics if isinstance(s.measure, Top)]
    is_top = pl.col("statistic").is_in(tops)
    labels = [name for name in ("brand",) if name in table.columns]
    return table.with_columns(
        *(pl.when(is_top).then(None).otherwise(pl.col(name)).alias(name) for name in labels),
        place=pl.when(is_top).then(pl.col("value")),
        below=pl.col("value") - pl.col("low95"),
        above=pl.col("high95") - pl.col("value"),
    ).drop(NOISY)


def _require_within(of: Study, statistic: Statistic, before: Outcome, after: Outcome) -> None:
    counted = before.counts[statistic.id] - after.counts[statistic.id]
    if isinstance(statistic.measure, Top):
        pairs = zip(before.tape.scores, after.tape.scores, strict=True)
        moved = np.array([np.subtract(*pair) for pair in pairs])
        assert ((moved >= 0) & (moved <= of.accounts)).all()
        assert np.count_nonzero(moved.any(axis=1)) <= of.bound(statistic) * of.accounts
        return
    values = _values(before.table, statistic) - _values(after.table, statistic)
    if isinstance(statistic.measure, RunningTotal):
        # Noise goes to sums of periods; what is released is read off them.
        by_series = counted.reshape(len(WEEK.keys), -1).T
        assert (by_series.cumsum(axis=1) == values.reshape(by_series.shape[::-1]).T).all()
        moved = by_series @ strategy_of(statistic).encoder.T
    else:
        assert (values == counted).all()
        moved = counted
    declared = of.sensitivity(statistic)
    assert np.abs(moved).max(initial=0) <= declared.linf
    assert np.abs(moved).sum() <= declared.l1
    assert (moved**2).sum() <= declared.l2_squared


def _values(table: pl.DataFrame, statistic: Statistic) -> np.ndarray:
    return table.filter(pl.col("statistic") == statistic.id)["value"].to_numpy()


def _someone(table: Table, data: st.DataObject) -> object:
    return data.draw(st.sampled_from(sorted({str(row[0]) for row in table if row[0]} | {"z"})))


@pytest.mark.timeout(600)
@settings(max_examples=100, deadline=None)
@given(tables, studies, marks_of_all, st.data())
def test_a_release_shows_of_one_contributor_what_was_declared(
    table: Table, of: Study, marks: Marks, data: st.DataObject
) -> None:
    _compare(of, table, _someone(table, data), marks=marks)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@settings(max_examples=10_000, deadline=None)
@given(tables, studies, marks_of_all, st.data())
def test_ten_thousand_releases_show_of_one_contributor_what_was_declared(
    table: Table, of: Study, marks: Marks, data: st.DataObject
) -> None:
    _compare(of, table, _someone(table, data), marks=marks)


def _busy(who: str, photos: int = 7) -> list[tuple[object, ...]]:
    """Everything in every week, many times over."""
    return [
        (who, photo, kind, label, monday(week), region, "x")
        for week in WEEK.keys
        for photo in range(photos)
        for region in REGION.keys
        for kind, label in [
            ("photo", ""),
            *(("brand", brand) for brand in BRAND.keys),
            *(("scene", scene) for scene in SCENE.keys),
        ]
    ]


CROWD = [*_busy("a"), *_busy("b", 2), *_busy("c", 3)]
ALIKE = [(who, photo, bytes(32)) for who in "abc" for photo in range(1, 6)]
"""Of everybody, photos that all look the same, to whoever compares them."""
PURE, CONCENTRATED = study(Epsilon.parse("1"), 2), study(Rho.parse("0.1"), 2)
both = pytest.mark.parametrize("of", [PURE, CONCENTRATED], ids=["epsilon", "rho"])


@both
def test_a_contributor_of_everything_moves_it_as_far_as_was_declared(of: Study) -> None:
    for gone in ("a", "b", "nobody"):
        _compare(of, CROWD, gone)


@both
def test_photos_that_look_the_same_move_no_more_than_was_declared(of: Study) -> None:
    for gone in ("a", "b"):
        _compare(of, CROWD, gone, marks=ALIKE)


@both
def test_a_person_of_two_accounts_moves_it_as_far_as_was_declared(of: Study) -> None:
    _compare(replace(of, accounts=2), CROWD, "a", "c")


@both
def test_nobody_at_all_is_a_neighbour_of_one(of: Study) -> None:
    _compare(of, _busy("a"), "a")


@both
@pytest.mark.parametrize(
    "row",
    [
        ("z", None, None, None, None, None, None),
        ("z", 2**64 - 1, "brand", "Nike", date.max, "\ud7ff", "\0"),
        ("z", 0, "brand", "x" * 1_000_000, date.min, "EU", "x"),
        ("\u202e\0z", 0, "photo", "", monday("2026-W23"), "EU", "x"),
    ],
)
def test_one_absurd_record_changes_nothing_but_noisy_numbers(
    of: Study, row: tuple[object, ...]
) -> None:
    _compare(of, [*CROWD, row], row[0])


def test_somebody_in_place_of_another_moves_twice_as_much_and_no_more() -> None:
    # The relation is add or remove: replacing one by another is two steps, and is paid twice.
    for statistic in PURE.statistics:
        if isinstance(statistic.measure, Top | RunningTotal):
            continue
        one, other = (
            _released([*_busy("b"), *_busy(who)], PURE, Tape()).counts[statistic.id]
            for who in ("a", "z")
        )
        declared = PURE.sensitivity(statistic)
        assert np.abs(one - other).sum() <= 2 * declared.l1
        assert ((one - other) ** 2).sum() <= 4 * declared.l2_squared


Fault = Callable[[], Sequence[tuple[object, str, object]]]


def _clip_ignored() -> Sequence[tuple[object, str, object]]:
    touched = bounding.touched  # type: ignore[attr-defined]

    def all_photos(sightings: pl.LazyFrame, statistic: Statistic) -> pl.LazyFrame:
        if isinstance(statistic.measure, Photos):
            return touched(sightings, replace(statistic, measure=Photos(1_000_000)))
        return touched(sightings, statistic)

    return [(bounding, "touched", all_photos)]


def _rank_of_all_rows(cells: pl.LazyFrame, statistic: Statistic, most: int, seed: int) -> Any:
    """Keep K cells of each, by a shuffle whose seed is fixed and whose rows are everybody's."""
    shuffled = cells.sort("cell", "contributor").with_columns(
        place=pl.int_range(pl.len()).shuffle(seed=7)
    )
    kept = pl.col("place").rank("ordinal").over("contributor") <= most
    return shuffled.filter(kept).drop("place")


def _rank_without_a_key() -> Sequence[tuple[object, str, object]]:
    return [(bounding, "_keep", _rank_of_all_rows)]


def _no_bound() -> Sequence[tuple[object, str, object]]:
    return [(bounding, "_keep", lambda cells, statistic, most, seed: cells)]


def _clamped_to_the_crowd() -> Sequence[tuple[object, str, object]]:
    noised = DOOR.noised

    def clamped(of: Study, statistic: Statistic, exact: np.ndarray) -> Any:
        drawn = noised(of, statistic, exact)
        # As diffprivlib's count_nonzero does: no answer above the number of rows.
        return replace(drawn, values=[min(v, int(exact.sum())) for v in drawn.values])

    return [(DOOR, "noised", clamped)]


def _an_error_for_somebody() -> Sequence[tuple[object, str, object]]:
    bound = DOOR.bound

    def picky(sightings: pl.DataFrame, *rest: Any) -> Any:
        if "a" in sightings["contributor"].to_list():
            raise SightingsInvalid("a row that is not understood")
        return bound(sightings, *rest)

    return [(DOOR, "bound", picky)]


@both
def test_control_photos_that_are_compared_across_contributors_are_found(of: Study) -> None:
    # Of photos that look the same only the first contributor's is left: without a, b's come back.
    once = near_duplicates.counted_once

    def across(sightings: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
        rest = marks.sort("contributor").unique("fingerprint", keep="first", maintain_order=True)
        gone = marks.join(rest, on=["contributor", "photo"], how="anti")
        return once(sightings.join(gone, on=["contributor", "photo"], how="anti"), marks.clear())

    with _patched([(near_duplicates, "counted_once", across)]), pytest.raises(AssertionError):
        _compare(of, CROWD, "a", marks=ALIKE)


@both
def test_control_two_accounts_where_one_was_declared_are_found(of: Study) -> None:
    with pytest.raises(AssertionError):
        _compare(of, CROWD, "a", "c")


@both
@pytest.mark.parametrize(
    "fault",
    [
        _clip_ignored,
        _rank_without_a_key,
        _no_bound,
        _clamped_to_the_crowd,
        _an_error_for_somebody,
    ],
    ids=lambda fault: fault.__name__,
)
def test_control_a_fault_is_found(of: Study, fault: Fault) -> None:
    with _patched(fault()), pytest.raises(AssertionError):
        _compare(of, CROWD, "a")
