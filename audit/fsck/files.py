"""The files of a log, read once, and the entries in them.

Read in the reverse of a writer's order, and again while a writer is at them, so that a live log is
never misjudged.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.fsck import form
from audit.fsck.notes import Head, Key, readable
from audit.fsck.pins import Pins
from audit.fsck.problem import Problem, tampered

_READ_AGAIN = 1000


@dataclass
class Log:
    """What is examined."""

    pins: Pins
    head: Head | Problem
    memories: list[tuple[Key, bytes | str]]
    """Of each witness: what it keeps, or why it is not asked."""
    lines: list[bytes]
    tail: bytes
    missing: bool
    """Whether the entries or the checkpoint are not there."""

    @property
    def signed(self) -> int:
        """How many entries the checkpoint covers."""
        return self.head.size if isinstance(self.head, Head) else 0

    def entries(self) -> list[dict[str, Any]]:
        """Return every complete line's entry, in order; raises `Problem`."""
        values = [form.read(line) for line in self.lines]
        day = ""
        for place, value in enumerate(values):
            if value["seq"] != place or value["at"] < day:
                raise tampered("the entries are not numbered in order, or dates go back")
            day = value["at"]
        if self.tail and not _beginning(self.tail):
            raise tampered("the last line was changed")
        if values:
            self._check_first(values[0])
        return values

    def _check_first(self, value: dict[str, Any]) -> None:
        if value["type"] != "log.open":
            raise tampered("the log does not begin with log.open")
        if isinstance(self.head, Head) and value["body"]["origin"] != self.head.origin:
            raise tampered("the entries and the checkpoint are of different logs")


def bytes_of(path: Path) -> bytes | None:
    """Return a file's bytes, None where there is none; raises `Problem`."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise Problem(9, "a file can't be read") from None


def digests_in(directory: Path) -> list[dict[str, str]]:
    """Return a release's files with their digests, as an entry lists them; raises `Problem`."""
    found = []
    for name in form.OUTPUTS:
        data = bytes_of(directory / name)
        if data is not None:
            found.append({"name": name, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}"})
    return found


def read_log(log_dir: Path, pins: Pins) -> Log:
    """Read the checkpoint, the witnesses' memories and the entries; raises `Problem`."""
    for _ in range(_READ_AGAIN):
        checkpoint = bytes_of(log_dir / "checkpoint")
        memories = [(key, _memory(folder)) for key, folder in pins.witnesses]
        data = bytes_of(log_dir / "entries.jsonl")
        if bytes_of(log_dir / "checkpoint") == checkpoint:
            break
    *lines, tail = (data or b"").split(b"\n")
    missing = checkpoint is None or data is None
    return Log(pins, readable(checkpoint or b""), memories, lines, tail, missing)


def _memory(folder: Path | None) -> bytes | str:
    if folder is None:
        return "its memory is elsewhere"
    try:
        kept = bytes_of(folder / "checkpoint")
    except Problem as problem:
        return str(problem)
    return "the witness's memory is not there" if kept is None else kept


def _beginning(tail: bytes) -> bool:
    """Say whether a tail may be an entry cut off in the middle, or at its very end."""
    text = tail.decode("utf-8", "replace")
    if not text.startswith("{"):
        return False
    try:
        return json.JSONDecoder().raw_decode(text)[1] == len(text)
    except (ValueError, RecursionError):
        return True
