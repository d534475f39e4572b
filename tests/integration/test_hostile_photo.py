"""A photo that ends its worker, by a crash or by taking all memory, costs itself and nothing else.

The run counts what a run without that photo counts, before noise, and publishes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import Trust, verify
from tests.integration.test_kill import ENVIRONMENT, KILLED
from tests.places import BRANDS, draw_sign, make_place, run_words, write_manifest

pytestmark = [pytest.mark.models, pytest.mark.slow, pytest.mark.timeout(1800)]

HOSTILE = "hostile.png"
MEGABYTES = 1600
"""For the run, its two workers and their decoders: twice what they need."""
CGROUPS = Path("/sys/fs/cgroup/memory")


def source(folder: Path, *, hostile: bool) -> Path:
    rows = []
    for number in range(6):
        name = HOSTILE if number == 3 else f"{number}.png"
        draw_sign(folder / name, BRANDS[number % 3], "Open")
        if hostile or name != HOSTILE:
            rows.append((name, f"@c{number % 2}", "2026-06-02"))
    return write_manifest(folder, rows)


def counts(root: Path, before: str = "true", *, hostile: bool = True, **more: str) -> object:
    """Run after a line of shell; return what was counted before noise."""
    root.mkdir()
    place, out = make_place(root / "site"), root / "release"
    store = ["--store", root / "sightings", "--store-key", root / "sightings.key"]
    words = run_words(place, source(root / "photos", hostile=hostile), out, *store)
    words[words.index("--workers") + 1] = 2
    notes = {"RUN_KEYS": bytes(range(64)).hex(), "NOTE_COUNTS": str(root / "counts")}
    done = subprocess.run(
        ["sh", "-c", f'{before} && exec "$@"', "sh", sys.executable, KILLED, "0", *map(str, words)],
        env={**ENVIRONMENT, **notes, **more},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "hostile" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert verify(place.log, Trust.load(place.trust), releases=[out]).exit_code == 0
    assert not (root / "sightings").exists()
    return json.loads((root / "counts").read_text())


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Give what a run without the photo counts."""
    found = counts(tmp_path_factory.mktemp("without") / "run", hostile=False)
    assert any(map(any, found))  # type: ignore[call-overload]
    return found


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """Give a control group with little memory; skip, and say so, where none can be made."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        own = next(line.split(":")[2] for line in lines if ":memory:" in line)
        group = CGROUPS / own.strip("/") / f"crowdlens-test-{os.getpid()}"
        group.mkdir()
    except (OSError, StopIteration):
        pytest.skip("NOT RUN OUT OF MEMORY: no memory cgroup (version 1) can be made here")
    (group / "memory.limit_in_bytes").write_text(f"{MEGABYTES}M")
    yield group
    group.rmdir()


def test_a_worker_that_crashes_on_a_photo_costs_that_photo(tmp_path: Path, truth: object) -> None:
    assert counts(tmp_path / "run", CRASHES=HOSTILE) == truth


def test_a_worker_that_may_take_no_more_memory_costs_its_photo(
    tmp_path: Path, truth: object
) -> None:
    assert counts(tmp_path / "run", "ulimit -v 8000000", DEVOURS=HOSTILE) == truth


def test_a_worker_that_the_machine_ends_for_its_memory_costs_its_photo(
    tmp_path: Path, truth: object, cgroup: Path
) -> None:
    ended = cgroup / "memory.oom_control"
    assert counts(tmp_path / "run", f"echo $$ >{cgroup}/cgroup.procs", DEVOURS=HOSTILE) == truth
    assert "oom_kill 0" not in ended.read_text(), "nothing was ended for want of memory"
