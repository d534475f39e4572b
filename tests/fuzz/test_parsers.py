"""Hostile log lines, checkpoints, notes, proofs, envelopes, trust files and time stamps.

Hypothesis in the quick form, atheris (which looks for inputs that reach new code) in the slow one:
`CROWDLENS_FUZZ_SECONDS=300 .venv/bin/pytest -m slow tests/fuzz` gives each parser five minutes.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import hostile
from tests.fuzz.targets import targets

ROOT = Path(__file__).parents[2]
SECONDS = int(os.environ.get("CROWDLENS_FUZZ_SECONDS", "20"))
WHOLE = ("log-entries", "log-checkpoint")
"""Both verifiers look at a whole log here, which takes its time."""
NAMES = tuple(targets())


@pytest.mark.parametrize("name", NAMES)
def test_a_parser_reads_its_own_files(name: str) -> None:
    target = targets()[name]
    for seed in target.seeds:
        target.call(seed)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_bytes_raise_the_packages_own_errors_only(name: str) -> None:
    target = targets()[name]

    @settings(
        max_examples=25 if name in WHOLE else 80,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def feed(data: st.DataObject) -> None:
        target.try_one(data.draw(hostile(target.seeds)))

    feed()


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 240)
@pytest.mark.parametrize("name", NAMES)
def test_fuzzed_by_coverage_a_parser_raises_its_own_errors_only(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("NOT FUZZED BY COVERAGE: atheris is not installed (pip install -e '.[fuzz]')")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.by_coverage", name, str(SECONDS), str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS + 200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "DONE" in done.stderr
