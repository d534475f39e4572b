"""A whole run on real disks that are full, nearly full, or read-only: mounted for the test."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import make_place

SMALL_DISK = Path(__file__).with_name("small_disk.py")
ROOT = Path(__file__).parents[2]
OWN_DISKS = ("unshare", "--user", "--map-root-user", "--mount")
MOST = 400
"""Pages with which a run has all the space that it needs."""


@pytest.fixture(scope="module", autouse=True)
def mountable(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip, and say so, where no disk can be mounted for a test."""
    folder = tmp_path_factory.mktemp("mountable")
    words = (*OWN_DISKS, "mount", "-t", "tmpfs", "none", str(folder))
    if shutil.which("unshare") is None or subprocess.run(words, check=False).returncode:
        pytest.skip("NOT RUN ON FULL DISKS: no disk can be mounted here (unshare --mount)")


def outcomes(root: Path, no_photos: Path, where: str, *kinds: object) -> list[list[object]]:
    """Run on each kind of disk; return what became of each."""
    make_place(root / "start")
    assert no_photos == root / "none"
    done = subprocess.run(
        [*OWN_DISKS, sys.executable, str(SMALL_DISK), str(root), where, *map(str, kinds)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in (root / "said").read_text()
    return [json.loads(line) for line in done.stdout.splitlines()]


def expect(outcome: list[object], code: int) -> None:
    """Check that a run stopped with this code or went well, and that all is well afterwards."""
    _, stopped, verified, published, again, after, left = outcome
    assert stopped == (0 if published else code), outcome
    assert (verified, again, after) == (0, 0, 0), outcome
    # Nothing half-written stays behind.
    assert left == ["release", "site"], outcome


QUICK = ("ro", 0, 3, 12, MOST)


@pytest.mark.timeout(1600)
@pytest.mark.parametrize(
    "kinds",
    [QUICK, pytest.param(("ro", *range(60), MOST), marks=pytest.mark.slow)],
    ids=("some", "every"),
)
def test_without_space_a_run_stops_and_with_space_it_goes_on(
    tmp_path: Path, no_photos: Path, kinds: tuple[object, ...]
) -> None:
    found = outcomes(tmp_path, no_photos, "site", *kinds)
    for outcome in found:
        expect(outcome, 10)
    assert (found[0][3], found[-1][3]) == (False, True)


@pytest.mark.timeout(1600)
def test_without_space_for_its_witness_a_run_stops_and_with_space_it_goes_on(
    tmp_path: Path, no_photos: Path
) -> None:
    found = outcomes(tmp_path, no_photos, "witness", "ro", 0, MOST)
    for outcome in found:
        expect(outcome, 6)
    assert [outcome[3] for outcome in found] == [False, False, True]
