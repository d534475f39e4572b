"""A whole run on real disks that are full, nearly full, or read-only: mounted for the test."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.test_kill import ENVIRONMENT, KILLED
from tests.places import BRANDS, draw_sign, make_place, run_words, write_manifest

SMALL_DISK = Path(__file__).with_name("small_disk.py")
SMALL_STORE = Path(__file__).with_name("small_store.py")
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
    found = on_own_disks(SMALL_DISK, root, where, *kinds)
    assert "Traceback" not in (root / "said").read_text()
    return found


def on_own_disks(script: Path, *words: object) -> list[list[object]]:
    """Run a script that mounts disks; return what it says of each."""
    done = subprocess.run(
        [*OWN_DISKS, sys.executable, str(script), *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
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


@pytest.mark.parametrize(
    "kinds",
    [
        ("ro", 0, 12, 18, 30, 60, 100, MOST),
        pytest.param(tuple(range(140)), marks=pytest.mark.slow),
    ],
    ids=("some", "every"),
)
def test_without_space_for_what_was_seen_a_run_stops_and_goes_on_after_the_last_part(
    tmp_path: Path, kinds: tuple[object, ...]
) -> None:
    found = on_own_disks(SMALL_STORE, tmp_path, *kinds)
    assert len(found) == len(kinds)
    for kind, stopped, done, same, left in found:
        assert isinstance(done, int)
        assert done % 4 == 0, kind
        assert stopped == (done < 24), kind
        assert same, kind
        assert left == ["keys"], kind
    assert {done for _, _, done, _, _ in found} > {0, 24}, "some stop halfway"


@pytest.mark.slow
@pytest.mark.models
def test_a_run_whose_parts_find_no_space_stops_and_with_space_reads_no_photo_again(
    tmp_path: Path,
) -> None:
    place, disk, notes = make_place(tmp_path / "site"), tmp_path / "disk", tmp_path / "reads"
    disk.mkdir()
    names = [f"{number}.png" for number in range(8)]
    for number, name in enumerate(names):
        draw_sign(tmp_path / "photos" / name, BRANDS[number % 3])
    photos = write_manifest(tmp_path / "photos", [(n, f"@{n}", "2026-06-02") for n in names])
    store = ["--store", disk / "sightings", "--store-key", tmp_path / "sightings.key"]
    words = run_words(place, photos, tmp_path / "release", "--quiet", *store)
    # Room for what a run begins with and two parts of two photos.
    steps = f"""mount -t tmpfs -o size=220k none {disk} && {{ "$@"; echo $?; }}
        rm {notes} && mount -o remount,size=8m {disk} && {{ "$@"; echo $?; }}; ls {disk}"""
    done = subprocess.run(
        [*OWN_DISKS, "sh", "-c", steps, "sh", sys.executable, KILLED, "0", *map(str, words)],
        env={**ENVIRONMENT, "PART_PHOTOS": "2", "RUN_KEYS": "00" * 64, "NOTE_READS": str(notes)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    first, *_, last = done.stdout.splitlines()
    assert (first, last) == ("10", "0"), done.stderr
    assert "can't be kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(notes.read_text().splitlines()) == names[4:]
    assert not (tmp_path / "sightings.key").exists()
