"""A run killed at any point: the log verifies, spend covers what was published, and it goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit import Trust, verify
from engine.setup import Place
from policies.amounts import Epsilon
from tests.places import make_place, run_words

KILLED = Path(__file__).with_name("killed.py")
ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def killed(step: int, words: list[object]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(KILLED), str(step), *map(str, words)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def expect_sound(place: Place, out: Path) -> Epsilon:
    """Check what must hold after every kill; return what is spent."""
    releases = [out] if out.exists() else []
    result = verify(place.log, Trust.load(place.trust), releases=releases)
    assert result.exit_code == 0, [c for c in result.checks if c.status == "failed"]
    if "test-photos" not in result.ledger.datasets:
        assert not releases
        return Epsilon.zero()
    account = result.ledger.account("test-photos")
    assert account.published.within(account.spent)
    assert account.spent.epsilon >= Epsilon.parse(str(len(releases)))
    return account.spent.epsilon


def kill_and_go_on(root: Path, step: int, no_photos: Path) -> None:
    place = make_place(root / "site")
    out = root / "release"
    words = run_words(place, no_photos, out, "--quiet")
    assert killed(step, words).returncode == -signal.SIGKILL
    spent = expect_sound(place, out)
    unsigned = verify(place.log, Trust.load(place.trust)).unsealed_tail
    again = killed(0, words)
    assert again.returncode == 0, again.stderr
    after = expect_sound(place, out)
    # Going on costs one release at most, and nothing where the killed run's could be finished. A
    # spend that the kill left unsigned did not count before, and does now.
    one = Epsilon.parse("1")
    assert after in ((spent, spent + one, spent + one + one) if unsigned else (spent, spent + one))
    assert sorted(f.name for f in out.iterdir()) == [
        "privacy-label.json",
        "reading.csv",
        "release.csv",
        "release.json",
        "release.parquet",
        "release.tlog-proof",
        "report.html",
    ]
    left = [f.name for f in root.iterdir() if f.name.startswith(".release")]
    assert left == [], "nothing staged stays behind"


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Give the number of durable steps of a run that nobody kills."""
    root = tmp_path_factory.mktemp("count")
    (root / "none").mkdir()
    (root / "none" / "photos.csv").write_text("path,contributor,taken_at\n")
    place = make_place(root / "site")
    done = killed(0, run_words(place, root / "none", root / "release", "--quiet"))
    assert done.returncode == 0, done.stderr
    counted = re.search(r"steps (\d+)", done.stderr)
    assert counted is not None
    return int(counted[1])


@pytest.mark.parametrize("part", range(5))
def test_killed_at_some_durable_steps_it_goes_on(
    tmp_path: Path, no_photos: Path, steps: int, part: int
) -> None:
    kill_and_go_on(tmp_path, 1 + (steps - 1) * part // 4, no_photos)


@pytest.mark.slow
def test_killed_at_every_durable_step_it_goes_on(
    tmp_path: Path, no_photos: Path, steps: int
) -> None:
    for step in range(1, steps + 1):
        root = tmp_path / str(step)
        root.mkdir()
        kill_and_go_on(root, step, no_photos)


@pytest.mark.models
def test_killed_while_photos_are_worked_on_it_leaves_no_trace_and_no_orphan(
    tmp_path: Path, signs: Path
) -> None:
    place = make_place(tmp_path / "site")
    out = tmp_path / "release"
    words = run_words(place, signs, out)
    process = started(words)
    time.sleep(1)
    process.kill()
    process.communicate()
    assert expect_sound(place, out) == Epsilon.zero()
    deadline = time.monotonic() + 30
    while _members(process.pid):
        assert time.monotonic() < deadline, "workers outlive their parent"
        time.sleep(0.2)
    assert killed(0, words).returncode == 0
    assert expect_sound(place, out) == Epsilon.parse("1")


@pytest.mark.models
def test_an_interrupt_ends_the_run_with_one_sentence(tmp_path: Path, signs: Path) -> None:
    place = make_place(tmp_path / "site")
    out = tmp_path / "release"
    process = started(run_words(place, signs, out))
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "stopped by you" in said
    assert expect_sound(place, out) == Epsilon.zero()
    entries = verify(place.log, Trust.load(place.trust)).entries
    assert entries[-1].type == "run.end"
    assert entries[-1].body.model_dump() == {"outcome": "interrupted"}


def started(words: list[object]) -> subprocess.Popen[str]:
    """Start a run and return it once it works on photos."""
    process = subprocess.Popen(
        [sys.executable, str(KILLED), "0", *map(str, words)],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("redact and recognise"):
            break
    return process


def _members(session: int) -> list[str]:
    """Return the live processes of a session, from /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[3]) == session and after_name[0] != "Z":
            found.append(entry.parent.name)
    return found
