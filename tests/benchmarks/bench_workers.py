"""How well the work on photos fills a machine, and what it holds: ratios within one run.

`python -m tests.benchmarks.bench_workers [--only ROW] [--photos N] [--side N] [--rounds N]`

- *two*: 2 worker processes against 1, wall time a photo; to reach: at least 1.85 times the pace.
- *ray*: actors of a Ray cluster that is started here, 2 against 2 local processes; to reach: at
  least .9 of the local pace.
- *memory*: peak of the resident memory of the whole process tree, over `--many` photos against a
  tenth of them; to reach: at most 1.1 times.
- *start*: from the command's start to the first photo's result, against `import torch` in a fresh
  process; to reach: 5 s, told as the multiple.
- *driver*: the driver's processor time a photo, under Ray, and the bytes that a photo is on its
  way: what limits a large cluster (`tests.benchmarks.driver`, which leaves the work itself out).
- *soak*: only where it is asked for: `--photos` small ones (20,000) through `crowdlens run`, which
  is weighed all the while (`tests.benchmarks.soak`); to reach: done, at most 1.1 times the memory.

Photos are those of scikit-image at 640 pixels, or `--side`, written again and again under other
names; every way does the same photos. The rounds of what is compared take turns, their order turned
round each time; figures are medians. The clock starts ten seconds after the first result, when each
worker has its nets. Takes the machine for itself: whatever else runs falls on the result.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from skimage import data

from engine.photo_job import PhotoJob
from engine.recognition import RecognitionRules
from engine.sources import SourcePhoto
from engine.sources.files import PathFile
from engine.workers import LocalWorkers, Workers
from engine.workers.ray_cluster import RayWorkers
from policies.lexicon import Lexicon
from policies.tags import SCENES
from redaction import RedactionRules
from tests.benchmarks.driver import driver
from tests.benchmarks.processes import held_by_tree
from tests.benchmarks.soak import soak

PICTURES: Final = ("astronaut", "chelsea", "coffee", "rocket")
SIDE: Final = 640
TO_REACH: Final = {"two": 1.85, "ray": 0.9, "memory": 1.1, "start": 5.0, "soak": 1.1}
SOAKED: Final = 20_000
WARM: Final = 10.0
_FIRST_PHOTO: Final = (
    "from tests.benchmarks.bench_workers import first_photo; first_photo({path!r})"
)


def job() -> PhotoJob:
    wanted = {"brand": frozenset[str](), "scene": frozenset(SCENES)}
    return PhotoJob(RedactionRules(Lexicon(())), RecognitionRules(Lexicon(()), wanted=wanted))  # type: ignore[arg-type]


def nothing() -> None:
    """Stand for a photo that killed its process."""


@contextmanager
def photos(count: int, side: int = SIDE) -> Iterator[tuple[SourcePhoto, ...]]:
    """Write `count` photos under different names; links, so that many take no room."""
    with TemporaryDirectory() as folder:
        first = []
        for name in PICTURES:
            picture = getattr(data, name)()
            by = side / max(picture.shape[:2])
            drawn = cv2.resize(picture, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
            path = Path(folder) / f"{name}.jpg"
            cv2.imwrite(str(path), np.ascontiguousarray(drawn[..., ::-1]))
            first.append(path)
        found = []
        for number in range(count):
            path = Path(folder) / f"{number:06d}.jpg"
            os.link(first[number % len(first)], path)
            found.append(SourcePhoto(PathFile(path), f"c{number}", date(2026, 6, 1)))
        yield tuple(found)


def wall(workers: Workers, items: tuple[SourcePhoto, ...]) -> float:
    """Return seconds a photo once every worker is at it."""
    results = workers.map(job(), items, nothing)
    next(results)
    begun = start = time.perf_counter()
    rest = 0
    for _ in results:
        if start - begun < WARM:
            start = time.perf_counter()
        else:
            rest += 1
    assert rest, "too few photos to time"
    return (time.perf_counter() - start) / rest


def paired(one: Workers, other: Workers, count: int, side: int, rounds: int) -> tuple[float, float]:
    """Return the medians of both, taking turns."""
    seconds: dict[int, list[float]] = {0: [], 1: []}
    with photos(count, side) as items:
        for turn in range(rounds):
            for which in ((0, 1), (1, 0))[turn % 2]:
                seconds[which].append(wall((one, other)[which], items))
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def two(count: int, side: int, rounds: int) -> dict[str, Any]:
    one, both = paired(LocalWorkers(1), LocalWorkers(2), count, side, rounds)
    return {"seconds_one": one, "seconds_two": both, "ratio": one / both}


def ray(count: int, side: int, rounds: int) -> dict[str, Any]:
    local, cluster = paired(LocalWorkers(2), RayWorkers(2), count, side, rounds)
    return {"seconds_local": local, "seconds_ray": cluster, "ratio": local / cluster}


def memory(many: int) -> dict[str, Any]:
    few = peak(many // 10)
    lots = peak(many)
    return {"few_mb": few / 1e6, "many_mb": lots / 1e6, "ratio": lots / few}


def peak(count: int) -> int:
    """Return the most bytes that this process and its children held at any time, shared once."""
    most, over = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.2):
            most = max(most, held_by_tree(os.getpid()))

    watcher = threading.Thread(target=watch)
    with photos(count, side=160) as items:
        watcher.start()
        try:
            for _ in LocalWorkers(2).map(job(), items, nothing):
                pass
        finally:
            over.set()
            watcher.join()
    return most


def first_photo(path: str) -> None:
    """Look at one photo in a fresh process, as a worker does."""
    work = job()
    work.prepare()
    assert work(SourcePhoto(PathFile(Path(path)), "c", date(2026, 6, 1))) is not None


def start(rounds: int) -> dict[str, Any]:
    ours, torch = [], []
    with photos(1) as items:
        words = _FIRST_PHOTO.format(path=str(items[0].file.path))  # type: ignore[attr-defined]
        for _ in range(rounds):
            ours.append(seconds_of(words))
            torch.append(seconds_of("import torch"))
    first, one = statistics.median(ours), statistics.median(torch)
    return {"seconds": first, "import_torch": one, "multiple": first / one}


def seconds_of(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description="Pace, memory and start of the work on photos.")
    parser.add_argument("--photos", type=int, help="of each row; default 100, soak's is 20,000")
    parser.add_argument("--side", type=int, default=SIDE)
    parser.add_argument("--many", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("two", "ray", "memory", "start", "driver", "soak"))
    given = parser.parse_args()
    count = given.photos or 100
    rows = {
        "two": lambda: two(count, given.side, given.rounds),
        "ray": lambda: ray(count, given.side, given.rounds),
        "driver": lambda: driver(given.photos or 5000, given.rounds),
        "memory": lambda: memory(given.many),
        "start": lambda: start(given.rounds),
    }
    if given.only == "soak":
        rows = {"soak": lambda: soak(given.photos or SOAKED)}
    for name, measure in rows.items():
        if given.only in (None, name):
            print(json.dumps({"row": name, "to_reach": TO_REACH.get(name), **measure()}))


if __name__ == "__main__":
    main()
