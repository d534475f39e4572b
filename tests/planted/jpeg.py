"""A JPEG file with a marker in every segment and after its end (ITU-T T.81, annex B)."""

import struct
from io import BytesIO

from tests.planted.exif import exif_block, icc, photoshop, xmp
from tests.planted.marker import Marks, picture


def planted(marks: Marks) -> bytes:
    """Return the file."""
    plain = _encoded()
    second = _with(_encoded(), [(0xFE, marks("mpf-second-picture"))])
    gain = _with(_encoded(), [(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(marks, "gain-map"))])
    extended = marks("xmp-extended")
    guid = b"0123456789ABCDEF0123456789ABCDEF"
    app1 = b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">II", len(extended), 0)
    jumb = _box(b"jumb", _box(b"jumd", b"c2pa" + bytes(12) + b"\3c2pa\0") + marks("c2pa-jumbf"))
    segments = [
        (0xE0, b"JFXX\0\x13" + marks("jfxx-thumbnail")),
        (0xE1, b"Exif\0\0" + exif_block(marks)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(marks)),
        (0xE1, app1 + extended),
        (0xE2, b"ICC_PROFILE\0\1\1" + icc(marks)),
        (0xE2, b"FPXR\0" + marks("flashpix")),
        (0xE3, b"Meta\0\0" + marks("app3")),
        (0xE4, marks("app4")),
        (0xE5, b"RMETA\0" + marks("app5")),
        (0xE6, b"GoPro\0" + marks("app6")),
        (0xE7, marks("app7")),
        (0xE8, b"SPIFF\0" + marks("app8")),
        (0xE9, marks("app9")),
        (0xEA, b"AROT\0\0" + marks("app10")),
        (0xEB, b"JP\0\1\0\0\0\1" + jumb),
        (0xEC, b"[picture info]" + marks("app12")),
        (0xED, b"Photoshop 3.0\0" + photoshop(marks)),
        (0xEF, b"Q-mark" + marks("app15")),
        (0xFE, marks("comment")),
    ]
    main = _with(plain, segments)
    # The multi-picture index (CIPA DC-007) counts from its own TIFF header.
    index = _index(len(main), len(second), len(gain))
    main = _with(plain, [*segments, (0xE2, index)])
    video = _box(b"ftyp", b"mp42") + _box(b"moov", _box(b"udta", marks("motion-photo")))
    return main + second + gain + video + marks("trailer")


def _index(main: int, *others: int) -> bytes:
    entries = struct.pack("<IIIHH", 0x030000, main, 0, 0, 0)
    for size in others:
        entries += struct.pack("<IIIHH", 0x020002, size, main, 0, 0)
    count = 1 + len(others)
    head = struct.pack("<H", 3)
    head += struct.pack("<HHI4s", 0xB000, 7, 4, b"0100")
    head += struct.pack("<HHII", 0xB001, 4, 1, count)
    head += struct.pack("<HHII", 0xB002, 7, 16 * count, 8 + 2 + 36 + 4)
    return b"MPF\0II*\0\x08\0\0\0" + head + bytes(4) + entries


def _encoded() -> bytes:
    file = BytesIO()
    picture().save(file, "JPEG", quality=90)
    return file.getvalue()


def _with(raw: bytes, segments: list[tuple[int, bytes]]) -> bytes:
    """Return the file with these segments behind its first one."""
    behind = 4 + int.from_bytes(raw[4:6], "big")
    made = b"".join(
        struct.pack(">BBH", 0xFF, kind, 2 + len(data)) + data for kind, data in segments
    )
    return raw[:behind] + made + raw[behind:]


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data
