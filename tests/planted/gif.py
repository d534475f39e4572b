"""A GIF file with a marker in every extension, a second frame, and after its end (GIF89a)."""

from io import BytesIO

from tests.planted.exif import xmp
from tests.planted.marker import Marks, picture


def planted(marks: Marks) -> bytes:
    """Return the file."""
    file = BytesIO()
    frames = [picture(), picture().transpose(0)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
    raw = file.getvalue()
    behind = 13 + 3 * (2 << (raw[10] & 7))
    before = b"".join(
        (
            _extension(0xFE, b"", marks("comment")),
            _extension(0xFF, b"MARKAPP 1.0", marks("application")),
            b"\x21\xff\x0bXMP DataXMP" + xmp(marks) + b"\1" + bytes(range(255, -1, -1)) + b"\0\0",
            _extension(0x77, b"", marks("unknown-extension")),
        )
    )
    late = _extension(0xFE, b"", marks("comment-after-pixels"))
    return raw[:behind] + before + raw[behind:-1] + late + b";" + marks("trailer")


def _extension(kind: int, name: bytes, data: bytes) -> bytes:
    head = bytes([0x21, kind]) + (bytes([len(name)]) + name if name else b"")
    return head + bytes([len(data)]) + data + b"\0"
