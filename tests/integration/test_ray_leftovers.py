"""A run on a Ray that it started itself, killed with SIGKILL: what is left on the disk is not data.

Skipped, loudly, where the extra `ray` is not installed; CI installs it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.workers.ray_folder import PREFIX, own_folder
from tests.benchmarks.soak import free_port, photos_done
from tests.places import draw_sign, make_place, run_words, write_manifest

if os.environ.get("CROWDLENS_RAY") != "required":
    pytest.importorskip("ray", reason="the extra crowdlens[ray] is not installed")
pytestmark = [pytest.mark.models, pytest.mark.slow, pytest.mark.timeout(1200)]

CANARY = "zq-canary"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Give a place for temporary files whose path is short: sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="kr-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_killed_it_leaves_nothing_of_a_photo_and_the_next_run_removes_the_rest(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{CANARY}-{number}.jpg" for number in range(40)]
    for name in names:
        draw_sign(tmp_path / "photos" / name, "Brightwater", CANARY, comment=CANARY.encode())
    rows = [(name, f"@{CANARY}-{name}", "2026-06-02") for name in names]
    photos = write_manifest(tmp_path / "photos", rows)
    assert CANARY.encode() in (photos / names[0]).read_bytes()
    shared = set(Path("/dev/shm").iterdir())
    port, said = free_port(), tmp_path / "said"
    words = run_words(make_place(tmp_path / "site"), photos, tmp_path / "out", "--engine", "ray")
    stderr = said.open("wb")
    run = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", *map(str, words), "--metrics", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "TMPDIR": str(temporary),
            "HOME": str(temporary),
            "PYTHONPATH": str(ROOT),
        },
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )
    stderr.close()
    deadline = time.monotonic() + 600
    while (photos_done(port) or 0) < 3:
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    run.kill()
    run.wait()
    (left,) = temporary.glob(f"{PREFIX}*")
    while _uses(left):
        assert time.monotonic() < deadline, "Ray outlives its run"
        time.sleep(0.5)
    files = [file for file in temporary.rglob("*") if file.is_file()]
    files += [file for file in Path("/dev/shm").iterdir() if file not in shared and file.is_file()]
    assert any("raylet" in file.name for file in files), "Ray writes about itself"
    for file in files:
        assert CANARY.encode() not in file.read_bytes(), file
        assert CANARY not in str(file)

    assert b"oken" not in said.read_bytes(), "Ray speaks of itself to the user"
    for private in (left, temporary / ".ray" / "auth_token"):
        assert private.stat().st_mode & 0o077 == 0

    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with own_folder():
        assert not left.exists()


def _uses(folder: Path) -> list[str]:
    """Return the processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(folder) in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found
