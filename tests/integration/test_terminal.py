"""On a terminal a run draws bars by stage; off one it says lines; NO_COLOR is honoured."""

import os
import pty
import sys
from pathlib import Path

import pytest

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


def test_off_a_terminal_nothing_moves(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    done = crowdlens(*run_words(place, no_photos, tmp_path / "a"))
    assert "\x1b" not in done.out + done.err
    assert "redact and recognise ...\n" in done.err
    assert crowdlens(*run_words(place, no_photos, tmp_path / "b", "--quiet")).err.count("...") == 0
