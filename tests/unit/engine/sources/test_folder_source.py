import json
import os
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sources import Countries, FolderSource, PathFile, SourceUnusable
from engine.sources.contributor import canonical_contributor, contributor_key
from engine.sources.folder import inside
from policies.periods import monday, week_of
from tests.places import WEEKS, write_manifest

KEY = b"k" * 32
FIRST, LAST = monday(WEEKS[0]), monday(WEEKS[-1]) + timedelta(days=6)


def photos(folder: Path, key: bytes = KEY):
    return FolderSource(folder).photos(FIRST, LAST, key)


def test_rows_are_kept_by_week_and_contributor_alone(tmp_path: Path) -> None:
    rows = [
        ("a.jpg", "ana", "2026-06-02"),
        ("b.jpg", "", "2026-06-02"),
        ("c.jpg", "  ", "2026-06-02"),
        ("d.jpg", "ana", "2026-05-31"),
        ("e.jpg", "ANA", "2026-06-14T23:59:59+14:00"),
        ("f.jpg", "ben", "2026-06-15T00:30:00+02:00"),
    ]
    kept = photos(write_manifest(tmp_path, rows))
    weeks = [(p.file.path.name, week_of(p.day)) for p in kept]
    assert weeks == [("a.jpg", WEEKS[0]), ("e.jpg", WEEKS[1])]
    assert kept[0].contributor == kept[1].contributor
    assert "ana" not in kept[0].contributor


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_every_kind_of_manifest_reads_the_same(tmp_path: Path, kind: str) -> None:
    row = {
        "path": "a.jpg",
        "contributor": "ana",
        "taken_at": "2026-06-02",
        "region": "north",
        "platform": None,
        "caption": "never read",
    }
    if kind == "csv":
        text = "path,contributor,taken_at,region,platform,caption\na.jpg,ana,2026-06-02,north,,x\n"
        (tmp_path / "photos.csv").write_text("\ufeff" + text, encoding="utf-8")
    elif kind == "parquet":
        pl.DataFrame([row], schema=dict.fromkeys(row, pl.String)).write_parquet(
            tmp_path / "photos.parquet"
        )
    else:
        (tmp_path / "photos.jsonl").write_text(json.dumps(row) + "\n")
    (photo,) = photos(tmp_path)
    assert (photo.file.path, week_of(photo.day)) == (tmp_path / "a.jpg", WEEKS[0])
    assert (photo.region, photo.platform) == ("north", None)


def test_two_manifests_are_one_too_many(tmp_path: Path) -> None:
    write_manifest(tmp_path, [])
    (tmp_path / "photos.jsonl").write_text("")
    with pytest.raises(SourceUnusable, match="more than one"):
        photos(tmp_path)


@pytest.mark.parametrize(
    "line", ["[]", "{", '{"path": {}}', '{"path": "a", "path": "b"}', '{"path": "a.jpg"}']
)
def test_broken_json_lines_raise_only_our_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "photos.jsonl").write_text(line + "\n")
    with pytest.raises(SourceUnusable):
        photos(tmp_path)


def test_a_broken_parquet_raises_only_our_error(tmp_path: Path) -> None:
    (tmp_path / "photos.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(SourceUnusable):
        photos(tmp_path)


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../a", "a/../../b", "/a", "C:/a", "a\\b", "\\\\host\\a", "a\0b", None]
)
def test_a_path_that_leaves_is_no_path(tmp_path: Path, path: str | None) -> None:
    assert inside(tmp_path.resolve(), path) is None


@given(st.text(max_size=30))
def test_whatever_the_path_the_file_is_inside(path: str) -> None:
    root = Path("/nowhere")
    file = inside(root, path)
    assert file is None or root in file.parents


@given(st.text(max_size=20))
def test_spellings_of_one_account_are_one_account(text: str) -> None:
    once = canonical_contributor(text)
    assert canonical_contributor(f" {text}\t") == once
    if once is not None:
        assert canonical_contributor(once) == once


def test_known_spellings() -> None:
    assert canonical_contributor("Jose\u0301") == canonical_contributor("JOSÉ ") == "josé"
    assert canonical_contributor(None) is None
    assert canonical_contributor("straße") == canonical_contributor("STRASSE")


def test_another_run_has_another_key_for_everyone() -> None:
    assert contributor_key("ana", KEY) != contributor_key("ana", b"j" * 32)
    assert contributor_key("ana", KEY) != contributor_key("ben", KEY)


def test_a_photo_that_is_no_plain_file_reads_as_nothing(tmp_path: Path) -> None:
    folder = write_manifest(
        tmp_path, [(name, "a", "2026-06-02") for name in ("pipe", "dir", "none", "ok")]
    )
    os.mkfifo(folder / "pipe")
    (folder / "dir").mkdir()
    (folder / "ok").write_bytes(b"123456")
    assert [photo.read(3) for photo in photos(folder)] == [b"", b"", b"", b"1234"]


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u00ad", "\u202e", "\u2060"])
def test_what_does_not_show_makes_no_second_account(hidden: str) -> None:
    assert canonical_contributor(f"{hidden}a{hidden}na{hidden}") == canonical_contributor("ana")
    assert canonical_contributor(hidden) is None


def test_a_file_that_became_a_link_reads_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    assert PathFile(tmp_path / "secret").read(9) == b"secret"
    assert PathFile(tmp_path / "link").read(9) == b""


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_of_a_manifests_coordinates_the_country_is_read_where_it_is_asked_for(
    tmp_path: Path, kind: str
) -> None:
    places = [(48.137, 11.575), (48.857, 2.352), (-33.8688, 151.2093), (None, None), (0.0, 1e-9)]
    rows = [
        {
            "path": "a.jpg",
            "contributor": "ana",
            "taken_at": "2026-06-02",
            "region": "DE",
            "latitude": latitude,
            "longitude": longitude,
        }
        for latitude, longitude in places
    ]
    frame = pl.DataFrame(rows)
    if kind == "csv":
        frame.write_csv(tmp_path / "photos.csv")
    elif kind == "parquet":
        frame.write_parquet(tmp_path / "photos.parquet")
    else:
        frame.write_ndjson(tmp_path / "photos.jsonl")
    source = FolderSource(tmp_path)
    asked = source.photos(FIRST, LAST, KEY, countries=Countries(["DE", "AU"]))
    # The column says DE of all, and is not asked.
    assert [photo.region for photo in asked] == ["DE", None, "AU", None, None]
    plain = source.photos(FIRST, LAST, KEY)
    assert [photo.region for photo in plain] == ["DE"] * 5
    for photo in (*asked, *plain):
        assert not any(digits in repr(photo) for digits in ("48.", "11.5", "151", "33.8"))


@pytest.mark.parametrize("columns", [{}, {"latitude": 48.137}, {"latitude": "N", "longitude": "E"}])
def test_without_coordinates_a_photo_has_no_country(
    tmp_path: Path, columns: dict[str, object]
) -> None:
    row = {"path": "a.jpg", "contributor": "ana", "taken_at": "2026-06-02", "region": "DE"}
    (tmp_path / "photos.jsonl").write_text(json.dumps({**row, **columns}) + "\n")
    (photo,) = FolderSource(tmp_path).photos(FIRST, LAST, KEY, countries=Countries(["DE"]))
    assert photo.region is None
