"""Sightings on disk, encrypted, in parts: a killed run goes on after the last one.

    DIR/lock        held while a run uses the directory
    DIR/start       the run's secrets, and of which rules and photos the parts are
    DIR/000000.part the first part: how many photos it covers, what was seen in them as Parquet
    KEY             in another place

All but the lock is encrypted (`engine.encryption`), a part in its place by the store's random id
and its number: parts can't be swapped, repeated or moved to another store. A part is written,
synced and renamed, so that a kill leaves it whole or not at all. What does not open is dropped with
all parts after it, and those photos are read again.

The rules are named by a digest of policy, code and weights: under others a run starts over.
"""

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, Self

import polars as pl

from engine.encryption import encrypted
from engine.statistics import FINGERPRINT_SCHEMA, SIGHTING_SCHEMA
from engine.store.directory import (
    StorePlace,
    part_name,
    part_numbers,
    remove_parts_from,
    replace,
    writing,
)
from engine.store.errors import StoreUnwritable
from engine.store.interface import Fingerprint, Row, Seen
from engine.store.opening import (
    destroy,
    gone_on_with,
    held_place,
    read_sealed,
    remove,
    save_start,
)
from engine.store.start import Start

PART_PHOTOS: Final = 256
"""A part is written after so many photos at the latest: what a kill costs."""
PART_SECONDS: Final = 60.0
"""Or after so many seconds."""

_FORM: Final = b"crowdlens-sightings/1\n"
_NUMBER_BYTES: Final = 8


class EncryptedStore:
    """One run's parts; made by `taken`, which keeps other runs away."""

    def __init__(self, place: StorePlace, key: bytes, start: Start) -> None:
        self.keys = start.keys
        self._place, self._key, self._start = place, key, start
        self._parts: list[Seen] = []
        self._rows: list[Row] = []
        self._fingerprints: list[Fingerprint] = []
        self._covered = 0
        """Photos that wait to be in a part."""
        self._since = time.monotonic()

    @classmethod
    @contextmanager
    def taken(cls, place: StorePlace, rules: bytes) -> Iterator[Self]:
        """Open what a killed run under the same rules left, or start anew; one run at a time.

        What holds no part when this is left is removed. Raises `StoreUnusable` where another run is
        at it, the key lies in the same directory or is not the one of what is there, and
        `StoreUnwritable`.
        """
        with held_place(place) as own:
            store = cls(own, *gone_on_with(own, _FORM, rules))
            try:
                yield store
            finally:
                store.leave()

    def begin(self, photos: bytes) -> int:
        """Return how many photos are done already; drop what is kept of other photos."""
        if self._start.photos != photos:
            self._drop_from(0)
            self._start = Start(self._start.id, self._start.rules, photos, self.keys)
            save_start(self._place, _FORM, self._key, self._start)
        done = 0
        while (part := self._part(len(self._parts))) is not None:
            covered, seen = part
            self._parts.append(seen)
            done += covered
        self._drop_from(len(self._parts))
        self._since = time.monotonic()
        return done

    def add(self, rows: Sequence[Row], fingerprint: Fingerprint | None = None) -> None:
        """Take in the next photo's rows and fingerprint; raises `StoreUnwritable`."""
        self._rows.extend(rows)
        if fingerprint is not None:
            self._fingerprints.append(fingerprint)
        self._covered += 1
        if self._covered >= PART_PHOTOS or time.monotonic() - self._since >= PART_SECONDS:
            self._write_part()

    def seen(self) -> Seen:
        """Return what was seen in all photos; what was not yet in a part is written first."""
        if self._covered:
            self._write_part()
        sightings = [SIGHTING_SCHEMA.to_frame(), *(part.sightings for part in self._parts)]
        fingerprints = [FINGERPRINT_SCHEMA.to_frame(), *(p.fingerprints for p in self._parts)]
        return Seen(pl.concat(sightings), pl.concat(fingerprints))

    def leave(self) -> None:
        """Keep what waits to be in a part, for a run that is interrupted and goes on later.

        A run that ends before its first part has nothing to go on with: what it made is removed.
        """
        directory = self._place.directory
        if not directory.is_dir():
            return
        if self._covered:
            with suppress(StoreUnwritable):
                self._write_part()
        if not part_numbers(directory):
            self.destroy()

    def destroy(self) -> None:
        """Destroy the key, then remove the parts; raises `StoreUnwritable`."""
        destroy(self._place)

    def _write_part(self) -> None:
        number = len(self._parts)
        seen = Seen(
            pl.DataFrame(self._rows, schema=SIGHTING_SCHEMA, orient="row"),
            pl.DataFrame(self._fingerprints, schema=FINGERPRINT_SCHEMA, orient="row"),
        )
        content = _packed(self._covered, seen)
        sealed = encrypted(_FORM, self._key, self._start.place_of(number), content)
        replace(self._place.directory / part_name(number), sealed)
        self._parts.append(seen)
        self._rows, self._fingerprints = [], []
        self._covered, self._since = 0, time.monotonic()

    def _part(self, number: int) -> tuple[int, Seen] | None:
        own = self._start.place_of(number)
        content = read_sealed(self._place, _FORM, self._key, part_name(number), own)
        return None if content is None else _unpacked(content)

    def _drop_from(self, number: int) -> None:
        with writing():
            remove_parts_from(self._place.directory, number)


def _packed(covered: int, seen: Seen) -> bytes:
    """Return how many photos, how long the first table is, and both tables."""
    tables = [_table(seen.sightings), _table(seen.fingerprints)]
    numbers = (covered, len(tables[0]))
    return b"".join([*(n.to_bytes(_NUMBER_BYTES, "big") for n in numbers), *tables])


def _unpacked(content: bytes) -> tuple[int, Seen]:
    covered, first = (
        int.from_bytes(content[at : at + _NUMBER_BYTES], "big") for at in (0, _NUMBER_BYTES)
    )
    tables = content[2 * _NUMBER_BYTES :]
    return covered, Seen(
        *(pl.read_parquet(io.BytesIO(t)) for t in (tables[:first], tables[first:]))
    )


def _table(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def discard(place: StorePlace) -> None:
    """Remove what is left of a run whose release is in its place.

    Raises `StoreUnusable` while a run is at it or where its key is another's, `StoreUnwritable`.
    """
    remove(place, _FORM)
