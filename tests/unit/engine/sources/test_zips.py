"""A zip that somebody made to do harm does none: it is refused, or its file gives no bytes."""

import io
import os
import stat
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sources import SourceUnusable
from engine.sources import zips as module
from engine.sources.zip_member import ZipMember
from engine.sources.zips import open_zip


@contextmanager
def writing(path: Path) -> Iterator[zipfile.ZipFile]:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        warnings.simplefilter("ignore")  # that a name stands twice
        yield packed


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/a", "//a", "C:/a", "a\\b", "..\\a", "..", "a/..", ".", "./"],
)
def test_a_name_that_leads_out_refuses_the_zip(tmp_path: Path, name: str) -> None:
    with writing(tmp_path / "z.zip") as packed:
        packed.writestr("data/tweets.js", "x")
        packed.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(SourceUnusable, match="leads out of it") as caught:
        open_zip(tmp_path / "z.zip")
    assert caught.value.hint


@given(st.lists(st.text("ab./\\:\0\u00e9C", min_size=1, max_size=9), min_size=1, max_size=4))
def test_whatever_its_names_a_zip_stays_inside(names: list[str]) -> None:
    raw = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(raw, "w") as packed:
        warnings.simplefilter("ignore")
        for name in names:
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            packed.writestr(entry, "x")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "z.zip")
        archive.write_bytes(raw.getvalue())
        try:
            place = open_zip(archive)
        except SourceUnusable:
            return
    for path in (*place.files(), *(p for f in place.folders() for p in place.below(f))):
        inside = Path("/root", path)
        assert inside == Path(os.path.normpath(inside))
        assert inside.is_relative_to("/root")
        assert "\\" not in path


def test_a_name_cut_off_by_a_nul_refuses_the_zip(tmp_path: Path) -> None:
    with writing(tmp_path / "z.zip") as packed:
        packed.writestr("a_b.jpg", "x")
    raw = (tmp_path / "z.zip").read_bytes().replace(b"a_b.jpg", b"a\0b.jpg")
    (tmp_path / "z.zip").write_bytes(raw)
    with pytest.raises(SourceUnusable):
        open_zip(tmp_path / "z.zip")


def test_links_encrypted_rare_and_double_files_give_no_bytes(tmp_path: Path) -> None:
    with writing(tmp_path / "z.zip") as packed:
        link = zipfile.ZipInfo("link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("twice.jpg", "one")
        packed.writestr("twice.jpg", "two")
        packed.writestr("./twice.jpg", "three")
        packed.writestr(zipfile.ZipInfo("rare.jpg"), "x" * 99, zipfile.ZIP_LZMA)
        packed.writestr("fine.jpg", "fine")
        packed.writestr("locked.jpg", "secret")
        packed.writestr("__MACOSX/fine.jpg", "fork")
        packed.writestr("nested.zip", "PK")
    raw = bytearray((tmp_path / "z.zip").read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.rindex(
            signature, 0, raw.rindex(b"locked.jpg") if flags == 8 else raw.index(b"locked.jpg")
        )
        raw[at + flags] |= 1
    (tmp_path / "z.zip").write_bytes(raw)
    place = open_zip(tmp_path / "z.zip")
    names = {name: place.photo(name).read(99) for name in place.files()}
    assert names == {
        "fine.jpg": b"fine",
        "link.jpg": b"",
        "locked.jpg": b"",
        "nested.zip": b"PK",
        "rare.jpg": b"",
        "twice.jpg": b"",
    }
    assert place.document("link.jpg") is None
    assert place.folders() == ()


def test_a_bomb_gives_no_bytes_and_no_more_than_the_limit_is_unpacked(tmp_path: Path) -> None:
    with writing(tmp_path / "z.zip") as packed:
        packed.writestr("bomb.jpg", b"\0" * 3_000_000)
        packed.writestr("small.jpg", b"\0" * 900_000)
    place = open_zip(tmp_path / "z.zip")
    assert place.photo("bomb.jpg").read(10_000_000) == b""
    assert place.photo("small.jpg").read(10_000_000) == b"\0" * 900_000
    assert len(place.photo("small.jpg").read(5_000)) == 5_001
    # A document may be packed well: numbers and the same words over and over.
    assert len(place.document("bomb.jpg") or b"") == 3_000_000


@pytest.mark.parametrize("change", [-1, 1, 100_000])
def test_a_size_that_is_not_true_gives_no_bytes(tmp_path: Path, change: int) -> None:
    with writing(tmp_path / "z.zip") as packed:
        packed.writestr("a.jpg", bytes(range(256)) * 100)
    honest = open_zip(tmp_path / "z.zip").photo("a.jpg")
    assert isinstance(honest, ZipMember)
    assert len(honest.read(10**6)) == 25_600
    lying = ZipMember(**{**vars(honest), "size": honest.size + change})
    assert lying.read(10**6) == b""
    assert ZipMember(**{**vars(honest), "checksum": 1}).read(10**6) == b""
    assert ZipMember(**{**vars(honest), "offset": honest.offset + 1}).read(10**6) == b""
    assert ZipMember(**{**vars(honest), "offset": 2**63}).read(10**6) == b""
    assert ZipMember(**{**vars(honest), "packed": 10}).read(10**6) == b""
    assert ZipMember(**{**vars(honest), "deflated": False}).read(10**6) == b""
    assert ZipMember(**{**vars(honest), "archive": tmp_path / "gone"}).read(10**6) == b""


def test_too_many_files_or_too_long_a_directory_refuse_the_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(tmp_path / "z.zip") as packed:
        for number in range(20):
            packed.writestr(f"{number}.jpg", "x")
    monkeypatch.setattr(module, "MOST_FILES", 19)
    with pytest.raises(SourceUnusable, match="too many files"):
        open_zip(tmp_path / "z.zip")
    monkeypatch.setattr(module, "_MOST_DIRECTORY", 500)
    with pytest.raises(SourceUnusable, match="can't be read"):
        open_zip(tmp_path / "z.zip")


def test_a_cut_off_zip_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path / "z.zip") as packed:
        packed.writestr("a.jpg", b"x" * 1000)
    raw = (tmp_path / "z.zip").read_bytes()
    (tmp_path / "z.zip").write_bytes(raw[:-30])
    with pytest.raises(SourceUnusable, match="can't be read") as caught:
        open_zip(tmp_path / "z.zip")
    assert caught.value.__suppress_context__
