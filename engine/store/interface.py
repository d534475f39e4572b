"""What a run asks of whatever keeps its sightings until they are counted."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

import polars as pl

Row = tuple[object, ...]
"""One sighting, in the order and of the types of `SIGHTING_SCHEMA`."""

Fingerprint = tuple[str, int, bytes]
"""A photo's, in the order of `FINGERPRINT_SCHEMA`."""


@dataclass(frozen=True)
class Seen:
    """What was seen in all photos that are done."""

    sightings: pl.DataFrame
    """With `SIGHTING_SCHEMA`."""
    fingerprints: pl.DataFrame
    """With `FINGERPRINT_SCHEMA`; none where the study does not ask for them."""


KEY_BYTES: Final = 32


@dataclass(frozen=True)
class RunKeys:
    """The secrets of a run that must be the same when it goes on."""

    contributors: bytes
    """Under which accounts are keyed."""
    ranks: bytes
    """By which the cells that count are chosen of a contributor who touches too many."""

    @classmethod
    def fresh(cls) -> Self:
        """Return new ones."""
        return cls(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))


class SightingStore(Protocol):
    """Keeps the sightings of a run's photos, in the photos' order."""

    @property
    def keys(self) -> RunKeys:
        """The run's secrets: new ones, or those of the run that is gone on with."""

    def begin(self, photos: bytes) -> int:
        """Return how many photos are done already, of exactly the photos that `photos` names.

        `photos` is a digest over their list. Drops what is kept of any other.
        """

    def add(self, rows: Sequence[Row], fingerprint: Fingerprint | None = None) -> None:
        """Take in the next photo's rows and fingerprint; raises `StoreUnwritable`."""

    def seen(self) -> Seen:
        """Return what was seen in all photos; raises `StoreUnwritable`."""

    def destroy(self) -> None:
        """Forget everything, keys first."""
