"""Photos of one contributor that look the same are one photo: the first step of counting.

Such photos get one number in place of several, so that a label which they show counts once where
photos are counted, and two labels that they show have met. Where contributors are counted nothing
changes: a contributor counts once a cell anyway.

Which are the same: in the order of their fingerprints, each photo joins the first one before it
that stands for itself and differs in at most `DISTANCE` bits, or else stands for itself. That is no
chain: whatever is joined is near to the one photo that stands for it.
"""

from typing import Final

import numpy as np
import polars as pl

from engine.statistics.cells import CONTRIBUTOR
from engine.statistics.errors import SightingsInvalid
from engine.statistics.sightings import SIGHTING_SCHEMA

DISTANCE: Final = 72
"""Bits of 256 in which pictures of the same may differ (tests/benchmarks/bench_duplicates.py)."""

FINGERPRINT_SCHEMA: Final = pl.Schema(
    {"contributor": pl.String, "photo": pl.UInt64, "fingerprint": pl.Binary}
)
"""One row a photo that has a fingerprint (`engine.recognition.fingerprint`)."""

_BYTES: Final = 32
_SAME: Final = "_same"


def counted_once(sightings: pl.DataFrame, fingerprints: pl.DataFrame) -> pl.DataFrame:
    """Return the sightings with one number for photos of one contributor that look the same.

    Nothing else of them changes. The fingerprints end here. Raises `SightingsInvalid` for other
    columns or types.
    """
    if sightings.schema != SIGHTING_SCHEMA or fingerprints.schema != FINGERPRINT_SCHEMA:
        raise SightingsInvalid("the sightings' columns or types are not the schema's")
    ordered = (
        fingerprints.drop_nulls()
        .filter(pl.col("fingerprint").bin.size() == _BYTES)
        .sort(CONTRIBUTOR, "fingerprint", "photo")
        .unique([CONTRIBUTOR, "photo"], keep="first", maintain_order=True)
    )
    standing = []
    # INVARIANT: photos of two contributors are never compared, and what one contributor's become
    # follows from that contributor's fingerprints alone, in whatever order they come.
    for own in ordered.partition_by(CONTRIBUTOR, maintain_order=True):
        leaders = own["photo"].gather(_leaders(own["fingerprint"].to_list()))
        standing.append(own.select(CONTRIBUTOR, "photo", leaders.alias(_SAME)))
    if not standing:
        return sightings
    return (
        sightings.join(
            pl.concat(standing), on=[CONTRIBUTOR, "photo"], how="left", maintain_order="left"
        )
        .with_columns(pl.coalesce(_SAME, "photo").alias("photo"))
        .select(SIGHTING_SCHEMA.names())
    )


def _leaders(fingerprints: list[bytes]) -> list[int]:
    """Return, of each in order, the place of the one that stands for it."""
    bits = np.frombuffer(b"".join(fingerprints), np.uint64).reshape(len(fingerprints), -1)
    leading = np.empty_like(bits)
    places: list[int] = []
    chosen = []
    for place, one in enumerate(bits):
        apart = np.bitwise_count(leading[: len(places)] ^ one).sum(axis=1)
        near = np.flatnonzero(apart <= DISTANCE)
        if not near.size:
            leading[len(places)] = one
            places.append(place)
        chosen.append(places[near[0]] if near.size else place)
    return chosen
