"""Who objects, and who did not agree, stays out before a photo is looked at."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sources import Admission, SourcePhoto, SourceUnusable, find_source, read_identities
from engine.sources.admission import consents
from tests.places import write_manifest
from tests.planted.exports import Shot, write_instagram, write_tumblr, write_x, zipped

KEY = b"k" * 32
MARKS = b"m" * 32
DAYS = (date(2026, 6, 1), date(2026, 6, 14))
ROWS = [
    ("a.jpg", "ana", "2026-06-02"),
    ("b.jpg", " Ben", "2026-06-03"),
    ("c.jpg", "BEN", "2026-06-04"),
    ("d.jpg", "cai", "2026-06-05"),
]
WITHOUT_BEN = {"a.jpg", "d.jpg"}


def names(photos: tuple[SourcePhoto, ...]) -> set[str]:
    return {photo.file.path.name for photo in photos}  # type: ignore[attr-defined]


def test_all_photos_of_who_objects_stay_out_however_the_account_is_spelt(tmp_path: Path) -> None:
    source = find_source(write_manifest(tmp_path, ROWS))
    assert names(source.photos(*DAYS, KEY)) == {row[0] for row in ROWS}
    kept = source.photos(*DAYS, KEY, admission=Admission({"ben"}))
    assert names(kept) == WITHOUT_BEN
    everybody = source.photos(*DAYS, KEY)
    # The others' rows are what they were.
    assert set(kept) == {p for p in everybody if p.file.path.name in WITHOUT_BEN}  # type: ignore[attr-defined]


def test_nothing_of_a_row_that_stays_out_is_looked_at(tmp_path: Path) -> None:
    """Not even whether its path stays inside, or its date is one."""
    rows = [*ROWS, ("../away.jpg", "ben", "2026-06-02"), ("e.jpg", "ben", "never")]
    source = find_source(write_manifest(tmp_path, rows))
    with pytest.raises(SourceUnusable):
        source.photos(*DAYS, KEY)
    assert names(source.photos(*DAYS, KEY, admission=Admission({"ben"}))) == WITHOUT_BEN


WRITERS: dict[str, Callable[..., Path]] = {
    "instagram": write_instagram,
    "x": write_x,
    "tumblr": write_tumblr,
    "zipped x": lambda *a: zipped(write_x(*a)),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_an_export_of_who_objects_gives_no_photo(tmp_path: Path, kind: str) -> None:
    shots = [Shot(b"picture", date(2026, 6, 2), "")]
    source = find_source(WRITERS[kind](tmp_path / "export", "Ben", shots))
    assert len(source.photos(*DAYS, KEY)) > 0
    assert source.photos(*DAYS, KEY, admission=Admission({"ben"})) == ()
    assert len(source.photos(*DAYS, KEY, admission=Admission({"ana"}))) > 0


def test_of_many_exports_those_of_who_objects_stay_out(tmp_path: Path) -> None:
    for account, write in (("Ana", write_x), ("Ben", write_instagram), ("ben", write_tumblr)):
        picture = f"of {account}".encode()
        write(tmp_path / "all" / account, account, [Shot(picture, date(2026, 6, 2), "")])
    source = find_source(tmp_path / "all")
    seen = {p.read(99) for p in source.photos(*DAYS, KEY, admission=Admission({"ben"}))}
    assert seen - {b""} == {b"of Ana"}


def test_an_objection_by_one_account_is_one_by_the_whole_person(tmp_path: Path) -> None:
    source = find_source(write_manifest(tmp_path / "photos", ROWS))
    (tmp_path / "map.csv").write_text("account,person\nBen,p1\ncai,P1\nana,p2\nelsewhere,p2\n")
    persons = read_identities(tmp_path / "map.csv")
    for objector, kept in (
        ("cai", {"a.jpg"}),
        ("ben", {"a.jpg"}),
        ("elsewhere", {"b.jpg", "c.jpg", "d.jpg"}),
        # A person's name is no account's.
        ("p1", {"a.jpg", "b.jpg", "c.jpg", "d.jpg"}),
    ):
        admission = Admission({objector})
        assert names(source.photos(*DAYS, KEY, persons, admission=admission)) == kept
        # One admission serves whatever map it is asked with.
        alone = names(source.photos(*DAYS, KEY, {}, admission=admission))
        assert alone == {r[0] for r in ROWS if r[1].strip().lower() != objector}


def _with_consent(folder: Path, cells: list[object], kind: str) -> Path:
    folder.mkdir()
    rows = [
        {"path": f"{n}.jpg", "contributor": "ana", "taken_at": "2026-06-02", "consent": cell}
        for n, cell in enumerate(cells)
    ]
    if kind == "jsonl":
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "photos.jsonl").write_text(text)
    elif kind == "parquet":
        pl.DataFrame(rows, strict=False).write_parquet(folder / "photos.parquet")
    else:
        lines = [f"{r['path']},ana,2026-06-02,{r['consent'] or ''}" for r in rows]
        head = "path,contributor,taken_at,consent"
        (folder / "photos.csv").write_text("\n".join([head, *lines]) + "\n")
    return folder


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("asked", [True, False])
def test_only_rows_that_say_yes_are_read(tmp_path: Path, kind: str, asked: bool) -> None:
    cells: list[object] = ["yes", " YES ", "True", "no", None, "", "y", "1", "yes please", "ja"]
    source = find_source(_with_consent(tmp_path / "photos", cells, kind))
    kept = source.photos(*DAYS, KEY, admission=Admission(consent=asked))
    # Whether the policy asks or not: a no in the manifest is a no.
    assert names(kept) == {"0.jpg", "1.jpg", "2.jpg"}


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_truth_values_are_a_yes_and_a_no(tmp_path: Path, kind: str) -> None:
    source = find_source(_with_consent(tmp_path / "photos", [True, False, None], kind))
    assert names(source.photos(*DAYS, KEY)) == {"0.jpg"}


def test_a_source_without_consent_is_refused_where_it_is_asked_for(tmp_path: Path) -> None:
    shots = [Shot(b"picture", date(2026, 6, 2), "")]
    for path in (
        write_manifest(tmp_path / "folder", ROWS),
        write_x(tmp_path / "export", "Ben", shots),
    ):
        with pytest.raises(SourceUnusable, match="consent") as caught:
            find_source(path).photos(*DAYS, KEY, admission=Admission(consent=True))
        assert caught.value.exit_code == 9


@given(st.text())
def test_whatever_else_a_cell_says_is_a_no(text: str) -> None:
    assert consents(text) == (text.strip().casefold() in ("yes", "true"))


def test_each_row_has_its_mark_and_no_two_rows_share_one(tmp_path: Path) -> None:
    admission = Admission(mark_key=MARKS)
    source = find_source(write_manifest(tmp_path, ROWS))
    marks = [photo.mark for photo in source.photos(*DAYS, KEY, admission=admission)]
    assert len(set(marks)) == len(ROWS)
    assert {len(mark) for mark in marks} == {32}
    # The run's key for contributors has no part in it; the key of marks has.
    again = source.photos(*DAYS, b"other" * 8, admission=Admission(mark_key=MARKS))
    assert [photo.mark for photo in again] == marks
    others = source.photos(*DAYS, KEY, admission=Admission(mark_key=b"o" * 32))
    assert not set(marks) & {photo.mark for photo in others}
    assert {photo.mark for photo in source.photos(*DAYS, KEY)} == {b""}


def test_the_parts_of_a_row_do_not_run_into_each_other() -> None:
    admission = Admission(mark_key=MARKS)
    day = date(2026, 6, 2)
    marks = {admission.mark(a, p, day) for a, p in (("ab", "c"), ("a", "bc"), ("abc", ""))}
    assert len(marks) == 3
    # Half of a surrogate pair, as JSON can write one.
    assert admission.mark("a", "\ud800", day)


def test_a_photo_that_stays_out_is_never_opened(tmp_path: Path) -> None:
    folder = write_manifest(tmp_path, ROWS)
    for row in ROWS:
        (folder / row[0]).write_bytes(b"picture")
    opened: list[str] = []
    sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
    for photo in find_source(folder).photos(*DAYS, KEY, admission=Admission({"ben"})):
        assert photo.read(100) == b"picture"
    seen = {Path(name).name for name in opened if name.startswith(str(folder))}
    assert WITHOUT_BEN | {"photos.csv"} == seen
