"""Sightings that nobody made: a seeded crowd, for measuring statistics alone.

`python -m tests.benchmarks.statistics_data ROWS FOLDER` writes Parquet files. Brands follow Zipf's
law; two of them stand in each photo; contributors have ten rows on average, few of them many more;
and some rows are of brands and weeks that no study names. Beside the columns of a sighting there is
`week`, which the engine makes of the day itself: other tools get it for free.
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.statistics import SIGHTING_SCHEMA

SEED: Final = 22
BRANDS: Final = tuple(f"brand {number:03}" for number in range(200))
WEEKS: Final = tuple(f"2025-W{number:02}" for number in range(1, 53))
STRANGERS: Final = 20
"""Brands that are seen but in no catalogue."""
MONDAY: Final = date(2024, 12, 30)
"""The first day of the first week."""
DAYS: Final = 7 * (len(WEEKS) + 2)
ROWS_EACH: Final = 10
LABELS: Final = 2
PART: Final = 5_000_000


def write(rows: int, folder: Path) -> None:
    """Write so many sightings, and the keys that a study names, unless they are there."""
    done = folder / "keys.json"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(SEED)
    crowd = _names(draw, max(1, rows // ROWS_EACH))
    first = 0
    while first < rows:
        count = min(PART, rows - first)
        _part(draw, crowd, first, count).write_parquet(folder / f"{first:012}.parquet")
        first += count
    done.write_text(json.dumps({"brands": BRANDS, "weeks": WEEKS, "people": len(crowd)}))


def _part(draw: np.random.Generator, crowd: pl.Series, first: int, rows: int) -> pl.DataFrame:
    photos = -(-rows // LABELS)
    who = (len(crowd) * draw.random(photos) ** 1.5).astype(np.uint32)
    day = draw.integers(0, DAYS, photos).astype(np.int32)
    labels = len(BRANDS) + STRANGERS
    weights = 1 / np.arange(1, labels + 1)
    seen = np.searchsorted(weights.cumsum() / weights.sum(), draw.random(rows))
    return pl.DataFrame(
        {
            "contributor": crowd.gather(_of_rows(who, rows)),
            "photo": first + _of_rows(np.arange(photos, dtype=np.uint64) * LABELS, rows),
            "kind": pl.repeat("brand", rows, eager=True),
            "label": _text([f"brand {n:03}" for n in range(labels)]).gather(seen),
            "day": _text([MONDAY + timedelta(n) for n in range(DAYS)]).gather(_of_rows(day, rows)),
            "region": pl.repeat(None, rows, dtype=pl.String, eager=True),
            "platform": pl.repeat(None, rows, dtype=pl.String, eager=True),
        },
        schema=SIGHTING_SCHEMA,
    ).with_columns(week=pl.col("day").dt.strftime("%G-W%V"))


def _names(draw: np.random.Generator, count: int) -> pl.Series:
    """Return names such as the sources make of accounts: 32 hexadecimal digits."""
    digits = draw.bytes(16 * count).hex()
    return pl.Series([digits[32 * n : 32 * n + 32] for n in range(count)])


def _of_rows(of_photos: NDArray, rows: int) -> NDArray:
    return np.repeat(of_photos, LABELS)[:rows]


def _text(values: list) -> pl.Series:
    return pl.Series(values)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
