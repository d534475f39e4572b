"""Files that are there whole or not at all; raises `OutputUnwritable` where they can't be."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from engine.durable import sync_directory
from engine.errors import OutputUnwritable


def replace(path: Path, data: bytes) -> None:
    """Put the file in the place of what is there, in one step."""
    try:
        # A link is followed, so that it stays one.
        path = path.resolve()
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except (OSError, RuntimeError):
        raise unwritable(path) from None
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
        sync_directory(path.parent)
    except OSError:
        raise unwritable(path) from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def require_place(path: Path) -> None:
    """Raise `OutputUnwritable` where a file can't be written, before there is one to write."""
    if path.is_dir():
        raise unwritable(path)
    try:
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass
    except (OSError, RuntimeError):
        raise unwritable(path) from None


def save_together(text: Path, data: bytes, files: Mapping[Path, bytes]) -> None:
    """Write new files, then the text that names them; where that fails none of them is left."""
    made: list[Path] = []
    folders: list[Path] = []
    try:
        for path, content in files.items():
            if path.exists() and path.read_bytes() == content:
                continue
            if not path.parent.exists():
                path.parent.mkdir(parents=True)
                folders.append(path.parent)
            replace(path, content)
            made.append(path)
        replace(text, data)
    except BaseException as fault:
        for path in made:
            path.unlink(missing_ok=True)
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
        if isinstance(fault, OSError):
            raise unwritable(text) from None
        raise


def unwritable(path: Path) -> OutputUnwritable:
    """Return the error of a file that the machine would not write."""
    return OutputUnwritable(
        f"{path.name} can't be written", hint="Check the path, its permissions and the free space."
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
