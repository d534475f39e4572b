"""Files are there whole or not at all."""

import os
from pathlib import Path

import pytest

from engine.catalogue import saving
from engine.catalogue.saving import replace, require_place, save_together
from engine.errors import OutputUnwritable


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("old")
    file.chmod(0o640)
    replace(file, b"new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["c.yaml"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "c.yaml").write_text("old")
    (tmp_path / "c.yaml").symlink_to("real/c.yaml")
    replace(tmp_path / "c.yaml", b"new")
    assert (tmp_path / "c.yaml").is_symlink()
    assert (tmp_path / "real" / "c.yaml").read_text() == "new"


def test_a_file_that_can_not_be_written_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("old")

    def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(saving.os, "fsync", full)
    with pytest.raises(OutputUnwritable, match=r"c\.yaml can't be written"):
        replace(file, b"new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["c.yaml"]


def test_places_that_nothing_can_be_written_to_are_told_early(tmp_path: Path) -> None:
    require_place(tmp_path / "new")
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "none" / "x", tmp_path / "file" / "x"):
        with pytest.raises(OutputUnwritable):
            require_place(path)
    assert os.listdir(tmp_path) == ["file"]


def test_new_files_and_the_text_that_names_them_come_together(tmp_path: Path) -> None:
    save_together(tmp_path / "c.yaml", b"text", {tmp_path / "marks" / "a.png": b"a"})
    assert (tmp_path / "marks" / "a.png").read_bytes() == b"a"
    assert (tmp_path / "c.yaml").read_bytes() == b"text"


def test_where_one_can_not_be_written_none_is_left(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").mkdir()
    (tmp_path / "marks").mkdir()
    (tmp_path / "marks" / "old.png").write_bytes(b"old")
    files = {
        tmp_path / "marks" / "old.png": b"old",
        tmp_path / "marks" / "a.png": b"a",
        tmp_path / "examples" / "b.jpg": b"b",
    }
    with pytest.raises(OutputUnwritable):
        save_together(tmp_path / "c.yaml", b"text", files)
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert left == ["c.yaml", "marks", "marks/old.png"]


def test_a_file_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"who")
    save_together(tmp_path / "c.yaml", b"text", {tmp_path / "a.png": b"whole"})
    assert (tmp_path / "a.png").read_bytes() == b"whole"
