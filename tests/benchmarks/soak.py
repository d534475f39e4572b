"""A long run: tens of thousands of small photos through the command line, watched from outside.

Photos are crops of scikit-image's pictures, no two alike, of a few hundred contributors. The run is
`crowdlens run` in a process of its own with `--store` and `--metrics`; every few seconds the driver
and its workers are weighed. Memory is flat when the last tenth of the photos needs no more than the
second did: the first fills caches and loads nets.
"""

import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from skimage import data

from audit import Trust, verify
from engine.setup import Place
from tests.benchmarks.processes import children, held, open_files
from tests.places import make_place, run_words, write_manifest

PICTURES: Final = ("astronaut", "chelsea", "coffee", "rocket", "brick", "camera")
SIDES: Final = (64, 96)
CONTRIBUTORS: Final = 400
SEED: Final = 20
EVERY: Final = 5.0
_ROOT: Final = Path(__file__).parents[2]
_COUNTER: Final = "crowdlens_photos_done_total "


@dataclass(frozen=True)
class Weighed:
    """A run, at one moment."""

    photos: int
    driver: int
    workers: int
    files: int


def soak(photos: int, workers: int = 2) -> dict[str, Any]:
    """Run `photos` photos; return how it ended and what it held."""
    with TemporaryDirectory(prefix="soak-") as root:
        folder = small_photos(Path(root) / "photos", photos)
        place = make_place(Path(root) / "site")
        out, store = Path(root) / "release", Path(root) / "sightings"
        begun = time.monotonic()
        code, seen = watched(place, folder, out, store, workers, photos)
        seconds = time.monotonic() - begun
        checked = verify(place.log, Trust.load(place.trust), releases=[out])
        left = [path.name for path in (store, store.with_suffix(".key")) if path.exists()]
    return {
        "photos": photos,
        "exit_code": code,
        "verified": checked.exit_code == 0,
        "left_behind": left,
        "seconds": round(seconds),
        **flatness(seen, photos),
    }


def small_photos(folder: Path, count: int) -> Path:
    """Write crops under different names, and their manifest."""
    folder.mkdir()
    chance = random.Random(SEED)
    pictures = [np.ascontiguousarray(_colour(getattr(data, name)())) for name in PICTURES]
    rows = []
    for number in range(count):
        picture = chance.choice(pictures)
        side, by = chance.randint(*SIDES), chance.uniform(1, 3)
        window = min(round(side * by), *picture.shape[:2])
        top, left = (chance.randrange(full - window + 1) for full in picture.shape[:2])
        crop = picture[top : top + window, left : left + window]
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        name = f"{number:06d}.jpg"
        cv2.imwrite(str(folder / name), small)
        rows.append((name, f"@c{number % CONTRIBUTORS}", f"2026-06-{number % 14 + 1:02d}"))
    return write_manifest(folder, rows)


def _colour(picture: Any) -> Any:
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture[..., ::-1]


def watched(
    place: Place, folder: Path, out: Path, store: Path, workers: int, photos: int
) -> tuple[int, list[Weighed]]:
    """Run, and weigh the processes until it ends."""
    port = free_port()
    words = run_words(place, folder, out, "--quiet", "--metrics", port)
    words += ["--store", store, "--store-key", store.with_suffix(".key")]
    words[words.index("--workers") + 1] = workers
    run = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", *map(str, words)],
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
    )
    seen: list[Weighed] = []
    told = 0.0
    while run.poll() is None:
        time.sleep(EVERY)
        if (done := photos_done(port)) is None:
            continue
        beneath = children(run.pid)
        seen.append(
            Weighed(done, held(run.pid), sum(held(one) for one in beneath), open_files(run.pid))
        )
        if time.monotonic() - told > 60:
            told = time.monotonic()
            last = seen[-1]
            sys.stderr.write(
                f"{time.strftime('%H:%M:%S')} {last.photos} of {photos} photos, driver "
                f"{last.driver / 1e6:.0f} MB, workers {last.workers / 1e6:.0f} MB\n"
            )
    return run.returncode, seen


def flatness(seen: list[Weighed], photos: int) -> dict[str, Any]:
    """Return what was held while the second and while the last tenth was worked on, at most."""
    early = [one for one in seen if photos * 0.1 <= one.photos < photos * 0.2]
    late = [one for one in seen if photos * 0.9 <= one.photos < photos]
    if not early or not late:
        return {"weighed": len(seen)}
    figures: dict[str, Any] = {"weighed": len(seen)}
    for name in ("driver", "workers"):
        first, last = (max(getattr(one, name) for one in part) for part in (early, late))
        figures |= {f"{name}_early_mb": round(first / 1e6, 1)}
        figures |= {f"{name}_late_mb": round(last / 1e6, 1)}
    totals = [max(one.driver + one.workers for one in part) for part in (early, late)]
    between = late[-1].photos - early[0].photos
    figures["driver_bytes_a_photo"] = round((late[-1].driver - early[0].driver) / between)
    # When all photos are done, the driver counts, draws and writes: with what it loads for that.
    figures["driver_publishing_mb"] = round(max(one.driver for one in seen) / 1e6, 1)
    figures["open_files"] = [early[0].files, late[-1].files]
    return figures | {"ratio": round(totals[1] / totals[0], 3)}


def photos_done(port: int) -> int | None:
    """Ask the run how many photos are done; None while or when it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text: str = answer.read().decode()
    except OSError:
        return None
    lines = [line for line in text.splitlines() if line.startswith(_COUNTER)]
    return int(float(lines[0].removeprefix(_COUNTER))) if lines else None


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    print(json.dumps(soak(int(sys.argv[1]))))
