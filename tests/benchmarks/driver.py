"""What one photo costs the process that hands photos out: what limits a large cluster.

The driver does all that it does in a run: it sends where a photo lies, takes what was seen in it,
keeps rows in an encrypted store, and sees them again at the end. The work itself is left out: each
worker answers at once with what a photo of three labels gives, so that thousands take seconds and
the driver is what they wait for.
"""

import os
import pickle
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from engine.looking import Looking
from engine.observer import Silence
from engine.photo_job import Looked
from engine.recognition import Recognised
from engine.sources import SourcePhoto
from engine.sources.files import PathFile
from engine.store import EncryptedStore, StorePlace
from engine.timed_job import Timed
from engine.workers import Workers
from engine.workers.interface import Job, R, T
from engine.workers.ray_cluster import RayWorkers
from policies.decision import load_rules
from tests.benchmarks.processes import held
from tests.places import make_place

CONTRIBUTORS: Final = 1000
SEEN: Final = Timed(
    Looked(tuple(Recognised("brand", name) for name in ("Brightwater", "Kestrel", "Nimbus"))),
    0.3,
    0.2,
)


@dataclass(frozen=True)
class Answer:
    """A job that answers at once."""

    def prepare(self) -> None:
        """Load nothing."""

    def __call__(self, photo: SourcePhoto) -> Timed:
        """Give what a photo gives."""
        return SEEN


@dataclass
class Answering:
    """Workers that do another job than they are given."""

    workers: Workers

    @property
    def flying(self) -> int:
        """How many items are handed out."""
        return self.workers.flying

    def map(self, job: Job[T, R], items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        """Yield answers."""
        return self.workers.map(Answer(), items, lost)  # type: ignore[arg-type, return-value]


def photos(count: int) -> tuple[SourcePhoto, ...]:
    """Give photos that nobody opens."""
    first = date(2026, 6, 1)
    return tuple(
        SourcePhoto(
            PathFile(Path(f"/data/photos/2026/06/{number:08d}.jpg")),
            f"{number % CONTRIBUTORS:032x}",
            first + timedelta(days=number % 14),
        )
        for number in range(count)
    )


def driver(count: int, rounds: int, workers: Callable[[], Workers] | None = None) -> dict[str, Any]:
    """Return seconds of the driver's processor time a photo, and the bytes that a photo is."""
    used, grown, kept = [], [], []
    half = count // 2
    items = photos(count)
    with TemporaryDirectory() as root:
        rules = load_rules(make_place(Path(root) / "site").policy)
        for turn in range(rounds):
            place = StorePlace(Path(root) / f"sightings{turn}", Path(root) / f"{turn}.key")
            with EncryptedStore.taken(place, bytes(32)) as store:
                start = _Started(Answering((workers or (lambda: RayWorkers(2)))()), count)
                Looking(rules, start, store).look(items, Silence())
                used.append((time.process_time() - start.cpu) / (count - 1))
                grown.append((start.last - start.held) / (count - half))
                kept.append(sum(f.stat().st_size for f in place.directory.iterdir()) / count)
                store.destroy()
    seconds = statistics.median(used)
    return {
        "driver_seconds": round(seconds, 6),
        "photos_a_second_at_most": round(1 / seconds),
        "bytes_to_a_worker": len(pickle.dumps(items[0])),
        "bytes_from_a_worker": len(pickle.dumps(SEEN)),
        "store_bytes": round(statistics.median(kept)),
        "driver_memory_bytes": round(statistics.median(grown)),
    }


@dataclass
class _Started:
    """Starts the clock with the first answer, and weighs from the half on.

    Getting workers ready is apart, and so is what grows only once.
    """

    workers: Answering
    count: int
    cpu: float = 0.0
    held: int = 0
    last: int = 0

    @property
    def flying(self) -> int:
        return self.workers.flying

    def map(self, *given: Any) -> Iterator[Any]:
        for number, result in enumerate(self.workers.map(*given)):
            if number == 0:
                self.cpu = time.process_time()
            if number == self.count // 2:
                self.held = held(os.getpid())
            if number == self.count - 1:
                self.last = held(os.getpid())
            yield result
