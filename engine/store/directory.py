"""The directory of a run's parts and the file of its key: locked, written whole, destroyed."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.durable import NEW, replace_whole, sync_directory, write_new
from engine.store.errors import StoreUnusable, StoreUnwritable
from engine.store.interface import KEY_BYTES

START: Final = "start"
STATE: Final = "state"
"""Where a training stands that has been paid for."""
_LOCK: Final = "lock"
_PART: Final = re.compile(r"[0-9]{6,12}\.part")
_KEY_FORM: Final = "crowdlens-sightings-key/1 "
"""What the key's file begins with: nothing else is ever taken for one, or overwritten."""


@dataclass(frozen=True)
class StorePlace:
    """Where sightings are kept while a run lasts, and in another place their key."""

    directory: Path
    key: Path


def part_name(number: int) -> str:
    """Return the name of a part's file."""
    return f"{number:06d}.part"


def part_numbers(directory: Path) -> list[int]:
    """Return the numbers of the parts that are there."""
    names = [entry.name for entry in directory.iterdir() if _PART.fullmatch(entry.name)]
    return sorted(int(name.partition(".")[0]) for name in names)


def require_ours(directory: Path) -> None:
    """Raise `StoreUnusable` for a directory that holds anything but what a store makes."""
    names = {entry.name.removesuffix(NEW) for entry in directory.iterdir()}
    if any(name not in (START, STATE, _LOCK) and not _PART.fullmatch(name) for name in names):
        raise StoreUnusable(
            "the directory of --store holds something else", hint="Give --store a new directory."
        )


def write_key(path: Path, key: bytes) -> None:
    """Write a key where no file is yet, mode 0600; raises `OSError`."""
    write_new(path, f"{_KEY_FORM}{key.hex()}\n".encode("ascii"), 0o600)
    sync_directory(path.parent)


def read_key(path: Path) -> bytes | None:
    """Return the key that lies there; None where there is none of ours."""
    try:
        text = path.read_text(encoding="ascii")
        if not text.startswith(_KEY_FORM):
            return None
        key = bytes.fromhex(text.removeprefix(_KEY_FORM).strip())
    except (OSError, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def require_free(path: Path) -> None:
    """Raise `StoreUnusable` where a file is in the key's place; clear away a destroyed key."""
    with writing():
        if not os.path.lexists(path):
            return
        if path.is_file() and not path.read_bytes().strip(b"\0"):
            path.unlink()
            return
    raise StoreUnusable(
        "there is a file in the place of the key, and it is not the key of what is kept here",
        hint="Give --store-key a new file.",
    )


def destroy_key(path: Path) -> None:
    """Overwrite a key with zeros and remove it; raises `OSError`."""
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    with open(handle, "wb", buffering=0) as file:
        file.write(bytes(os.fstat(handle).st_size))
        os.fsync(handle)
    path.unlink()
    sync_directory(path.parent)


def remove_parts(directory: Path) -> None:
    """Remove the parts and what was written before them; raises `OSError`."""
    for entry in list(directory.iterdir()):
        name = entry.name.removesuffix(NEW)
        if name in (START, STATE) or _PART.fullmatch(name):
            entry.unlink()


def remove_parts_from(directory: Path, number: int) -> None:
    """Remove the parts from this number on; raises `OSError`."""
    for part in part_numbers(directory):
        if part >= number:
            (directory / part_name(part)).unlink()


def remove_directory(directory: Path) -> None:
    """Remove the directory, which a run holds and which is empty but for its lock."""
    (directory / _LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # something that is not ours lies there
        directory.rmdir()


def read(path: Path) -> bytes | None:
    """Return a file's bytes, None where there is none; raises `StoreUnusable`."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError:
        raise StoreUnusable(
            "what is kept there can't be read", hint="Check the directory's permissions."
        ) from None


def replace(path: Path, data: bytes) -> None:
    """Write a file whole, mode 0600, on the disk when it returns; raises `StoreUnwritable`."""
    with writing():
        replace_whole(path, data, 0o600)


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Keep other runs out; raises `StoreUnusable` while one is at it."""
    with writing():
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        handle = os.open(directory / _LOCK, flags, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A lock on a file that its last holder has just removed keeps nobody out.
            if os.fstat(handle).st_nlink == 0:
                raise BlockingIOError
        except OSError:
            raise StoreUnusable(
                "another run keeps what it sees in this directory",
                hint="Wait for it, or give another --store.",
            ) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def writing() -> Iterator[None]:
    """Turn every `OSError` inside into `StoreUnwritable`."""
    try:
        yield
    except OSError as error:
        raise StoreUnwritable(
            f"what was seen can't be kept: {error.strerror}",
            hint="Make room, or check --store and --store-key; the same command then goes on.",
        ) from None
