"""Where the bytes of one photo lie, and how no more of them are read than somebody asked for.

A file that is missing, unreadable or not a plain file gives no bytes: redaction then withholds it
like any other photo that it can't check.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class PhotoFile(Protocol):
    """Bytes that a worker process can get at: picklable, and opened only to be read."""

    def read(self, limit: int) -> bytes:
        """Return at most `limit + 1` bytes, so that more than the limit can be told.

        Never raises: what can't be read gives no bytes.
        """


@dataclass(frozen=True)
class PathFile:
    """A file on the disk."""

    path: Path

    def read(self, limit: int) -> bytes:
        """Return at most `limit + 1` bytes, as `read_photo` does."""
        return read_photo(self.path, limit)


@dataclass(frozen=True)
class NoFile:
    """A photo that is told of and is not there, or may not be read."""

    def read(self, limit: int) -> bytes:  # noqa: ARG002  the protocol's
        """Return nothing."""
        return b""


def read_photo(file: Path, limit: int) -> bytes:
    """Return at most `limit + 1` bytes; none of a file that can't be read or is no plain file."""
    try:
        with opened_plain(file) as plain:
            return plain.read(limit + 1)
    except OSError:
        return b""


@contextmanager
def opened_plain(file: Path) -> Iterator[BinaryIO]:
    """Open a plain file; raises `OSError` for anything else, links included."""
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("not a plain file")
        with os.fdopen(handle, "rb", closefd=False) as opened:
            yield opened
    finally:
        os.close(handle)
