"""An EXIF block with a marker in every directory (Exif 2.32, sections 4.5 and 4.6)."""

from io import BytesIO

from tests.planted.ifd import ASCII, BYTE, SHORT, UNDEFINED, Directory, tiff_block
from tests.planted.marker import Marks, picture


def exif_block(marks: Marks, orientation: int | None = 1) -> bytes:
    """Return the block, from its TIFF header on."""
    return tiff_block([main_directory(marks, orientation), _thumbnail(marks)])


def main_directory(marks: Marks, orientation: int | None) -> Directory:
    """Return the first directory, with those for camera, position and interoperability."""
    interoperability = Directory([(1, ASCII, marks("exif-interop"))])
    camera = Directory(
        [
            (0x927C, UNDEFINED, b"Nikon\0\2\0" + marks("exif-makernote")),
            (0x9286, UNDEFINED, b"ASCII\0\0\0" + marks("exif-usercomment")),
            (0xA420, ASCII, marks("exif-uniqueid")),
            (0xA430, ASCII, marks("exif-owner")),
            (0xA431, ASCII, marks("exif-serial")),
            (0xA435, ASCII, marks("exif-lens-serial")),
            (0xA005, 4, interoperability),
        ]
    )
    position = Directory(
        [
            (1, ASCII, b"N\0"),
            (0x1B, UNDEFINED, b"ASCII\0\0\0" + marks("gps-method")),
            (0x1C, UNDEFINED, b"UNICODE\0" + marks.text("gps-area").encode("utf-16-le")),
            (0x1D, ASCII, marks("gps-date")),
        ]
    )
    return Directory(
        [
            (0x010E, ASCII, marks("ifd0-description")),
            (0x010F, ASCII, marks("ifd0-make")),
            (0x0110, ASCII, marks("ifd0-model")),
            *([] if orientation is None else [(0x0112, SHORT, (orientation,))]),
            (0x0131, ASCII, marks("ifd0-software")),
            (0x013B, ASCII, marks("ifd0-artist")),
            (0x013C, ASCII, marks("ifd0-host")),
            (0x8298, ASCII, marks("ifd0-copyright")),
            (0x8769, 4, camera),
            (0x8825, 4, position),
            (0x9C9C, BYTE, marks.text("ifd0-xpcomment").encode("utf-16-le")),
            (0xC4A5, UNDEFINED, b"PrintIM\0" + marks("ifd0-printim")),
            (0xEA1C, UNDEFINED, marks("ifd0-padding")),
        ]
    )


def _thumbnail(marks: Marks) -> Directory:
    file = BytesIO()
    picture(32, 24).save(file, "JPEG", comment=marks("ifd1-thumbnail"))
    return Directory(
        [(0x0103, SHORT, (6,)), (0x010E, ASCII, marks("ifd1-description"))],
        {(0x0201, 0x0202): file.getvalue()},
    )


def xmp(marks: Marks, slot: str = "xmp") -> bytes:
    """Return an XMP packet."""
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="' + marks(slot) + b'"/>'
        b'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def icc(marks: Marks) -> bytes:
    """Return an sRGB profile whose description and copyright are markers."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile += marks("icc-description")
    profile[0:4] = len(profile).to_bytes(4, "big")
    profile[24:36] = bytes(12)  # when it was made: now
    return bytes(profile)


def photoshop(marks: Marks) -> bytes:
    """Return Photoshop's image resources: IPTC (IIM 4.2) and others."""
    caption = marks("iptc-caption")
    place = marks("iptc-city")
    iptc = b"".join(
        b"\x1c\x02" + bytes([dataset]) + len(text).to_bytes(2, "big") + text
        for dataset, text in ((120, caption), (90, place))
    )
    resources = ((0x0404, iptc), (0x0421, marks("8bim-version")), (0x040C, marks("8bim-thumb")))
    return b"".join(
        b"8BIM"
        + number.to_bytes(2, "big")
        + b"\0\0"
        + len(data).to_bytes(4, "big")
        + data
        + b"\0" * (len(data) % 2)
        for number, data in resources
    )
