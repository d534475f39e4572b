"""Where an export lies: a folder or a zip, which read the same.

Names inside are POSIX paths. Nothing outside is ever reached: not by a name that climbs, not by an
absolute one, not by a link.
"""

import os
from pathlib import Path
from typing import Final, Protocol

from engine.sources.errors import SourceUnusable
from engine.sources.files import NoFile, PathFile, PhotoFile
from engine.sources.folder import inside

MOST_BYTES: Final = 128 * 2**20
"""Of one document of an export: X begins another at 100 MiB, others write less."""


class Place(Protocol):
    """A tree of files that an export is read from."""

    names: tuple[str, ...]
    """What the place is called, innermost last: only an account is ever read from it."""

    def folders(self) -> tuple[str, ...]:
        """Return the names of the folders directly here, sorted."""

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return the names of the files directly in a folder, sorted; none where it is none."""

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of all files below a folder, sorted."""

    def under(self, folder: str) -> "Place":
        """Return the place that a folder directly here is."""

    def document(self, path: str) -> bytes | None:
        """Return at most `MOST_BYTES + 1` bytes of a file; None where it can't be read."""

    def photo(self, path: str) -> PhotoFile:
        """Return the file at a path, which nobody has looked at yet; never raises."""


class FolderPlace:
    """A folder on the disk."""

    def __init__(self, root: Path, names: tuple[str, ...] = ()) -> None:
        self.root = root.resolve()
        self.names = (*names, self.root.name)

    def folders(self) -> tuple[str, ...]:
        """Return the names of the folders directly here, sorted; links are left out."""
        return self._listed("", folders=True)

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return the names of the files directly in a folder, sorted; links are left out."""
        return self._listed(folder, folders=False)

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of all files below a folder, sorted."""
        start = self._inside(folder)
        if start is None:
            return ()
        found = (
            Path(where, name).relative_to(self.root).as_posix()
            for where, _, names in os.walk(start)
            for name in names
        )
        return tuple(sorted(found))

    def under(self, folder: str) -> "FolderPlace":
        """Return the place that a folder directly here is."""
        return FolderPlace(self.root / folder, self.names)

    def document(self, path: str) -> bytes | None:
        """Return at most `MOST_BYTES + 1` bytes of a file; None where it can't be read."""
        return self.photo(path).read(MOST_BYTES) or None

    def photo(self, path: str) -> PhotoFile:
        """Return the file at a path; one that gives no bytes for a path that leaves the folder."""
        file = self._inside(path)
        return NoFile() if file is None else PathFile(file)

    def _inside(self, path: str) -> Path | None:
        try:
            return inside(self.root, path)
        except ValueError:  # half of a surrogate pair, which no file's name has
            return None

    def _listed(self, folder: str, *, folders: bool) -> tuple[str, ...]:
        where = self._inside(folder) if folder else self.root
        if where is None or not where.is_dir():
            return ()
        try:
            with os.scandir(where) as entries:
                found = [
                    entry.name
                    for entry in entries
                    if (entry.is_dir if folders else entry.is_file)(follow_symlinks=False)
                ]
        except OSError:
            raise SourceUnusable(
                "a folder of the source can't be read", hint="Check its permissions."
            ) from None
        return tuple(sorted(found))
