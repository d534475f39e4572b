"""The manifest of a folder source: `photos.csv`, `.parquet` or `.jsonl`.

Columns `path, contributor, taken_at` and optionally `region, platform, hashtags, latitude,
longitude, consent, caption` (captions are never read). The whole manifest is checked before a photo
is opened; a broken one stops the run while nothing has been logged or spent.
"""

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl

from engine.sources.errors import SourceUnusable

REQUIRED = ("path", "contributor", "taken_at")
COORDINATES = ("latitude", "longitude")
OPTIONAL = ("region", "platform", "hashtags", *COORDINATES, "consent", "caption")
NAMES = ("photos.csv", "photos.parquet", "photos.jsonl")
# A panic of Polars's Rust code on a damaged Parquet file is no `Exception`.
_POLARS_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)

SCHEMA = dict.fromkeys((*REQUIRED, *(n for n in OPTIONAL if n != "caption")), pl.String)


def find_manifest(root: Path) -> Path:
    """Return the one manifest of the folder; raise `SourceUnusable` for none or several."""
    if not root.is_dir():
        raise SourceUnusable(
            "the source is not a directory", hint="Give the directory that holds photos.csv."
        )
    found = [root / name for name in NAMES if (root / name).is_file()]
    if len(found) != 1:
        problem = "has no manifest" if not found else "has more than one manifest"
        raise SourceUnusable(
            f"the source {problem}",
            hint="Put one photos.csv there, with the columns path, contributor, taken_at.",
        )
    return found[0]


def read_manifest(manifest: Path) -> pl.DataFrame:
    """Return the rows as text columns of `SCHEMA`, consent only where the manifest has it.

    Raises `SourceUnusable` for a broken manifest.
    """
    readers = {".csv": _read_csv, ".parquet": _read_parquet, ".jsonl": _read_jsonl}
    try:
        with _unheard():
            return readers[manifest.suffix](manifest)
    except SourceUnusable:
        raise
    except (OSError, ValueError, RecursionError, *_POLARS_ERRORS):
        # The library's own messages quote the data.
        raise SourceUnusable(
            f"{manifest.name} can't be read",
            hint="Check that it is UTF-8 text with one header and as many fields in every row.",
        ) from None


@contextmanager
def _unheard() -> Iterator[None]:
    """Send standard error nowhere: where Polars panics it writes there, and quotes the data."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _checked_names(names: list[str], manifest: Path) -> None:
    if len(set(names)) != len(names):
        raise SourceUnusable(f"{manifest.name} has a column twice", hint="Keep each column once.")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise SourceUnusable(
            f"{manifest.name} lacks the column {missing[0]}",
            hint="It needs the columns path, contributor, taken_at, in CSV parted by commas.",
        )
    if set(names) - set(REQUIRED) - set(OPTIONAL):
        raise SourceUnusable(
            f"{manifest.name} has a column that is not known",
            hint="Allowed are " + ", ".join((*REQUIRED, *OPTIONAL)) + ".",
        )


def _read_csv(manifest: Path) -> pl.DataFrame:
    with manifest.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text, strict=True)
        header = next(rows, None)
    if header is None:
        raise SourceUnusable(f"{manifest.name} is empty", hint="It needs a header and rows.")
    _checked_names(header, manifest)
    frame = pl.read_csv(
        io.BytesIO(manifest.read_bytes()),
        infer_schema=False,
        has_header=True,
        skip_rows=0,
        truncate_ragged_lines=False,
        new_columns=header,
    )
    return _as_schema(frame)


def _read_parquet(manifest: Path) -> pl.DataFrame:
    names = list(pl.read_parquet_schema(manifest))
    _checked_names(names, manifest)
    return _as_schema(pl.read_parquet(manifest, columns=[n for n in names if n in SCHEMA]))


def _read_jsonl(manifest: Path) -> pl.DataFrame:
    rows: list[dict[str, str | None]] = []
    names: dict[str, None] = {}
    with manifest.open(encoding="utf-8-sig") as lines:
        for line in lines:
            if not line.strip():
                continue
            row = json.loads(line, object_pairs_hook=_distinct)
            if not isinstance(row, dict):
                raise ValueError("not an object")
            names |= dict.fromkeys(row)
            if type(row.get("consent")) is bool:
                row["consent"] = str(row["consent"])
            for name in COORDINATES:
                if type(row.get(name)) is float:
                    row[name] = repr(row[name])
            rows.append({k: _as_text(v) for k, v in row.items() if k in SCHEMA})
    _checked_names(list(names), manifest)
    return _as_schema(pl.DataFrame(rows, schema={n: pl.String for n in SCHEMA if n in names}))


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    # One account, one spelling: 12 is "12", but 12.0, NaN and true are nobody.
    if type(value) is int:
        return str(value)
    raise ValueError("not a plain value")


def _as_schema(frame: pl.DataFrame) -> pl.DataFrame:
    columns = [
        pl.col(name).cast(pl.String)
        if name in frame.columns
        else pl.lit(None, pl.String).alias(name)
        for name in SCHEMA
        # A consent that nobody asked about is neither a yes nor a no.
        if name != "consent" or name in frame.columns
    ]
    return frame.select(columns)


def parse_taken_at(text: str | None) -> datetime | None:
    """Return the moment an ISO 8601 text names, in its own time zone; None where it names none."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None
