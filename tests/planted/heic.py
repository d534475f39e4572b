"""A HEIC file with a marker in every item, property and box that is not the primary picture."""

from tests.planted.boxes import Item, box, full_box, heic, still
from tests.planted.exif import exif_block, icc, xmp
from tests.planted.marker import Marks

_GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"
_DEPTH = b"urn:mpeg:hevc:2015:auxid:2\0"


def planted(marks: Marks) -> bytes:
    """Return the file."""
    describes = ((b"cdsc", 1),)
    items = [
        still(box(b"colr", b"prof", icc(marks)), name=marks("item-name")),
        Item(b"Exif", bytes(4) + exif_block(marks), refers=describes),
        Item(b"mime", xmp(marks), refers=describes, content_type=b"application/rdf+xml"),
        Item(b"mime", marks("other-item"), refers=describes, content_type=b"text/plain"),
        still(refers=((b"thmb", 1),), name=marks("thumbnail")),
        still(full_box(b"auxC", 0, _GAIN_MAP + marks("gain-map")), refers=((b"auxl", 1),)),
        still(full_box(b"auxC", 0, _DEPTH + marks("depth-map")), refers=((b"auxl", 1),)),
        still(name=marks("second-picture")),
    ]
    between = (
        box(b"free", marks("free-box")),
        box(b"uuid", bytes(16), marks("uuid-box")),
        box(b"jumb", marks("c2pa")),
        box(b"mpvd", box(b"ftyp", b"mp42"), box(b"mdat", marks("motion-photo"))),
    )
    return heic(items, *between) + box(b"skip", marks("skip-box")) + marks("trailer")
