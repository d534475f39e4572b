"""A PNG file with a marker in every ancillary chunk, a second frame, and after its end."""

import struct
import zlib
from io import BytesIO

from tests.planted.exif import exif_block, icc, xmp
from tests.planted.marker import Marks, picture


def planted(marks: Marks) -> bytes:
    """Return the file (ISO/IEC 15948, APNG 1.0)."""
    file = BytesIO()
    picture().save(file, "PNG")
    raw = file.getvalue()
    width, height = picture().size
    behind = 8 + 25  # signature and IHDR
    end = raw.index(b"IEND") - 4
    second = b"\0\0\0\1" + zlib.compress(bytes(20) + marks("second-frame"))
    control = struct.pack(">IIIIHHBB", width, height, 0, 0, 1, 10, 0, 0)
    before = [
        (b"iCCP", marks("iccp-name")[:60] + b"\0\0" + zlib.compress(icc(marks))),
        (b"acTL", struct.pack(">II", 2, 0)),
        (b"fcTL", struct.pack(">I", 0) + control),
        (b"tEXt", b"Author\0" + marks("text")),
        (b"tEXt", marks("text-keyword")[:60] + b"\0x"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(marks("ztxt"))),
        (b"iTXt", b"Title\0\0\0en\0" + marks("itxt-translated") + b"\0" + marks("itxt")),
        (b"iTXt", b"Source\0\1\0\0\0" + zlib.compress(marks("itxt-deflated"))),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(marks)),
        (b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(marks("raw-iptc"))),
        (b"eXIf", exif_block(marks)),
        (b"sPLT", marks("splt")[:60] + b"\0\x08"),
        (b"caBX", marks("c2pa")),
        (b"prVt", marks("private")),
        (b"tIME", struct.pack(">HBBBBB", 2026, 1, 2, 3, 4, 5)),
    ]
    after = [
        (b"fcTL", struct.pack(">I", 2) + control),
        (b"fdAT", second),
        (b"tEXt", b"Late\0" + marks("text-after-pixels")),
        (b"prVt", marks("private-after-pixels")),
    ]
    return b"".join(
        (
            raw[:behind],
            _chunks(before),
            raw[behind:end],
            _chunks(after),
            raw[end:],
            marks("trailer"),
        )
    )


def _chunks(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
