"""A log whose key is being changed: killed at every call that touches the disk, and races."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audit.fsck import fsck
from audit.keys import load_key, public_bytes

ROOT = Path(__file__).resolve().parents[3]
HELPER = Path(__file__).resolve().with_name("conftest.py")
POINTS = 46

PRELUDE = f"""
import importlib.util, os, shutil, signal, sys, time
from pathlib import Path
spec = importlib.util.spec_from_file_location("audit_study", {str(HELPER)!r})
module = importlib.util.module_from_spec(spec)
sys.modules["audit_study"] = module
spec.loader.exec_module(module)
place = Path(sys.argv[1])
"""

# Each child dies at another call that touches the disk; at a write, after half of the bytes.
KILLED = """
CALLS = ("write", "fsync", "replace", "unlink", "ftruncate", "open")
def rotate(point):
    left = point
    def dying(name, real):
        def call(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)
        return call
    study = module.Study(place / f"k{point}")
    shutil.copytree(place / "start", study.root)
    for name in CALLS:
        setattr(os, name, dying(name, getattr(os, name)))
    study.open().rotate_key()

outcomes = []
for point in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        try:
            rotate(point)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    outcomes.append("killed" if os.WIFSIGNALED(status) else "done")
print(" ".join(outcomes))
"""


def study_type() -> Any:
    spec = importlib.util.spec_from_file_location("audit_study_rotation", HELPER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit_study_rotation"] = module
    spec.loader.exec_module(module)
    return module.Study


def run(place: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + script, str(place), *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )


def rotations(study: Any) -> int:
    return sum(b'"key.rotate"' in line for line in study.lines())


def expect_sound(study: Any) -> None:
    found = study.verify()
    assert found.exit_code == 0, found.failure
    assert fsck(study.log_dir, study.trust_file).exit_code == 0


@pytest.mark.parametrize("rotated_before", [False, True])
def test_killed_anywhere_the_log_opens_and_the_next_command_goes_on(
    tmp_path: Path, rotated_before: bool
) -> None:
    kind = study_type()
    start = kind.create(tmp_path / "start")
    if rotated_before:
        start.open().rotate_key()
    had = rotations(start)
    first = public_bytes(load_key(start.log_dir / "private" / "log.key"))
    done = run(tmp_path, KILLED, str(POINTS))
    assert done.returncode == 0, done.stderr
    outcomes = done.stdout.split()
    # Every point before the end kills, and the whole rotation has fewer points than we tried.
    assert outcomes[0] == "killed"
    assert outcomes[-1] == "done"
    assert outcomes == sorted(outcomes, reverse=True)
    stages = set()
    for point in range(POINTS):
        study = kind(tmp_path / f"k{point}")
        private = study.log_dir / "private"
        expect_sound(study)
        complete = rotations(study) - had
        unsealed = study.verify().unsealed_tail
        settled = public_bytes(load_key(private / "log.key")) != first
        stages.add((complete, unsealed, settled))
        # It goes on: what was begun is finished, and nothing is begun twice.
        entry = study.open().rotate_key()
        assert entry.type == "key.rotate"
        again = had + 1 + (complete and settled)
        assert rotations(study) == again
        assert sorted(p.name for p in private.glob("log.key*")) == ["log.key"]
        assert public_bytes(load_key(private / "log.key")) != first
        with study.start() as handle:
            handle.reserve({"brands": study.loss("0.5")})
        expect_sound(study)
        assert not study.verify().unsealed_tail
    assert {
        (0, False, False),
        (0, True, False),  # half an entry
        (1, True, False),  # announced, and signed by nobody
        (1, False, False),  # sealed by both, with the old key still there
        (1, False, True),
    } <= stages


RACE = """
study = module.Study(place)
log = study.open()
(place / f"ready-{sys.argv[2]}").touch()
while not (place / "go").exists():
    time.sleep(0.002)
for _ in range(5):
    if sys.argv[2] == "0":
        log.rotate_key()
    else:
        log.start_run(module.start()).end("failed")
"""


def test_processes_that_hold_the_log_open_go_over_to_the_new_key(study: Any) -> None:
    racers = 4
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PRELUDE + RACE, str(study.root), str(i)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(racers)
    ]
    try:
        while len(list(study.root.glob("ready-*"))) < racers:
            assert all(process.poll() is None for process in processes)
    finally:
        (study.root / "go").touch()
        results = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * racers, results
    assert rotations(study) == 5
    assert sum(b'"run.end"' in line for line in study.lines()) == 15
    expect_sound(study)


def test_a_full_disk_leaves_the_old_key_in_charge(study: Any) -> None:
    script = """
import resource
from audit import LogUnwritable
study = module.Study(place)
log = study.open()
limit = study.entries.stat().st_size + 20
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    log.rotate_key()
except LogUnwritable as error:
    sys.exit(error.exit_code)
"""
    before = study.entries.read_bytes()
    done = run(study.root, script)
    assert done.returncode == 10, done.stderr
    assert study.entries.read_bytes() == before
    expect_sound(study)
    study.release(study.root / "out")
    study.open().rotate_key()
    expect_sound(study)
