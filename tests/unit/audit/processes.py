"""Scripts run in real processes on a small log, for tests of crashes, full disks and races."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from audit.commitments import opening_of

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent

PRELUDE = f"""
import importlib.util, os, resource, signal, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("audit_study", {str(HERE / "conftest.py")!r})
module = importlib.util.module_from_spec(spec)
sys.modules["audit_study"] = module
spec.loader.exec_module(module)
study = module.Study(Path(sys.argv[1]))
loss = module.loss
"""

RELEASE = """
from audit.commitments import Opening, Salts
with study.open().start_run(study.body()) as run:
    day = study.DAY
    opening = Opening(Salts.fresh(), day, day, consent=False, keep_until=day.replace(year=2030))
    run.commit(opening, [b"a row"], b"a list")
    run.reserve({"brands": loss("0.25")})
    (study.root / "noise").write_bytes(b"drawn")
    run.release({"release.csv": study.DIGEST})
(study.root / "published").write_bytes(b"noisy")
"""
"""A release of the study at `study`, which leaves marks of what it drew and published."""

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def run(
    study: Any, script: str, *arguments: str, stdio: bool = True, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the script on a study; `before` are the words of a program that starts it."""
    return subprocess.run(
        [*before, sys.executable, "-c", PRELUDE + script, str(study.root), *arguments],
        check=False,
        cwd=ROOT,
        env=ENVIRONMENT,
        # A child that lives on would hold a pipe open.
        stdout=subprocess.PIPE if stdio else subprocess.DEVNULL,
        stderr=subprocess.PIPE if stdio else subprocess.DEVNULL,
        text=True,
        timeout=120,
    )


def indented(script: str, by: int) -> str:
    """Return a script to stand inside another's block."""
    return "\n".join(" " * by + line for line in script.strip("\n").split("\n"))


def study_type() -> Any:
    """Return the `Study` of `conftest.py`."""
    spec = importlib.util.spec_from_file_location("audit_study_processes", HERE / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit_study_processes"] = module
    spec.loader.exec_module(module)
    return module.Study


def expect_sound(study: Any) -> tuple[int, bool, bool]:
    """Check what must hold of a study whose release was stopped, and that it can go on.

    Returns how many spends there are, whether noise was drawn, whether anything was published.
    """
    before = study.verify()
    assert before.exit_code == 0, before.failure
    log = study.open()
    log.end_dangling_runs()
    account = log.account(study.DATASET)
    drawn, published = ((study.root / name).exists() for name in ("noise", "published"))
    # INVARIANT: no noise without a spend, nothing published without a release in the log.
    if drawn:
        assert account.spent == study.loss("0.25")
    if published:
        assert account.published == study.loss("0.25")
    assert account.published.within(account.spent)
    committed = [e.run_id for e in log.entries() if e.type == "run.inputs"]
    # INVARIANT: what a run has committed to can be opened until somebody destroys the salts.
    assert all(opening_of(study.log_dir, run) for run in committed)
    assert bool(committed) or not account.reservations
    after = study.verify()
    assert (after.exit_code, after.unsealed_tail) == (0, False)
    with study.start() as again:
        again.reserve({"brands": study.loss("0.5")})
    assert study.verify().exit_code == 0
    return len(account.reservations), drawn, published
