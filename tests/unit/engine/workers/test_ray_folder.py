"""The folder of a Ray that is started here: gone with its run, or with the next one."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from engine.workers.ray_folder import PREFIX, own_folder, remove_left

KILLED = """
import os, signal, sys, tempfile
tempfile.tempdir = sys.argv[1]
from engine.workers.ray_folder import own_folder
with own_folder() as folder:
    (folder / "logs").mkdir()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_with_its_run(temporary: Path) -> None:
    with own_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "logs").mkdir()
    assert list(temporary.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left_and_nothing_else(temporary: Path) -> None:
    root = Path(__file__).parents[4]
    subprocess.run([sys.executable, "-c", KILLED, str(temporary)], cwd=root, check=False)
    (left,) = temporary.glob(f"{PREFIX}*")
    (temporary / f"{PREFIX}a-file").write_text("")
    (temporary / f"{PREFIX}of-others").mkdir()  # without our lock
    (temporary / f"{PREFIX}link").symlink_to(temporary / "elsewhere")
    (temporary / "elsewhere").mkdir()
    others = {"cl-ray-a-file", "cl-ray-of-others", "cl-ray-link", "elsewhere"}
    with own_folder() as folder:
        assert not left.exists()
        remove_left()
        assert folder.is_dir(), "a live run's stays"
    assert {file.name for file in temporary.iterdir()} == others
