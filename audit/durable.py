"""Files that survive a crash: locks, exclusive creation, append and replace with fsync.

The order is always: write, fsync, rename, fsync the directory. Every `OSError` on a write becomes
`LogUnwritable`, because a log that can't be written stops the work.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from audit.errors import LogExists, LogUnreadable, LogUnwritable


@contextmanager
def writing() -> Iterator[None]:
    """Turn every `OSError` inside into `LogUnwritable`; what exists already into `LogExists`."""
    try:
        yield
    except FileExistsError as error:
        raise LogExists("there is something at this path already") from error
    except OSError as error:
        raise LogUnwritable(
            "the audit log can't be written, so the work stops",
            hint="Is the disk full, or the folder not yours? What was logged before is safe.",
        ) from error


def read_bytes(path: Path) -> bytes | None:
    """Return the file's bytes, None where there is no such file; raises `LogUnreadable`."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LogUnreadable("a file of the audit log can't be read") from error


def sync_directory(path: Path) -> None:
    """Make renames and creations in the directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def make_directory(path: Path, mode: int) -> None:
    """Make a directory, its parents with it; raises `LogExists` where there is one already."""
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=mode)
        path.chmod(mode)  # whatever the umask says


def create_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a new file durably; raises `LogExists` where there is one already."""
    with writing():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(path.parent)


def create_result(path: Path, data: bytes) -> None:
    """Write a new file that somebody asked for, such as a report: not a part of the log."""
    try:
        create_file(path, data)
    except LogUnwritable as error:
        raise LogUnwritable(
            "the result can't be written", hint="Is its folder there and yours, with space on it?"
        ) from error


def replace_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace a file so that readers see the old bytes or the new, never a mixture.

    The caller holds the lock that guards `path`: the temporary name is fixed.
    """
    temporary = path.with_name(path.name + ".new")
    with writing():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
        sync_directory(path.parent)


def replace_by(path: Path, other: Path) -> None:
    """Put another file, which is durable already, in the place of `path`, in one step."""
    with writing():
        os.replace(other, path)
        sync_directory(path.parent)


def append_bytes(path: Path, data: bytes, *, at: int) -> None:
    """Append at offset `at`, which must be the end, and fsync; take back what was half-written."""
    with writing():
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.lseek(descriptor, at, os.SEEK_SET)
            try:
                _write_all(descriptor, data)
                os.fsync(descriptor)
            except OSError:
                # Where even this fails, the torn tail is dropped when the log is next opened.
                with suppress(OSError):
                    os.ftruncate(descriptor, at)
                    os.fsync(descriptor)
                raise
        finally:
            os.close(descriptor)


def truncate(path: Path, size: int) -> None:
    """Drop what lies beyond `size` bytes, durably."""
    with writing():
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock at `path`, waiting for it; every caller opens the file anew."""
    with writing():
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with writing():
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        unlock(descriptor)


def unlock(descriptor: int) -> None:
    """Let go of a lock and close it, though a child that was forked meanwhile holds a copy."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock at `path`, or None where somebody else does."""
    with writing():
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise LogUnwritable("the audit log can't be locked, so the work stops") from error
    return descriptor
