"""How often each contributor has counted, from one period to the next.

Of one contributor count the first `participations` periods of each of the first `max_series`
series. Where more series than there is room for turn up in one period, the smallest BLAKE2b
digests (RFC 7693) of contributor and series go in. What is kept of a contributor so follows from
that contributor's rows and the caller's key alone: with somebody else added or removed, it stays
the same. And it looks at no later period, so that it is the same day by day and all at once.

The caller names contributors by 16 bytes, a digest under a key that stays secret and the same for
the whole trend.
"""

from hashlib import blake2b
from typing import Final

import numpy as np
import polars as pl

from engine.statistics.errors import SightingsInvalid
from engine.statistics.running.strategy import IntArray

DIGEST_BYTES: Final = 16
ROW_SCHEMA: Final = pl.Schema({"contributor": pl.Binary, "series": pl.UInt32, "period": pl.UInt32})
"""That a contributor shows up in a series in a period; how often makes no difference."""
MEMORY_SCHEMA: Final = pl.Schema({"contributor": pl.Binary, "series": pl.UInt32, "used": pl.UInt32})
"""In how many periods of a series a contributor has counted: no row for none."""

_ONE: Final = ["contributor", "series"]


def nobody() -> pl.DataFrame:
    """Return the memory from before the first period."""
    return pl.DataFrame(schema=MEMORY_SCHEMA)


def require_rows(rows: pl.DataFrame, series: int) -> None:
    """Raise `SightingsInvalid` for rows of another schema, or of a series that is not there."""
    if rows.schema != ROW_SCHEMA:
        raise SightingsInvalid("the rows' columns or types are not the schema's")
    whole = rows.select(
        (
            (pl.col("contributor").bin.size() == DIGEST_BYTES)
            & (pl.col("series") < series)
            & pl.col("period").is_not_null()
        )
        .fill_null(value=False)
        .all()
    ).item()
    if not whole:
        raise SightingsInvalid("a row has a gap, a series that is not there or no 16-byte digest")


def admit(
    rows: pl.DataFrame, memory: pl.DataFrame, *, participations: int, max_series: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return which of one period's rows count (contributor, series), and the memory after it."""
    seen = rows.select(_ONE).unique().join(memory, on=_ONE, how="left")
    again = seen.filter(pl.col("used") < participations).select(_ONE)
    touched = memory.group_by("contributor").agg(pl.len().alias("touched"))
    fresh = (
        seen.filter(pl.col("used").is_null())
        .select(_ONE)
        .join(touched, on="contributor", how="left")
        .with_columns(room=max_series - pl.col("touched").fill_null(0).cast(pl.Int64))
    )
    fits = pl.len().over("contributor") <= pl.col("room")
    chosen = _first(fresh.filter(~fits))
    counted = pl.concat([again, fresh.filter(fits).select(_ONE), chosen])
    once = counted.with_columns(pl.lit(1, pl.UInt32).alias("used"))
    after = pl.concat([memory, once]).group_by(_ONE).agg(pl.col("used").sum())
    # INVARIANT: nobody counts more often than the noise is made for.
    return counted, after.select(MEMORY_SCHEMA.names()).cast(MEMORY_SCHEMA)


def per_series(counted: pl.DataFrame, series: int) -> IntArray:
    """Return how many contributors count in each series."""
    counts: IntArray = np.bincount(counted["series"].to_numpy(), minlength=series)
    return counts.astype(np.int64)


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    """Return, of each contributor, as many rows as there is room, by digest."""
    if rows.is_empty():
        return rows.select(_ONE)
    digests = [
        blake2b(contributor + series.to_bytes(4, "big"), digest_size=DIGEST_BYTES).digest()
        for contributor, series in rows.select(_ONE).iter_rows()
    ]
    return (
        rows.with_columns(pl.Series("rank", digests, dtype=pl.Binary))
        .sort("contributor", "rank", "series")
        .filter(pl.int_range(pl.len()).over("contributor") < pl.col("room"))
        .select(_ONE)
    )
