"""What a training keeps while it lasts: in memory, or encrypted on disk so that it can go on.

    DIR/start       the run's secrets, and of which rules and photos the rest is
    DIR/000000.part embeddings of the first photos, with their targets
    DIR/state       of a training that is paid for: its run, and where it stands
    KEY             in another place

As `engine.store.encrypted` keeps sightings, and with the same promises: a file is whole or not
there, opens under its own key and in its own place alone, and the key is destroyed first.

The state names its run before the budget is reserved, and holds whatever was drawn before any of it
is staged, so that nothing is drawn a second time for one reservation.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final, Protocol, Self

from engine.encryption import encrypted
from engine.learning.embedding_job import Points
from engine.learning.errors import TrainingChanged
from engine.learning.packing import Paid, packed, packed_points, unpacked, unpacked_points
from engine.store import RunKeys, StorePlace, StoreUnwritable
from engine.store.directory import (
    STATE,
    part_name,
    part_numbers,
    remove_parts_from,
    writing,
)
from engine.store.directory import replace as replace_file
from engine.store.opening import (
    destroy,
    gone_on_with,
    held_place,
    opened,
    read_sealed,
    remove,
    save_start,
)
from engine.store.start import Start

PART_PHOTOS: Final = 64
"""A part is written after so many photos at the latest: what a kill costs."""
PART_SECONDS: Final = 60.0
"""Or after so many seconds."""

_FORM: Final = b"crowdlens-training/1\n"


class TrainingStore(Protocol):
    """Keeps what a training has done so far."""

    @property
    def keys(self) -> RunKeys:
        """The run's secrets: new ones, or those of the training that is gone on with."""

    @property
    def paid(self) -> Paid | None:
        """What is known of the run that has paid; None before there is one."""

    def begin(self, photos: bytes) -> int:
        """Return how many photos are done already, of exactly the photos that `photos` names.

        Raises `TrainingChanged` where they are others than those of a training that has paid.
        """

    def add(self, points: Points | None) -> None:
        """Take in what is left of the next photo."""

    def points(self) -> Sequence[Points | None]:
        """Return what is left of all photos, in order."""

    def note(self, paid: Paid | None) -> None:
        """Keep where the training stands; it is on the disk when this returns, if ever."""

    def destroy(self) -> None:
        """Forget everything, keys first."""


class MemoryTraining:
    """Keeps everything in memory: a training that is killed is over."""

    def __init__(self) -> None:
        self.keys = RunKeys.fresh()
        self.paid: Paid | None = None
        self._points: list[Points | None] = []

    def begin(self, photos: bytes) -> int:  # noqa: ARG002  nothing is kept from another run
        """Start empty."""
        self.destroy()
        return 0

    def add(self, points: Points | None) -> None:
        """Take in what is left of the next photo."""
        self._points.append(points)

    def points(self) -> Sequence[Points | None]:
        """Return what is left of all photos."""
        return self._points

    def note(self, paid: Paid | None) -> None:
        """Keep where the training stands."""
        self.paid = paid

    def destroy(self) -> None:
        """Let go of it."""
        self._points.clear()
        self.paid = None


class EncryptedTraining:
    """One training's files; made by `taken`, which keeps others away."""

    def __init__(self, place: StorePlace, key: bytes, start: Start) -> None:
        self.keys = start.keys
        self._place, self._key, self._start = place, key, start
        self._parts: list[list[Points | None]] = []
        self._waiting: list[Points | None] = []
        self._since = time.monotonic()
        self.paid = self._read_paid()

    @classmethod
    @contextmanager
    def taken(cls, place: StorePlace, rules: bytes) -> Iterator[Self]:
        """Open what a killed training under the same rules left, or start anew.

        Raises `TrainingChanged` where one under other rules has paid, `StoreUnusable` and
        `StoreUnwritable`.
        """
        with held_place(place) as own:
            found = opened(own, _FORM)
            if found is not None and found[1].rules != rules and (own.directory / STATE).exists():
                raise _changed()
            store = cls(own, *gone_on_with(own, _FORM, rules))
            try:
                yield store
            finally:
                store.leave()

    def begin(self, photos: bytes) -> int:
        """Return how many photos are done already; drop what is kept of other photos."""
        if self._start.photos != photos:
            if self.paid is not None:
                raise _changed()
            self._drop_from(0)
            self._start = replace(self._start, photos=photos)
            save_start(self._place, _FORM, self._key, self._start)
        while (part := self._part(len(self._parts))) is not None:
            self._parts.append(part)
        self._drop_from(len(self._parts))
        self._since = time.monotonic()
        return sum(len(part) for part in self._parts)

    def add(self, points: Points | None) -> None:
        """Take in what is left of the next photo; raises `StoreUnwritable`."""
        self._waiting.append(points)
        if len(self._waiting) >= PART_PHOTOS or time.monotonic() - self._since >= PART_SECONDS:
            self._write_part()

    def points(self) -> Sequence[Points | None]:
        """Return what is left of all photos; what was not yet in a part is written first."""
        if self._waiting:
            self._write_part()
        return [points for part in self._parts for points in part]

    def note(self, paid: Paid | None) -> None:
        """Keep where the training stands; raises `StoreUnwritable`."""
        self.paid = paid
        file = self._place.directory / STATE
        if paid is None:
            with writing():
                file.unlink(missing_ok=True)
            return
        replace_file(file, encrypted(_FORM, self._key, self._place_of_state(), packed(paid)))

    def leave(self) -> None:
        """Keep what waits to be in a part; remove what holds nothing to go on with."""
        directory = self._place.directory
        if not directory.is_dir():
            return
        if self._waiting:
            with suppress(StoreUnwritable):
                self._write_part()
        if not part_numbers(directory) and self.paid is None:
            self.destroy()

    def destroy(self) -> None:
        """Destroy the key, then remove the rest; raises `StoreUnwritable`."""
        destroy(self._place)

    def _write_part(self) -> None:
        number = len(self._parts)
        content = packed_points(self._waiting)
        sealed = encrypted(_FORM, self._key, self._start.place_of(number), content)
        replace_file(self._place.directory / part_name(number), sealed)
        self._parts.append(self._waiting)
        self._waiting, self._since = [], time.monotonic()

    def _part(self, number: int) -> list[Points | None] | None:
        content = self._opened(part_name(number), self._start.place_of(number))
        return None if content is None else unpacked_points(content)

    def _read_paid(self) -> Paid | None:
        content = self._opened(STATE, self._place_of_state())
        return None if content is None else unpacked(content)

    def _opened(self, name: str, own: bytes) -> bytes | None:
        return read_sealed(self._place, _FORM, self._key, name, own)

    def _place_of_state(self) -> bytes:
        return self._start.id + STATE.encode()

    def _drop_from(self, number: int) -> None:
        with writing():
            remove_parts_from(self._place.directory, number)


@contextmanager
def kept(place: StorePlace | None, rules: bytes) -> Iterator[TrainingStore]:
    """Yield where a training keeps what it does; `rules` name what its photos are looked at by."""
    if place is None:
        yield MemoryTraining()
        return
    with EncryptedTraining.taken(place, rules) as store:
        yield store


def _changed() -> TrainingChanged:
    return TrainingChanged(
        "the training that was killed had paid, and it had other rules, labels or photos",
        hint="Give what it had, and it goes on; or remove --store and --store-key, and what it "
        "spent is lost.",
    )


def discard(place: StorePlace) -> None:
    """Remove what is left of a training whose model is in its place.

    Raises `StoreUnusable` while one is at it or where its key is another's, `StoreUnwritable`.
    """
    remove(place, _FORM)
