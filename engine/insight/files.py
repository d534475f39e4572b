"""A release's files on the way back in, and the reading table on the way out."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from engine.durable import sync_directory, write_new
from engine.insight.errors import ReadingUnwritable, TableRefused
from engine.insight.reading import reading
from engine.insight.released import NUMBERS, Released
from engine.statistics.interface import Study
from engine.statistics.label import PrivacyLabel
from engine.statistics.spreadsheet import guarded, unguarded
from policies.canonical import digest_of_bytes

READING_FILE: Final = "reading.csv"
_TABLES: Final = ("release.parquet", "release.csv", "release.json")


def write_reading(directory: Path, table: pl.DataFrame, study: Study) -> tuple[str, str]:
    """Write the reading table of a release beside it; return its name and `sha256:...`.

    Nothing is overwritten, and the file is on the disk when this returns. Raises
    `ReadingUnwritable`.
    """
    # People open this one in a spreadsheet, which takes UTF-8 for something else without the mark.
    read = guarded(reading(Released.of(table, study)))
    data = read.write_csv(include_bom=True).encode()
    try:
        write_new(directory / READING_FILE, data)
        sync_directory(directory)
    except OSError as error:
        raise ReadingUnwritable(
            f"the reading table can't be written: {error.strerror}",
            hint="Give it an empty directory with room and permission to write.",
        ) from error
    return READING_FILE, digest_of_bytes(data)


def read_releases(directories: Sequence[Path], policy: str, study: Study) -> pl.DataFrame:
    """Return the tables of one or several releases under one policy as one.

    Raises `TableRefused` for a directory without a release, or with one under another policy
    than the one whose digest is given.
    """
    return pl.concat([_read(directory, policy, study) for directory in directories])


def read_labels(directories: Sequence[Path]) -> tuple[dict[str, Any], ...]:
    """Return the privacy labels of releases, in the order given.

    Raises `TableRefused` for a directory without one.
    """
    return tuple(_label(directory) for directory in directories)


def _label(directory: Path) -> dict[str, Any]:
    try:
        data = (directory / "privacy-label.json").read_bytes()
        PrivacyLabel.model_validate_json(data)
        label: dict[str, Any] = json.loads(data)
    except (OSError, ValueError):
        raise _unreadable() from None
    return label


def _unreadable() -> TableRefused:
    return TableRefused(
        "there is no release that can be read",
        hint="Give the directory that `crowdlens run` wrote, whole.",
    )


def _read(directory: Path, policy: str, study: Study) -> pl.DataFrame:
    if _label(directory)["policy"] != policy:
        raise TableRefused(
            "the release is of another policy",
            hint="Give the policy file as it was when the release was made.",
        )
    try:
        file = next(directory / name for name in _TABLES if (directory / name).is_file())
        return _table(file, study)
    except (OSError, ValueError, KeyError, TypeError, StopIteration, pl.exceptions.PolarsError):
        raise _unreadable() from None


def _table(file: Path, study: Study) -> pl.DataFrame:
    keys = pl.Schema(dict.fromkeys(("statistic", *study.dimensions), pl.String))
    schema = pl.Schema({**keys, **NUMBERS})
    if file.suffix == ".parquet":
        return pl.read_parquet(file)
    if file.suffix == ".csv":
        return unguarded(pl.read_csv(file, schema=schema))
    return pl.DataFrame(json.loads(file.read_bytes())["rows"], schema=schema)
