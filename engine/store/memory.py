"""Sightings that live and die with the process."""

from collections.abc import Sequence

import polars as pl

from engine.statistics import SIGHTING_SCHEMA
from engine.store.interface import Row, RunKeys


class MemoryStore:
    """Keeps rows in memory: a run that is killed starts over."""

    def __init__(self) -> None:
        self.keys = RunKeys.fresh()
        self._rows: list[Row] = []

    def begin(self, photos: bytes) -> int:  # noqa: ARG002  nothing is kept from another run
        """Start empty."""
        self._rows.clear()
        return 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take in the next photo's rows."""
        self._rows.extend(rows)

    def frame(self) -> pl.DataFrame:
        """Return the rows of all photos."""
        return pl.DataFrame(self._rows, schema=SIGHTING_SCHEMA, orient="row")

    def destroy(self) -> None:
        """Let go of them."""
        self._rows.clear()
