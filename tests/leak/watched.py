"""A command run in a process of its own, under eyes that see every file that it writes."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RECORDER = Path(__file__).with_name("recorder")
ROOT = Path(__file__).parents[2]


class Watcher:
    """Reads whatever appears in a temporary directory while a process runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, bytes] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            for file in self.folder.rglob("*"):
                try:
                    self.seen[str(file)] = file.read_bytes() if file.is_file() else b""
                except OSError:
                    continue

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


@dataclass(frozen=True)
class Watched:
    """What was seen of a command that ended well."""

    stdout: bytes
    stderr: bytes
    written: tuple[Path, ...]
    """Every file that it or a process of its own opened to write."""
    temporary: Path
    """Its directory for temporary files."""
    seen: dict[str, bytes]
    """What was in a file there at some moment, by its path."""

    def leavings(self, *places: Path) -> dict[str, bytes]:
        """Return all that it said, named or left: in these places, and in temporary files."""
        found = {"stdout": self.stdout, "stderr": self.stderr}
        found |= {f"name of {path}": os.fsencode(path) for path in self.written}
        found |= {f"was in {name}": data for name, data in self.seen.items()}
        for place in (*places, self.temporary):
            for path in place.rglob("*"):
                found[f"name {path}"] = os.fsencode(path)
                found[str(path)] = path.read_bytes() if path.is_file() else b""
        return found


def watched(words: Sequence[object], root: Path, **more: str) -> Watched:
    """Run a command with the recorder in all of its processes; `more` is for its environment."""
    temporary, record = root / "tmp", root / "record"
    temporary.mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(RECORDER), str(ROOT)]),
        "CROWDLENS_TEST_RECORD": str(record),
        "TMPDIR": str(temporary),
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }
    with Watcher(temporary) as watcher:
        done = subprocess.run(
            [sys.executable, "-m", "engine.cli", *map(str, words)],
            env=environment,
            capture_output=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    opened = (Path(os.fsdecode(line)) for line in record.read_bytes().splitlines())
    # What lies in /proc is the kernel's, and no file: a worker asks there to be killed first.
    written = tuple(path for path in opened if Path("/proc") not in path.parents)
    return Watched(done.stdout, done.stderr, written, temporary, watcher.seen)
