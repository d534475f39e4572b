"""Ctrl-C: a run stops cleanly, says how to go on, and then does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audit import Trust, verify
from tests.places import make_place, run_words

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def command(words: list[object]) -> list[str]:
    return [sys.executable, "-m", "engine.cli", *map(str, words)]


@pytest.mark.models
def test_an_interrupted_run_says_how_to_go_on_and_goes_on(tmp_path: Path, signs: Path) -> None:
    place = make_place(tmp_path / "site")
    out = tmp_path / "release"
    words = run_words(place, signs, out)
    process = subprocess.Popen(
        command(words), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    # As a terminal does: to every process of the group, while photos are worked on.
    next(line for line in process.stderr if line.startswith("redact and recognise"))
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped by you; what was spent stays spent" in said
    assert "Give the same command again" in said
    assert "Traceback" not in said
    assert not out.exists()
    assert verify(place.log, Trust.load(place.trust)).exit_code == 0
    again = subprocess.run(
        command(words), env=ENVIRONMENT, capture_output=True, text=True, timeout=200, check=False
    )
    assert again.returncode == 0, again.stderr
    assert (out / "release.csv").is_file()
    assert verify(place.log, Trust.load(place.trust), releases=[out]).exit_code == 0


def test_every_command_that_can_be_interrupted_says_something_of_use() -> None:
    from engine.cli.main import GO_ON, START_AGAIN, app

    known = {command.name for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups}
    assert set(GO_ON) <= known
    assert START_AGAIN.startswith("Give the same command again")
