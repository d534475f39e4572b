"""Sightings in parts, so that memory follows the largest part and not the whole.

A contributor is in one part alone: parts are told apart by how the contributor's key begins, and
what does not begin so is left out of a part. A bound on a contributor thus holds over all parts,
whoever wrote them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from engine.statistics.cells import CONTRIBUTOR
from engine.statistics.errors import SightingsInvalid
from engine.statistics.sightings import SIGHTING_SCHEMA


@dataclass(frozen=True)
class Parts:
    """Rows of `SIGHTING_SCHEMA` by the beginning of their contributor's key (hex digits)."""

    frames: Mapping[str, pl.LazyFrame]

    def __post_init__(self) -> None:
        prefixes = sorted(self.frames)
        # INVARIANT: no contributor begins in two ways. Sorted, a prefix stands before its own.
        if any(b.startswith(a) for a, b in pairwise(prefixes)):
            raise SightingsInvalid("two parts could hold the same contributor")

    @classmethod
    def of(cls, sightings: "Sightings") -> "Parts":
        """Return the sightings as parts; a table is one part. Raises `SightingsInvalid`."""
        if isinstance(sightings, Parts):
            return sightings
        if not isinstance(sightings, (pl.DataFrame, pl.LazyFrame)):
            raise SightingsInvalid("the sightings are no table")
        return cls({"": sightings.lazy()})

    def __iter__(self) -> Iterator[pl.LazyFrame]:
        """Yield each part, without rows that are another part's."""
        for prefix, frame in sorted(self.frames.items()):
            if frame.collect_schema() != SIGHTING_SCHEMA:
                raise SightingsInvalid("the sightings' columns or types are not the schema's")
            yield frame.filter(pl.col(CONTRIBUTOR).str.starts_with(prefix)) if prefix else frame

    def whole(self) -> pl.LazyFrame:
        """Return all rows as one table."""
        frames = list(self)
        return pl.concat(frames) if frames else pl.LazyFrame(schema=SIGHTING_SCHEMA)


Sightings = pl.DataFrame | pl.LazyFrame | Parts
"""What comes in through the door: one table, or parts of it."""
