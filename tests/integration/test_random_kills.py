"""Fifty kills at random moments: every run finishes, and sees and counts what an unbroken one does.

The runs have the same two secrets, so that they keep the same cells of contributors who touch too
many, and note their counts before noise and each photo that they read (`run_notes`).
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit import Trust, verify
from engine.setup import Place
from tests.integration.test_kill import ENVIRONMENT, KILLED
from tests.places import BRANDS, approve_policy, draw_sign, make_place, run_words, write_manifest

pytestmark = [pytest.mark.models, pytest.mark.slow]

KILLS = 50
PHOTOS = 12
PART_PHOTOS = 2
LONGEST = 600.0


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Give photos of contributors who touch three cells each; the policy lets one count."""
    rows = []
    for number in range(PHOTOS):
        draw_sign(tmp_path / "shelf" / f"{number}.png", BRANDS[number % 3], "Open")
        rows.append((f"{number}.png", f"@c{number % 4}", "2026-06-02"))
    return write_manifest(tmp_path / "shelf", rows)


@dataclass
class Runs:
    """Runs of one study on the same photos, one release after the other."""

    root: Path
    place: Place
    photos: Path
    kills: int = 0

    @property
    def store(self) -> Path:
        return self.root / "sightings"

    def words(self, out: Path, workers: int) -> list[object]:
        key = self.root / "sightings.key"
        words = run_words(self.place, self.photos, out, "--store", self.store, "--store-key", key)
        words[words.index("--workers") + 1] = workers
        return words

    def parts(self) -> dict[str, bytes]:
        if not self.store.is_dir():
            return {}
        return {file.name: file.read_bytes() for file in sorted(self.store.glob("*.part"))}

    def start(self, out: Path, workers: int) -> "subprocess.Popen[bytes]":
        notes = {
            "PART_PHOTOS": str(PART_PHOTOS),
            "RUN_KEYS": bytes(range(64)).hex(),
            "NOTE_READS": str(self.root / "reads"),
            "NOTE_COUNTS": str(self.root / "counts"),
        }
        with (self.root / "said").open("ab") as said:
            return subprocess.Popen(
                [sys.executable, str(KILLED), "0", *map(str, self.words(out, workers))],
                env={**ENVIRONMENT, **notes},
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )

    def noted(self, name: str) -> list[str]:
        file = self.root / name
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def counts(self) -> Iterator[list[list[int]]]:
        return (json.loads(line) for line in self.noted("counts"))


def killed_or_done(process: "subprocess.Popen[bytes]", seconds: float, *, everything: bool) -> bool:
    """Kill the run after some seconds, with its workers or without; say whether it was killed."""
    try:
        assert process.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        (os.killpg if everything else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def wait_for_workers(session: int) -> None:
    """Wait until a killed run's workers have noticed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("workers outlive their parent")


def finish(runs: Runs, out: Path, chance: random.Random) -> int:
    """Kill a run again and again until it is done; return how often a photo was read."""
    reads = 0
    while True:
        before, done = runs.parts(), out.exists()
        process = runs.start(out, workers=chance.choice((1, 2)))
        long = chance.uniform(1, 14) if runs.kills < KILLS else LONGEST
        killed = killed_or_done(process, long, everything=chance.random() < 0.5)
        wait_for_workers(process.pid)
        runs.kills += killed
        read = runs.noted("reads")
        reads += len(read)
        # INVARIANT: what is in a part, or published, is never read again.
        covered = PHOTOS if done else PART_PHOTOS * len(before)
        assert not {int(name.removesuffix(".png")) for name in read} & set(range(covered))
        assert len(read) == len(set(read)), "one run reads a photo once"
        if not killed:
            return reads
        if not out.exists():
            after = runs.parts()
            assert {name: after.get(name) for name in before} == before, "a part is lost"


@pytest.mark.timeout(7200)
def test_killed_fifty_times_at_random_every_run_counts_what_an_unbroken_one_does(
    tmp_path: Path, shelf: Path
) -> None:
    chance = random.Random(4)
    place = make_place(tmp_path / "site", total="100", approved=False)
    policy = place.policy.read_text(encoding="utf-8")
    place.policy.write_text(policy.replace("max_cells: 6", "max_cells: 1"), encoding="utf-8")
    approve_policy(place)
    runs = Runs(tmp_path, place, shelf)

    unbroken = tmp_path / "unbroken"
    assert not killed_or_done(runs.start(unbroken, workers=1), LONGEST, everything=True)
    assert sorted(runs.noted("reads")) == sorted(f"{n}.png" for n in range(PHOTOS))
    (truth,) = runs.counts()
    assert sum(map(sum, truth)) == 4, "each of four contributors counts in one cell"

    number = 0
    while runs.kills < KILLS:
        kills, out = runs.kills, tmp_path / f"release{number}"
        reads = finish(runs, out, chance)
        # In flight when a run is killed are eight photos at most, and one part that is not written.
        assert PHOTOS <= reads <= PHOTOS + (runs.kills - kills) * (8 + PART_PHOTOS)
        counts = list(runs.counts())
        assert counts
        assert all(found == truth for found in counts), "before noise, every run counts the same"
        assert not runs.store.exists()
        assert not (tmp_path / "sightings.key").exists()
        found = verify(place.log, Trust.load(place.trust), releases=[out])
        assert found.exit_code == 0
        account = found.ledger.account("test-photos")
        assert account.published.within(account.spent)
        number += 1
    assert b"Traceback" not in (tmp_path / "said").read_bytes()
