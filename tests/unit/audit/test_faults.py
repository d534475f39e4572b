"""Crashes, full disks and races, with real processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.audit.processes import (
    ENVIRONMENT,
    PRELUDE,
    RELEASE,
    ROOT,
    expect_sound,
    indented,
    run,
    study_type,
)

# Kills this process at the n-th call that touches the disk, counted over all of them; at a write,
# after half of the bytes.
KILL = """
left = int(sys.argv[2])
def dying(name):
    real = getattr(os, name)
    def call(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            if name == "write":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(os, name, call)
for name in ("write", "fsync", "replace", "ftruncate", "open"):
    dying(name)
"""

FORK_AND_KILL = (
    """
import shutil
points = int(sys.argv[2])
outcomes = []
for point in range(points):
    child = os.fork()
    if child == 0:
        study = module.Study(Path(sys.argv[1]) / f"k{point}")
        shutil.copytree(Path(sys.argv[1]) / "start", study.root)
        sys.argv[2] = str(point)
        try:
"""
    + indented(KILL + RELEASE, 12)
    + """
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    outcomes.append("killed" if os.WIFSIGNALED(status) else "done")
print(" ".join(outcomes))
"""
)


def test_killed_at_any_point_the_log_opens_and_spent_covers_published(tmp_path: Path) -> None:
    study_of = study_type()
    study_of.create(tmp_path / "start")
    points = 120
    done = run(study_of(tmp_path), FORK_AND_KILL, str(points))
    assert done.returncode == 0, done.stderr
    outcomes = done.stdout.split()
    # Every point before the end kills, and the whole run has fewer points than we tried.
    assert outcomes[0] == "killed"
    assert outcomes[-1] == "done"
    assert outcomes == sorted(outcomes, reverse=True)
    stages = set()
    for point in range(points):
        stages.add(expect_sound(study_of(tmp_path / f"k{point}")))
    assert {(0, False, False), (1, False, False), (1, True, False), (1, True, True)} <= stages


# Each round has a study of its own; all start to reserve when the last of them is there.
RACE = """
import time
from audit import BudgetRefused
root, me, racers, rounds = study.root, sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for number in range(rounds):
    study = module.Study(root / f"round-{number}")
    log = study.open()
    with log.start_run(study.body()) as run:
        (study.root / f"ready-{me}").touch()
        while sum(name.startswith("ready-") for name in os.listdir(study.root)) < racers:
            time.sleep(0.005)
        try:
            run.reserve({"brands": loss("0.6")})
        except BudgetRefused:
            run.end("refused")
            print("refused", flush=True)
        else:
            run.release({"release.csv": study.DIGEST})
            print("won", flush=True)
"""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("racers", "rounds"), [(8, 3), pytest.param(20, 100, marks=pytest.mark.slow)]
)
def test_processes_race_for_a_budget_of_one_and_one_wins(
    tmp_path: Path, racers: int, rounds: int
) -> None:
    study_of = study_type()
    start = study_of.create(tmp_path / "start")
    studies = [start.copy(tmp_path / f"round-{number}") for number in range(rounds)]
    words = [sys.executable, "-c", PRELUDE + RACE, str(tmp_path)]
    processes = [
        subprocess.Popen(
            [*words, str(racer), str(racers), str(rounds)],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for racer in range(racers)
    ]
    try:
        said = [process.communicate(timeout=120 + 30 * rounds) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [err for _, err in said] == [""] * racers
    for number, results in enumerate(zip(*(out.split() for out, _ in said), strict=True)):
        assert sorted(results) == ["refused"] * (racers - 1) + ["won"], (number, said)
    for study in studies:
        log = study.open()
        account = log.account(study.DATASET)
        assert account.spent == account.published == study.loss("0.6")
        assert log.end_dangling_runs() == ()
        assert study.verify().exit_code == 0


FULL = """
from audit import LogUnwritable
log = study.open()
size = study.entries.stat().st_size
limit = size + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    log.start_run(study.body())
except LogUnwritable as error:
    sys.exit(error.exit_code)
"""


# 0: not a byte fits; 100: half of the entry does.
@pytest.mark.parametrize("room", [0, 100])
def test_a_full_disk_stops_the_work_and_harms_nothing(study: Any, room: int) -> None:
    before = study.entries.read_bytes()
    done = run(study, FULL, str(room))
    assert done.returncode == 10, done.stderr
    assert study.entries.read_bytes() == before
    found = study.verify()
    assert (found.exit_code, found.unsealed_tail) == (0, False)
    study.release(study.root / "out")
    assert study.verify(study.root / "out").exit_code == 0


BUSY = """
log = study.open()
for _ in range(40):
    with log.start_run(study.body()) as run:
        run.reserve({"brands": loss("0.01")})
        run.release({"release.csv": study.DIGEST})
"""


def test_an_auditor_may_read_while_others_write(study: Any) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PRELUDE + BUSY, str(study.root)],
        cwd=ROOT,
        env=ENVIRONMENT,
    ) as process:
        sizes = set()
        while process.poll() is None:
            found = study.verify()
            assert found.exit_code == 0, found.failure
            sizes.add(found.size)
        assert process.returncode == 0
    # The readings fell between the writes, or this would show nothing.
    assert len(sizes) > 5
    assert study.verify().ledger.account(study.DATASET).published == study.loss("0.4")


HOLD = """
run = study.open().start_run(study.body())
run.reserve({"brands": loss("0.5")})
print(run.run, flush=True)
signal.pause()
"""


def test_a_run_lives_as_long_as_its_process(study: Any) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PRELUDE + HOLD, str(study.root)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        try:
            assert study.open().end_dangling_runs() == ()
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
    ended = study.open().end_dangling_runs()
    assert [e.run_id for e in ended] == [name]
    account = study.open().account(study.DATASET)
    assert (account.spent, account.published) == (study.loss("0.5"), study.loss("0"))


FORKED_WORKER = """
run = study.open().start_run(study.body())
if os.fork() == 0:
    # The worker of a run: it leaves the handle alone, and lives on when its parent is killed.
    run._lock.drop()
    assert list((study.log_dir / "private/runs").iterdir())
    (study.root / "worker").write_text(str(os.getpid()))
    signal.pause()
import time
while not (study.root / "worker").exists():
    time.sleep(0.005)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_does_not_keep_its_parents_run_alive(study: Any) -> None:
    done = run(study, FORKED_WORKER, stdio=False)
    assert done.returncode == -signal.SIGKILL
    worker = int((study.root / "worker").read_text())
    try:
        assert len(study.open().end_dangling_runs()) == 1
    finally:
        os.kill(worker, signal.SIGKILL)
