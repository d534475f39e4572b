"""Files are read inside the catalogue's folder, and pixels made in a process without rights."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.catalogue import pictures
from engine.catalogue.errors import CatalogueError
from engine.catalogue.flaws import Flaw, Unusable
from engine.catalogue.pictures import Drawer, read_file
from engine.catalogue.wire import ANSWER
from tests.unit.engine.catalogue.drawing import svg


def flaw(folder: Path, name: str, limit: int = 100) -> Flaw:
    with pytest.raises(Unusable) as caught:
        read_file(folder, name, limit)
    return caught.value.flaw


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"abc")
    (tmp_path / "b.png").symlink_to("a.png")
    assert read_file(tmp_path, "a.png") == read_file(tmp_path, "b.png") == b"abc"


def test_what_is_not_there_or_leads_away_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"abc")
    (folder / "link.png").symlink_to("../secret.png")
    (folder / "empty.png").touch()
    (folder / "large.png").write_bytes(b"a" * 101)
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "sub.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    assert flaw(folder, "none.png") is Flaw.MISSING
    assert flaw(folder, "sub.png") is Flaw.MISSING
    assert flaw(folder, "pipe.png") is Flaw.MISSING
    assert flaw(folder, "empty.png") is Flaw.NOT_AN_IMAGE
    assert flaw(folder, "large.png") is Flaw.TOO_LARGE
    assert flaw(folder, "loop.png") in (Flaw.OUTSIDE, Flaw.MISSING)
    for name in ("link.png", "../secret.png", str(tmp_path / "secret.png"), "..\\secret.png"):
        assert flaw(folder, name) is Flaw.OUTSIDE


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\1",
        ANSWER.pack(200, 0, 0, 0),
        ANSWER.pack(0, 2000, 16, 3) + b"\0" * (2000 * 16 * 3),
        ANSWER.pack(0, 16, 16, 3) + b"\0" * 3,
        ANSWER.pack(0, 16, 16, 1) + b"\0" * 256,
        ANSWER.pack(0, 0, 16, 3),
    ],
)
def test_the_process_is_not_trusted_to_keep_to_the_sizes(answer: bytes) -> None:
    with pytest.raises(Unusable):
        pictures._pixels(answer)


def test_a_process_that_was_killed_is_started_anew() -> None:
    with Drawer() as drawer:
        drawer.draw(svg())
        assert drawer._process is not None
        drawer._process.kill()
        with pytest.raises(Unusable):
            drawer.draw(svg())
        assert drawer.draw(svg()).max() == 255
        last = drawer._process
    assert last is not None
    assert last.poll() is not None


def test_a_process_that_does_not_start_is_an_error_of_ours(monkeypatch) -> None:
    monkeypatch.setattr(pictures, "_BEGIN", "import sys; sys.exit(3)\n")
    with Drawer() as drawer, pytest.raises(CatalogueError, match="can't be started"):
        drawer.draw(svg())


def test_nothing_opens_a_file_where_a_picture_is_looked_into(tmp_path: Path) -> None:
    """The confinement is redaction's own, which is tested there; here that it is put on."""
    program = (
        "import engine.catalogue.child as child\n"
        f"child.draw_svg = lambda raw: open({str(tmp_path / 'made')!r}, 'w')\n"
        "import os; reading, writing = os.pipe()\n"
        "process = os.fork()\n"
        "if process == 0: child._one_picture(writing, b'<svg')\n"
        "os.waitpid(process, 0); print(os.read(reading, 9)[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) == 1 + tuple(Flaw).index(Flaw.DAMAGED)
    assert not (tmp_path / "made").exists()
