"""Files that are on the disk when the call returns; raise `OSError` where they can't be."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

NEW: Final = ".new"
"""What the name of a file ends in while it is written."""


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that is not there yet, and sync it; a link in its place is not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(path, flags, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that the old one or the new one is there at any time.

    The caller keeps others away from the path: the new file's name while it is written is fixed,
    and what a killed process left under it was never in use.
    """
    new = path.with_name(path.name + NEW)
    new.unlink(missing_ok=True)
    try:
        write_new(new, data, mode)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Sync a directory's entries, so that a new file or a rename survives a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
