"""A WebP file with a marker in every chunk that is not pixels, and after its end (RFC 9649)."""

import struct
from io import BytesIO

from tests.planted.exif import exif_block, icc, xmp
from tests.planted.marker import Marks, picture

_ICC, _EXIF, _XMP = 0x20, 0x08, 0x04


def planted(marks: Marks) -> bytes:
    """Return the file."""
    file = BytesIO()
    picture().save(file, "WEBP", lossless=True)
    pixels = file.getvalue()[12:]
    width, height = picture().size
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunks = [
        _chunk(b"VP8X", bytes([_ICC | _EXIF | _XMP, 0, 0, 0]) + size),
        _chunk(b"ICCP", icc(marks)),
        pixels,
        _chunk(b"EXIF", exif_block(marks)),
        _chunk(b"XMP ", xmp(marks)),
        _chunk(b"C2PA", marks("c2pa")),
        _chunk(b"MARK", marks("unknown-chunk")),
    ]
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body + marks("trailer")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
