"""A zip as a place to read from, never unpacked to the disk.

A zip whose directory is damaged, absurdly long, or holds a name that climbs out is refused as a
whole. A file in it that is encrypted, a link, packed in a rare way or there twice gives no bytes.
Zips in it are files like any other, which nobody opens.
"""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from engine.sources.errors import SourceUnusable
from engine.sources.files import NoFile, PhotoFile
from engine.sources.places import MOST_BYTES
from engine.sources.zip_member import ZipMember

MOST_FILES: Final = 200_000
_MOST_DIRECTORY: Final = 64 * 2**20
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_PACKED: Final = {zipfile.ZIP_STORED: False, zipfile.ZIP_DEFLATED: True}
# Whatever zipfile raises at a damaged directory.
_DAMAGED = (
    *(OSError, ValueError, OverflowError, EOFError, NotImplementedError, RuntimeError),
    *(zipfile.BadZipFile, zipfile.LargeZipFile, struct.error, LookupError, TypeError),
)

Members = Mapping[str, ZipMember | None]
"""By path; None for a file that is there and may not be read."""


class ZipPlace:
    """A zip, or a folder in it."""

    def __init__(self, members: Members, names: tuple[str, ...], prefix: str = "") -> None:
        self.names = names
        self._members = members
        self._prefix = prefix
        self._paths = sorted(p.removeprefix(prefix) for p in members if p.startswith(prefix))

    def folders(self) -> tuple[str, ...]:
        """Return the names of the folders directly here, sorted."""
        return tuple(sorted({path.split("/", 1)[0] for path in self._paths if "/" in path}))

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return the names of the files directly in a folder, sorted."""
        start = f"{folder}/" if folder else ""
        rest = (path[len(start) :] for path in self._paths if path.startswith(start))
        return tuple(name for name in rest if "/" not in name)

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of all files below a folder, sorted."""
        return tuple(path for path in self._paths if path.startswith(f"{folder}/"))

    def under(self, folder: str) -> "ZipPlace":
        """Return the place that a folder directly here is."""
        return ZipPlace(self._members, (*self.names, folder), f"{self._prefix}{folder}/")

    def document(self, path: str) -> bytes | None:
        """Return at most `MOST_BYTES + 1` bytes of a file; None where it can't be read."""
        member = self._members.get(self._prefix + path)
        return None if member is None else member.read_packed(MOST_BYTES) or None

    def photo(self, path: str) -> PhotoFile:
        """Return the file at a path; one that gives no bytes where none may be read."""
        return self._members.get(self._prefix + path) or NoFile()


def open_zip(archive: Path) -> ZipPlace:
    """Return what the zip's directory names; raises `SourceUnusable`, and opens no file in it."""
    try:
        with _Careful(archive) as raw, zipfile.ZipFile(raw) as opened:
            entries = opened.infolist()
    except _DAMAGED:
        raise SourceUnusable(
            "the zip can't be read", hint="Download it again; it may be cut off."
        ) from None
    if len(entries) > MOST_FILES:
        raise SourceUnusable(
            "the zip holds too many files",
            hint=f"At most {MOST_FILES:,} are read: get the export in parts, or unpack it and give "
            "the folder.",
        )
    members: dict[str, ZipMember | None] = {}
    real = archive.resolve()
    for entry in entries:
        if not _stays(entry):
            raise SourceUnusable(
                "a name in the zip leads out of it", hint="No export does that: do not use this."
            )
        name = PurePosixPath(entry.filename)
        if entry.is_dir() or name.parts[0] == "__MACOSX":
            continue
        twice = str(name) in members
        members[str(name)] = None if twice else _member(real, entry)
    return ZipPlace(members, (archive.stem,))


def _stays(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    pure = PurePosixPath(name)
    return (
        name == entry.orig_filename
        and "\\" not in name
        and pure.parts != ()
        and not pure.is_absolute()
        and ".." not in pure.parts
        and not PureWindowsPath(name).drive
    )


def _member(archive: Path, entry: zipfile.ZipInfo) -> ZipMember | None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    deflated = _PACKED.get(entry.compress_type)
    if entry.flag_bits & _ENCRYPTED or kind not in (0, stat.S_IFREG) or deflated is None:
        return None
    return ZipMember(
        archive, entry.header_offset, entry.compress_size, entry.file_size, entry.CRC, deflated
    )


class _Careful(io.FileIO):
    """Reads no more at once than a directory of `MOST_FILES` takes: a longer one is refused."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MOST_DIRECTORY:
            raise ValueError("the directory is too long")
        return super().read(_MOST_DIRECTORY if size is None or size < 0 else size) or b""
