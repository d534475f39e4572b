"""On a terminal a run draws bars by stage; off one it says lines; NO_COLOR is honoured."""

import os
import pty
import re
import sys
import time
from pathlib import Path

import pytest

from engine.cli.console import observing
from engine.setup import Place
from tests.conftest import Command
from tests.places import run_words

ROOT = Path(__file__).parents[2]


def on_a_terminal(words: list[object], **environment: str) -> tuple[int, str]:
    """Run a command with a terminal of its own; return its exit code and all it drew."""
    process, terminal = pty.fork()
    if process == 0:  # pragma: no cover
        os.environ.update(environment, TERM="xterm-256color", COLUMNS="90", PYTHONPATH=str(ROOT))
        os.execv(sys.executable, [sys.executable, "-m", "engine.cli", *map(str, words)])
    drawn = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        drawn += part
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), drawn.decode()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_bars_by_stage_and_shares_but_no_counts(
    place: Place, no_photos: Path, tmp_path: Path
) -> None:
    code, drawn = on_a_terminal(run_words(place, no_photos, tmp_path / "a"))
    assert code == 0, drawn
    for stage in ("verify the log", "redact and recognise", "draw noise and publish"):
        assert stage in drawn
    assert "100%" in drawn
    assert "\x1b[3" in drawn, "in colour"
    code, plain = on_a_terminal(run_words(place, no_photos, tmp_path / "b"), NO_COLOR="1")
    assert code == 0
    assert "\x1b[3" not in plain
    assert "0/0" not in drawn + plain


def test_a_stage_of_known_length_shows_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal is, for Rich
    with observing() as observer:
        observer.stage("redact and recognise", 4)
        for _ in range(3):
            observer.step()
            time.sleep(0.15)
    drawn = capsys.readouterr().err
    assert re.search(r"75%.*00:0\d", drawn)
    assert "3/4" not in drawn


def test_off_a_terminal_nothing_moves(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    done = crowdlens(*run_words(place, no_photos, tmp_path / "a"))
    assert "\x1b" not in done.out + done.err
    assert "redact and recognise ...\n" in done.err
    assert crowdlens(*run_words(place, no_photos, tmp_path / "b", "--quiet")).err.count("...") == 0
