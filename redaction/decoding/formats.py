"""Which decoder a file's first bytes call for: exactly one is tried, and none but these.

Signatures: ITU-T T.81 annex B, PNG (ISO/IEC 15948), GIF89a, TIFF 6.0 and BigTIFF, RIFF/WebP
(RFC 9649), HEIF (ISO/IEC 23008-12, table of brands), AVIF 1.1.
"""

from typing import Final, Literal

from redaction.types.photo import Reason

Format = Literal["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "HEIF", "AVIF"]

_STARTS: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"\xff\xd8", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    *((start, "TIFF") for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
)
_OTHERS: Final = (
    b"8BPS",
    b"\0\0\0\x0cjP",
    b"\xff\x4f\xff\x51",
    b"%PDF",
    b"%!PS",
    b"\0\0\1\0",
    b"\xff\x0a",
    b"RIFF",
    b"DDS ",
    b"\0\0\0\x0cJXL",
)
_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_MOST_BRANDS: Final = 32
_PLAIN_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})  # SOF markers that can be decoded
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def format_of(raw: bytes) -> Format | Reason:
    """Return the file's format, or why there is no decoder for it."""
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WEBP"
    for start, name in _STARTS:
        if raw.startswith(start):
            return name
    if raw[4:8] == b"ftyp":
        brands = _brands(raw)
        # The major brand stands first: it says what the file wants to be read as.
        for brand in brands:
            if brand in _HEIF_BRANDS:
                return "HEIF"
            if brand in _AVIF_BRANDS:
                return "AVIF"
        return Reason.UNSUPPORTED_FORMAT
    return Reason.UNSUPPORTED_FORMAT if raw.startswith(_OTHERS) else Reason.NOT_AN_IMAGE


def _brands(raw: bytes) -> list[bytes]:
    size = min(int.from_bytes(raw[:4], "big"), 16 + 4 * _MOST_BRANDS, len(raw))
    # Between the major and the compatible brands stands a version.
    return [raw[8:12], *(raw[at : at + 4] for at in range(16, size, 4))]


def unusual_jpeg(raw: bytes) -> bool:
    """Say whether a JPEG file is of a kind that cameras do not make: 12 bits, lossless, tiled."""
    at = 2
    while at + 9 < len(raw) and raw[at] == 0xFF:
        kind = raw[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind in _FRAMES:
            return kind not in _PLAIN_FRAMES or raw[at + 4] != 8
        if kind in {0xD9, 0xDA}:
            return False
        at += 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return False
