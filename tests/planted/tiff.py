"""A TIFF file with a marker in every tag, a second page, a sub-picture, gaps and a tail."""

from tests.planted.exif import icc, main_directory, photoshop, xmp
from tests.planted.ifd import ASCII, BYTE, LONG, SHORT, UNDEFINED, Directory, tiff_block
from tests.planted.marker import Marks, picture


def planted(marks: Marks) -> bytes:
    """Return the file (TIFF 6.0, TIFF/EP)."""
    width, height = picture().size
    first = main_directory(marks, 1)
    layout = [
        (256, LONG, (width,)),
        (257, LONG, (height,)),
        (258, SHORT, (8, 8, 8)),
        (259, SHORT, (1,)),
        (262, SHORT, (2,)),
        (277, SHORT, (3,)),
        (278, LONG, (height,)),
    ]
    pixels = {(273, 279): picture().tobytes()}
    first.entries += layout
    first.entries += [
        (269, ASCII, marks("document-name")),
        (285, ASCII, marks("page-name")),
        (315 + 2, SHORT, (1,)),
        (330, LONG, Directory([*layout, (270, ASCII, marks("sub-picture"))], dict(pixels))),
        (700, BYTE, xmp(marks)),
        (33723, UNDEFINED, marks("iptc")),
        (34377, BYTE, photoshop(marks)),
        (34675, UNDEFINED, icc(marks)),
        (37724, UNDEFINED, marks("photoshop-layers")),
        (42112, ASCII, marks("gdal")),
        (50341, UNDEFINED, marks("print-image")),
        (65000, ASCII, marks("private-tag")),
        (65001, UNDEFINED, marks("private-bytes")),
    ]
    first.data |= pixels
    gap = Directory([(65002, ASCII, marks("gap-directory"))])
    first.entries.append((65003, LONG, gap))
    second = Directory([*layout, (270, ASCII, marks("second-page"))], dict(pixels))
    return tiff_block([first, second]) + marks("trailer")
