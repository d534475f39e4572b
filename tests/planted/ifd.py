"""A writer of TIFF directories (TIFF 6.0, section 2), for EXIF blocks and whole files."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

BYTE, ASCII, SHORT, LONG, UNDEFINED = 1, 2, 3, 4, 7
_WIDTH = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, UNDEFINED: 1}


@dataclass
class Directory:
    """Entries by tag; a `Directory` as value is written where the entry points."""

    entries: list[tuple[int, int, "bytes | Sequence[int] | Directory"]]
    data: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """Bytes to which a pair of tags (offset, length) points: strips, or a thumbnail."""


def tiff_block(directories: Sequence[Directory]) -> bytes:
    """Return a little-endian block whose directories follow one another."""
    block = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for directory in directories:
        at, link_of_this = _write(block, directory)
        block[link : link + 4] = struct.pack("<I", at)
        link = link_of_this
    return bytes(block)


def _write(block: bytearray, directory: Directory) -> tuple[int, int]:
    entries = list(directory.entries)
    for (offset_tag, length_tag), data in directory.data.items():
        entries += [(offset_tag, LONG, (_append(block, data),)), (length_tag, LONG, (len(data),))]
    rows = []
    for tag, kind, value in sorted(entries, key=lambda entry: entry[0]):
        raw = _packed(block, kind, value)
        count = len(raw) // _WIDTH[kind]
        inline = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<I", _append(block, raw))
        rows.append(struct.pack("<HHI", tag, kind, count) + inline)
    at = _append(block, struct.pack("<H", len(rows)) + b"".join(rows) + bytes(4))
    return at, len(block) - 4


def _packed(block: bytearray, kind: int, value: "bytes | Sequence[int] | Directory") -> bytes:
    if isinstance(value, bytes):
        return value
    values = (_write(block, value)[0],) if isinstance(value, Directory) else value
    return struct.pack(f"<{len(values)}{'H' if kind == SHORT else 'I'}", *values)


def _append(block: bytearray, data: bytes) -> int:
    if len(block) % 2:
        block.append(0)
    at = len(block)
    block += data
    return at
