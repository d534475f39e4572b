"""What becomes the bottleneck of a cluster: a calculation from measured numbers.

`python -m tests.benchmarks.scale [--nodes N ...] [--cores N] [--work S] [--driver S] [--photo KB]`

`--work` is a photo's processor seconds in a worker (`bench_speed`, whole path) and `--driver` those
of the driver (`bench_workers --only driver`, measured here where it is not given). A cluster does
the smaller of what its workers and what its driver can; the rest follows: what the place where the
photos lie has to give, what goes over the network beside, what the driver holds and keeps.
"""

import argparse
import sys
from dataclasses import dataclass
from typing import Any, Final

from tests.benchmarks.driver import driver

NODES: Final = (1, 10, 50, 100, 1000)
LISTED_BYTES: Final = 730
"""Of a photo in the driver's list: where it lies, whose it is, its day."""
DAY: Final = 86_400


@dataclass(frozen=True)
class Photo:
    """What one photo costs."""

    work: float
    """Processor seconds in a worker."""
    driver: float
    """Processor seconds in the driver."""
    sent: int
    """Bytes between driver and worker, both ways."""
    kept: int
    """Bytes in the encrypted store, three labels seen."""
    held: int
    """Bytes in the driver's memory until the run ends."""
    file: int
    """Bytes of the photo."""


@dataclass(frozen=True)
class Pace:
    """What a cluster does in a second, and what that asks for."""

    nodes: int
    workers: float
    """Photos a second that the workers could do."""
    driver: float
    """Photos a second that the driver could do."""
    photo: Photo

    @property
    def photos(self) -> float:
        """Photos a second."""
        return min(self.workers, self.driver)

    @property
    def limit(self) -> str:
        """What everything else waits for."""
        return "workers" if self.workers <= self.driver else "driver"

    def row(self) -> tuple[str, ...]:
        """Return a row of the table."""
        a_day = self.photos * DAY
        return (
            f"{self.nodes:,}",
            f"{self.workers:,.0f}",
            f"{self.photos:,.0f}",
            self.limit,
            f"{a_day / 1e6:,.1f} million",
            f"{self.photos * self.photo.file / 1e6:,.0f} MB/s",
            f"{self.photos * self.photo.sent / 1e6:,.2f} MB/s",
            f"{a_day * self.photo.held / 1e9:,.1f} GB",
            f"{a_day * self.photo.kept / 1e9:,.1f} GB",
        )


HEADS: Final = (
    "nodes",
    "workers could do",
    "photos a second",
    "limited by",
    "in a day",
    "read of photos",
    "driver's network",
    "driver's memory, a day",
    "store, a day",
)


def pace(nodes: int, cores: int, photo: Photo) -> Pace:
    """Return what so many nodes do."""
    return Pace(nodes, nodes * cores / photo.work, 1 / photo.driver, photo)


def main() -> None:
    """Calculate, and print a table."""
    parser = argparse.ArgumentParser(description="What becomes the bottleneck of a cluster.")
    parser.add_argument("--nodes", type=int, nargs="*", default=list(NODES))
    parser.add_argument("--cores", type=int, default=16)
    parser.add_argument("--work", type=float, default=0.8)
    parser.add_argument("--driver", type=float)
    parser.add_argument("--photo", type=float, default=300.0, help="kilobytes of a photo's file")
    given = parser.parse_args()
    measured: dict[str, Any] = driver(20_000, 1)
    photo = Photo(
        work=given.work,
        driver=given.driver or measured["driver_seconds"],
        sent=measured["bytes_to_a_worker"] + measured["bytes_from_a_worker"],
        kept=measured["store_bytes"],
        held=LISTED_BYTES + measured["driver_memory_bytes"],
        file=round(given.photo * 1000),
    )
    lines = [HEADS, tuple("---" for _ in HEADS)]
    lines += [pace(nodes, given.cores, photo).row() for nodes in given.nodes]
    sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines))
    full = photo.work / (photo.driver * given.cores)
    sys.stdout.write(f"\nThe driver is busy all the time at {full:,.0f} nodes; {photo}\n")


if __name__ == "__main__":
    main()
