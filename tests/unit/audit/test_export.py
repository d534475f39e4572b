"""A log for other programs: the same entries, exact amounts, and nothing that was not verified."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit import LogExists, LogTampered, LogUnwritable
from audit.bodies import OUTPUT_NAMES
from audit.export import TABLES, export_jsonl, export_sqlite
from audit.words import sentence


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as base:
        return base.execute(f"SELECT * FROM {table}").fetchall()


def test_lines_are_the_signed_ones(finished: Any, tmp_path: Path) -> None:
    export_jsonl(finished.verify(), tmp_path / "log.jsonl")
    assert (tmp_path / "log.jsonl").read_bytes() == finished.entries.read_bytes()


def test_tables_hold_what_the_entries_say(finished: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    export_sqlite(finished.verify(), path)
    assert {len(rows(path, table)) for table in ("checkpoint", "datasets", "spends")} == {1}
    entries = [json.loads(line) for line in finished.lines()]
    assert [json.loads(row[5]) for row in rows(path, "entries")] == entries
    assert rows(path, "datasets")[0][1:] == ("city-photos", "contributor", "epsilon", "1", "1e-6")
    assert rows(path, "spends")[0][2:] == (
        "city-photos",
        finished.DIGEST,
        "epsilon",
        "0.25",
        "0",
        None,
        None,
    )
    assert rows(path, "outputs")[0][1] in OUTPUT_NAMES
    assert [f.name for f in tmp_path.iterdir()] == ["log.sqlite"]
    for table in TABLES:
        rows(path, table)


def test_nothing_is_overwritten_and_nothing_unverified_goes_out(
    finished: Any, tmp_path: Path
) -> None:
    (tmp_path / "here").write_bytes(b"mine")
    for export in (export_jsonl, export_sqlite):
        with pytest.raises(LogExists):
            export(finished.verify(), tmp_path / "here")
        with pytest.raises(LogUnwritable):
            export(finished.verify(), tmp_path / "no" / "such" / "place")
    copied = finished.copy(tmp_path / "copy")
    copied.entries.write_bytes(copied.entries.read_bytes().replace(b"city", b"ciTy"))
    for export in (export_jsonl, export_sqlite):
        with pytest.raises(LogTampered):
            export(copied.verify(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_every_type_of_entry_has_a_sentence(finished: Any) -> None:
    study = finished
    said = [sentence(entry) for entry in study.verify().entries]
    assert all(text.endswith(".") and "\n" not in text for text in said)
    assert "epsilon 0.25 of city-photos is spent on brands." in said
