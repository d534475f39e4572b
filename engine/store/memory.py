"""Sightings that live and die with the process."""

from collections.abc import Sequence

import polars as pl

from engine.statistics import FINGERPRINT_SCHEMA, SIGHTING_SCHEMA
from engine.store.interface import Fingerprint, Row, RunKeys, Seen


class MemoryStore:
    """Keeps rows in memory: a run that is killed starts over."""

    def __init__(self) -> None:
        self.keys = RunKeys.fresh()
        self._rows: list[Row] = []
        self._fingerprints: list[Fingerprint] = []

    def begin(self, photos: bytes) -> int:  # noqa: ARG002  nothing is kept from another run
        """Start empty."""
        self.destroy()
        return 0

    def add(self, rows: Sequence[Row], fingerprint: Fingerprint | None = None) -> None:
        """Take in the next photo's rows and fingerprint."""
        self._rows.extend(rows)
        if fingerprint is not None:
            self._fingerprints.append(fingerprint)

    def seen(self) -> Seen:
        """Return what was seen in all photos."""
        return Seen(
            pl.DataFrame(self._rows, schema=SIGHTING_SCHEMA, orient="row"),
            pl.DataFrame(self._fingerprints, schema=FINGERPRINT_SCHEMA, orient="row"),
        )

    def destroy(self) -> None:
        """Let go of them."""
        self._rows.clear()
        self._fingerprints.clear()
