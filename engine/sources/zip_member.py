"""One file of a zip, read where it lies: nothing is unpacked to the disk.

Where it lies was read once, from the zip's directory; a worker process needs that and nothing of
the directory. What is said there of the sizes and the checksum must be true, or there are no bytes.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from engine.sources.files import opened_plain

RATIO: Final = 100
"""More than so many bytes from one are no photo: those are compressed already."""
SMALL: Final = 1_000_000
"""Below so many bytes the ratio doesn't matter."""
_CHUNK: Final = 65_536
_HEADER: Final = 30


@dataclass(frozen=True)
class ZipMember:
    """A file of a zip, as its directory describes it."""

    archive: Path
    offset: int
    packed: int
    size: int
    checksum: int
    deflated: bool

    def read(self, limit: int) -> bytes:
        """Return at most `limit + 1` bytes; none where the ratio is that of a bomb."""
        if self.size > SMALL and self.size > self.packed * RATIO:
            return b""
        return self.read_packed(limit)

    def read_packed(self, limit: int) -> bytes:
        """Return at most `limit + 1` bytes, however well they were packed."""
        most = min(self.size, limit) + 1
        try:
            with opened_plain(self.archive) as archive:
                unpacked = self._unpacked(archive, most)
        except (OSError, ValueError, OverflowError, zlib.error):
            return b""
        if len(unpacked) > limit and self.size > limit:
            return unpacked
        honest = len(unpacked) == self.size and zlib.crc32(unpacked) == self.checksum
        return unpacked if honest else b""

    def _unpacked(self, archive: BinaryIO, most: int) -> bytes:
        archive.seek(self.offset)
        header = archive.read(_HEADER)
        if len(header) != _HEADER or header[:4] != b"PK\x03\x04":
            raise ValueError("no file of a zip")
        name, extra = header[26:28], header[28:30]
        archive.seek(int.from_bytes(name, "little") + int.from_bytes(extra, "little"), 1)
        if not self.deflated:
            return archive.read(min(self.packed, most))
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        unpacked, left = bytearray(), self.packed
        while left and len(unpacked) < most and not inflate.eof:
            chunk = archive.read(min(left, _CHUNK))
            if not chunk:
                break
            left -= len(chunk)
            while chunk and len(unpacked) < most and not inflate.eof:
                unpacked += inflate.decompress(chunk, most - len(unpacked))
                chunk = inflate.unconsumed_tail
        return bytes(unpacked)
