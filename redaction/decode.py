"""Bytes to upright RGB pixels, or the reason why not.

Only pixels survive: EXIF, XMP, ICC, comments, thumbnails, gain maps and further pictures of the
file are read for one thing, the orientation, and dropped. Limits are checked on the header,
before pixels are decoded. Whatever the decoder complains about is refused: a file that is broken
in one place is not trusted in another.
"""

import logging
import struct
import warnings
import zlib
from importlib import import_module
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from redaction.rules import Limits
from redaction.types.photo import Reason

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""Pillow's decoders that are let near the bytes; all others are never tried. A camera's MPO file
is opened as the JPEG that it starts with."""
BACKDROP: Final = 128
"""Grey level under transparent pixels, whose hidden colours must not come through."""

_ORIENTATION_TAG: Final = 0x0112  # EXIF 2.3, section 4.6.4
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_OURS: Final = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_OTHERS: Final = (
    b"8BPS",
    b"\0\0\0\x0cjP",
    b"\xff\x4f\xff\x51",
    b"%PDF",
    b"%!PS",
    b"\0\0\1\0",
    b"\xff\x0a",
)
_STRIPS: Final = ((273, 279), (324, 325))  # TIFF 6.0: offsets and byte counts, strips and tiles
_FAX: Final = frozenset({"group3", "group4", "tiff_ccitt"})  # bilevel pages, no photos
# Complaints about metadata, which is dropped anyway; every other warning withholds the photo.
_HARMLESS: Final = ("exif", "metadata", "malformed mpo", "icc", "palette images with transparency")

for _plugin in ("Jpeg", "Mpo", "Png", "WebP", "Gif", "Bmp", "Tiff"):
    import_module(f"PIL.{_plugin}ImagePlugin")  # registers the decoder
# Pillow logs tag values at debug level; they are the photo's metadata.
logging.getLogger("PIL").setLevel(logging.CRITICAL)


class Undecodable(Exception):
    """Carries the reason out of this module; `redact` turns it into `Withheld`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def decode(raw: bytes, limits: Limits, *, enough: int) -> NDArray[np.uint8]:
    """Return the photo as a fresh (h, w, 3) uint8 RGB array, upright.

    `enough` is a side in pixels: a large JPEG may be decoded at a half, a quarter or an eighth
    of its size while it stays at least that large. Raises `Undecodable`, and whatever a broken
    file makes Pillow raise besides.
    """
    if not raw:
        raise Undecodable(Reason.EMPTY)
    if len(raw) > limits.max_bytes:
        raise Undecodable(Reason.TOO_MANY_BYTES)
    # INVARIANT: truncated files are refused, whatever another library set this global to.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            with Image.open(BytesIO(raw), formats=FORMATS) as image:
                _check_header(image, limits)
                _check_strips(image, len(raw))
                image.draft("RGB", (enough, enough))
                image.load()
                pixels = _rgb(_upright(image))
        except (Image.DecompressionBombError, MemoryError):
            raise Undecodable(Reason.TOO_MANY_PIXELS) from None
        except UnidentifiedImageError:
            raise Undecodable(_unidentified(raw)) from None
        except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
            cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
            raise Undecodable(Reason.TRUNCATED if cut else Reason.DAMAGED) from None
    _check_complaints(complaints)
    return pixels


def _check_header(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Undecodable(Reason.TOO_MANY_PIXELS)
    if width < 1 or height < 1:
        raise Undecodable(Reason.TOO_SMALL)
    if image.format == "MPO" or not getattr(image, "is_animated", False):
        return
    # Counting all frames of a hostile file is slow; with one allowed, two are too many.
    if limits.max_frames == 1 or getattr(image, "n_frames", 1) > limits.max_frames:
        raise Undecodable(Reason.TOO_MANY_FRAMES)


def _check_strips(image: Image.Image, size: int) -> None:
    """Refuse a TIFF that libtiff would read past its end, or decode over its errors."""
    if not isinstance(image, TiffImageFile):
        return
    if image.info.get("compression") in _FAX:
        raise Undecodable(Reason.UNSUPPORTED_FORMAT)
    for offsets, counts in _STRIPS:
        starts, lengths = image.tag_v2.get(offsets, ()), image.tag_v2.get(counts, ())
        if any(start + length > size for start, length in zip(starts, lengths, strict=False)):
            raise Undecodable(Reason.TRUNCATED)


def _check_complaints(complaints: list[warnings.WarningMessage]) -> None:
    for complaint in complaints:
        text = str(complaint.message).lower()
        if issubclass(complaint.category, Image.DecompressionBombWarning):
            raise Undecodable(Reason.TOO_MANY_PIXELS)
        if "truncated" in text:
            raise Undecodable(Reason.TRUNCATED)
        if not any(word in text for word in _HARMLESS):
            raise Undecodable(Reason.DAMAGED)


def _unidentified(raw: bytes) -> Reason:
    if raw.startswith(_OURS):
        return Reason.DAMAGED
    if raw.startswith(_OTHERS) or raw[4:8] == b"ftyp":
        return Reason.UNSUPPORTED_FORMAT
    return Reason.NOT_AN_IMAGE


def _upright(image: Image.Image) -> Image.Image:
    # Read after `load`: Pillow turns TIFF files itself and then drops the tag.
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        orientation = None  # unreadable metadata; the pixels are as good as they were
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        grey = _to_eight_bits(np.asarray(image), sixteen=image.mode != "F")
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        backdrop = Image.new("RGBA", image.size, (BACKDROP, BACKDROP, BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image)
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _to_eight_bits(values: NDArray[np.generic], *, sixteen: bool) -> NDArray[np.uint8]:
    """Scale to 0..255: 16-bit values by their full range, all others by their own extremes."""
    wide = values.astype(np.float64)
    low, high = float(wide.min()), float(wide.max())
    if not np.isfinite((low, high)).all():
        raise Undecodable(Reason.DAMAGED)
    if sixteen and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    scaled = (wide - low) / max(high - low, 1e-12) * 255.0
    return np.rint(scaled).astype(np.uint8)
