"""A BMP file with a marker between header and pixels, as its profile, and after its end."""

import struct
from io import BytesIO

from tests.planted.marker import Marks, picture


def planted(marks: Marks) -> bytes:
    """Return the file (BITMAPV5HEADER, whose profile stands behind the pixels)."""
    file = BytesIO()
    picture().save(file, "BMP")
    raw = file.getvalue()
    width, height = picture().size
    pixels = raw[struct.unpack_from("<I", raw, 10)[0] :]
    gap, profile, tail = marks("gap"), marks("profile"), marks("trailer")
    at = 14 + 124 + len(gap)
    head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    colours = struct.pack("<4I", 0, 0, 0, 0) + b"DEBM" + bytes(48)  # PROFILE_EMBEDDED
    # Counted from the header's beginning.
    v5 = head + colours + struct.pack("<IIII", 4, 124 + len(gap) + len(pixels), len(profile), 0)
    size = at + len(pixels) + len(profile)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, at) + v5 + gap + pixels + profile + tail
