"""Disks that are full or read-only, at each write of a release: of the log, and of a witness."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.audit.processes import RELEASE, expect_sound, indented, run, study_type

# From the n-th call that writes under a folder on (or at that one alone), fails it as the kernel
# would. On a full disk half of a write still fits, and a file can be shortened.
FAIL = """
import errno
def failing(name):
    real = getattr(os, name)
    def call(*given, **named):
        global left
        if name == "open" and not given[1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return real(*given, **named)
        if name == "ftruncate" and code == errno.ENOSPC:
            return real(*given, **named)
        subject = given[1] if name == "replace" else given[0]
        where = os.readlink(f"/proc/self/fd/{subject}") if isinstance(subject, int) else subject
        if not Path(where).is_relative_to(folder):
            return real(*given, **named)
        left -= 1
        if left < 0 if stays else left == -1:
            if name == "write" and code == errno.ENOSPC:
                real(given[0], bytes(given[1])[: len(given[1]) // 2])
            raise OSError(code, os.strerror(code))
        return real(*given, **named)
    setattr(os, name, call)
for name in ("write", "fsync", "replace", "ftruncate", "open"):
    failing(name)
"""

FORK_AND_FAIL = (
    """
import errno, shutil
from audit import AuditError
points, code = int(sys.argv[2]), getattr(errno, sys.argv[3])
stays, folders = sys.argv[4] == "stays", sys.argv[5]
codes = []
for point in range(points):
    child = os.fork()
    if child == 0:
        study = module.Study(Path(sys.argv[1]) / f"k{point}")
        shutil.copytree(Path(sys.argv[1]) / "start", study.root)
        folder, left, result = study.root / folders, point, 1
        try:
"""
    + indented(FAIL + RELEASE, 12)
    + """
            result = 0
        except AuditError as error:
            result = error.exit_code
        finally:
            os._exit(result)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(*codes)
"""
)
QUICK = [("ENOSPC", "stays"), ("EROFS", "once")]
FAULTS = [
    pytest.param(name, stays, marks=[] if (name, stays) in QUICK else pytest.mark.slow)
    for name in ("ENOSPC", "EROFS", "EIO", "EDQUOT")
    for stays in ("stays", "once")
]


def codes_of(root: Path, points: int, *how: str) -> list[int]:
    """Release from copies of `root/start`, failing at each point; return the exit codes."""
    done = run(study_type()(root), FORK_AND_FAIL, str(points), *how)
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


@pytest.mark.parametrize(("name", "stays"), FAULTS)
def test_a_log_that_can_not_be_written_stops_the_work_and_is_whole(
    tmp_path: Path, name: str, stays: str
) -> None:
    study_of = study_type()
    study_of.create(tmp_path / "start")
    points = 90
    codes = codes_of(tmp_path, points, name, stays, "log")
    # Every fault before the end stops the work, with this code and no other.
    assert codes == [10] * codes.index(0) + [0] * (points - codes.index(0))
    assert codes.count(10) > 20
    stages = Counter(expect_sound(study_of(tmp_path / f"k{point}")) for point in range(points))
    assert stages.keys() >= {(0, False, False), (1, False, False), (1, True, False)}
    # Published is what came after the last fault that stops anything.
    assert stages[1, True, True] == codes.count(0)


@pytest.mark.parametrize(("name", "stays"), FAULTS)
def test_a_witness_that_can_not_write_is_one_that_does_not_answer(
    tmp_path: Path, name: str, stays: str
) -> None:
    study_of = study_type()
    study_of.create(tmp_path / "start")
    points = 50
    codes = codes_of(tmp_path, points, name, stays, "witness")
    assert codes == [6] * codes.index(0) + [0] * (points - codes.index(0))
    assert codes.count(6) > 10
    for point in range(0, points, 3):
        expect_sound(study_of(tmp_path / f"k{point}"))


@pytest.mark.parametrize("name", ["ENOSPC", "EROFS"])
def test_a_quorum_goes_on_without_the_witness_that_can_not_write(tmp_path: Path, name: str) -> None:
    study_of = study_type()
    study = study_of.create(tmp_path / "start")
    add_witness(study, "second")
    codes = codes_of(tmp_path, 12, name, "stays", "witness")
    assert codes == [0] * 12
    for point in range(0, 12, 3):
        stopped = study_of(tmp_path / f"k{point}")
        assert expect_sound(stopped) == (1, True, True)
        # Where there is space again, the one that fell behind knows the newest head as well.
        heads = {(stopped.root / name / "checkpoint").read_bytes()[:90] for name in WITNESSES}
        assert len(heads) == 1


WITNESSES: Sequence[str] = ("witness", "second")


def add_witness(study: Any, name: str) -> None:
    """Let the study have one more witness, of which one is enough."""
    from audit import DirectoryWitness, Trust, TrustedWitness

    old = study.trust
    witness = DirectoryWitness.create(study.root / name, old.log)
    trusted = TrustedWitness(witness.vkey, study.root / name)
    Trust(old.log, (*old.witnesses, trusted), 1).dump(study.trust_file)
    study.open()
