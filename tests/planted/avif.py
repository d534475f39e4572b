"""An AVIF file with a marker in its metadata, in further boxes, and after its end."""

from io import BytesIO

from tests.planted.boxes import box
from tests.planted.exif import exif_block, icc, xmp
from tests.planted.marker import Marks, picture


def planted(marks: Marks) -> bytes:
    """Return the file (AVIF 1.1)."""
    file = BytesIO()
    # Without an orientation, or Pillow would write the block anew and drop half of it.
    metadata = {"exif": exif_block(marks, None), "xmp": xmp(marks), "icc_profile": icc(marks)}
    picture().save(file, "AVIF", quality=90, **metadata)
    tail = (box(b"free", marks("free-box")), box(b"uuid", bytes(16), marks("uuid-box")))
    return file.getvalue() + b"".join(tail) + marks("trailer")
