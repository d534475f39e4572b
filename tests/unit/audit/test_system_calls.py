"""A release killed, or refused by the kernel, at its n-th call of each kind: done by strace.

The kernel's own calls, whatever in Python or below makes them; `test_faults.py` and
`test_full_disk.py` do the same from inside, faster.
"""

import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.audit.processes import RELEASE, expect_sound, run, study_type

CALLS = ("write", "fsync", "rename", "openat", "flock", "lseek", "close")
WRITING = ("write", "fsync", "rename")


@pytest.fixture(scope="module", autouse=True)
def traced() -> None:
    """Skip, and say so, where no process can be traced."""
    if shutil.which("strace") is None:
        pytest.skip("NOT KILLED AT SYSTEM CALLS: strace is not installed")
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("NOT KILLED AT SYSTEM CALLS: strace may not trace here")


def _strace(call: str, what: str, study: Any) -> tuple[str, ...]:
    """Return the words that have strace do this at that call on the study's files."""
    words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    words += ["-e", f"inject={call}:{what}"]
    return (*words, *(word for path in _files(study) for word in ("-P", str(path))))


def _files(study: Any) -> list[Path]:
    """Return what a release writes, in the log's folder and the witness's."""
    log, witness = study.log_dir, study.witness_dir
    return [
        *(log, log / "lock", log / "entries.jsonl", log / "checkpoint", log / "checkpoint.new"),
        *(log / "private", log / "private" / "next", log / "private" / "next.new"),
        *(log / "private" / "runs", witness, witness / "lock", witness / "checkpoint"),
        witness / "checkpoint.new",
    ]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("call", "every"),
    [("fsync", 12), ("rename", 12), *(pytest.param(c, 1, marks=pytest.mark.slow) for c in CALLS)],
)
def test_killed_at_each_call_of_a_kind_the_log_opens_and_goes_on(
    tmp_path: Path, call: str, every: int
) -> None:
    start = study_type().create(tmp_path / "start")
    killed, stages = 0, set()
    for number in range(1, 400, every):
        study = start.copy(tmp_path / f"k{number}")
        done = run(study, RELEASE, before=_strace(call, f"signal=KILL:when={number}", study))
        stages.add(expect_sound(study))
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        killed += 1
    else:
        pytest.fail("the release never ended")
    assert killed > 0
    assert (1, True, True) in stages


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("call", WRITING)
@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EIO"])
def test_refused_by_the_kernel_the_work_stops_and_the_log_is_whole(
    tmp_path: Path, call: str, error: str
) -> None:
    start = study_type().create(tmp_path / "start")
    script = "from audit import AuditError\ntry:\n" + "".join(
        f"    {line}\n" for line in RELEASE.strip().split("\n")
    )
    script += "except AuditError as error:\n    sys.exit(error.exit_code)\n"
    codes = []
    for number in range(1, 100):
        study = start.copy(tmp_path / f"k{number}")
        before = _strace(call, f"error={error}:when={number}+", study)
        codes.append(run(study, script, before=before).returncode)
        expect_sound(study)
        if codes[-1] == 0:
            break
    # 6 where it is the witness that can't write, 10 where it is the log.
    assert set(codes[:-1]) <= {6, 10}
    assert 10 in codes
    assert codes[-1] == 0
