"""Bytes to an upright RGB picture of the working size, or the reason why not.

Runs in a photo's own process. Only pixels survive: EXIF, XMP, ICC, comments, thumbnails, gain
maps and further pictures of the file are read for one thing, the orientation, and dropped. Limits
are checked on the header, before pixels are decoded. Whatever the decoder complains about is
refused: a file that is broken in one place is not trusted in another.
"""

import logging
import struct
import warnings
import zlib
from io import BytesIO
from typing import Final

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from redaction.decoding.formats import Format, format_of, unusual_jpeg
from redaction.decoding.heif import HeifPicture
from redaction.decoding.outcome import Undecodable
from redaction.decoding.wire import Request, working_size
from redaction.types.photo import Reason

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
_PILLOWS: Final[dict[Format, type[ImageFile.ImageFile]]] = {
    # A camera's MPO file is opened as the JPEG that it starts with.
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
_STRIPS: Final = ((273, 279), (324, 325))  # TIFF 6.0: offsets and byte counts, strips and tiles
_FAX: Final = frozenset({"group3", "group4", "tiff_ccitt"})  # bilevel pages, no photos
# Complaints about metadata, which is dropped anyway; every other warning withholds the photo.
_HARMLESS: Final = ("exif", "metadata", "icc", "palette images with transparency")
_BAND: Final = 1 << 20
"""Pixels of a deep picture that are scaled at once."""

ImageCms.createProfile("sRGB")  # loads what Pillow would load when it meets a Lab picture
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Pillow logs tag values at debug level; they are the photo's metadata.
logging.getLogger("PIL").setLevel(logging.CRITICAL)


def read_picture(raw: bytes, request: Request) -> tuple[Image.Image, int, int]:
    """Return an RGB image as `request` wants it, and the photo's full width and height, upright.

    Raises `Undecodable`, and whatever a broken file makes a decoder raise besides.
    """
    name = format_of(raw)
    if isinstance(name, Reason):
        raise Undecodable(name)
    # INVARIANT: truncated files are refused, whatever another library set this global to.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = request.max_pixels
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            image, full = _load_heif(raw, request) if name == "HEIF" else _load(raw, name, request)
            turn = None if name == "HEIF" else _turn_of(image)
            picture = _rgb(image, working_size(*full, request.longest))
        except Image.DecompressionBombError:
            raise Undecodable(Reason.TOO_MANY_PIXELS) from None
        except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
            raise Undecodable(_reason_of(error, raw)) from None
    _check_complaints(complaints)
    if turn is None:
        return picture, *full
    picture = picture.transpose(turn)
    sideways = turn in {_UPRIGHT[orientation] for orientation in (5, 6, 7, 8)}
    return picture, *(full[::-1] if sideways else full)


def _load_heif(raw: bytes, request: Request) -> tuple[Image.Image, tuple[int, int]]:
    opened = HeifPicture(raw)
    _check_size(opened.size, request)
    if request.refuse_frames and opened.more:
        raise Undecodable(Reason.TOO_MANY_FRAMES)
    image = opened.load()
    _check_size(image.size, request)
    return image, image.size


def _load(raw: bytes, name: Format, request: Request) -> tuple[Image.Image, tuple[int, int]]:
    """Decode the first picture, a large JPEG at a half, a quarter or an eighth of its size."""
    image = _PILLOWS[name](BytesIO(raw))
    _check_size(image.size, request)
    # Known from the header; counting all frames of a hostile file is slow.
    if request.refuse_frames and getattr(image, "is_animated", False):
        raise Undecodable(Reason.TOO_MANY_FRAMES)
    _check_strips(image, len(raw))
    full = image.size
    if name == "JPEG":
        image.draft("RGB", working_size(*full, request.longest))
        image.load()
        return image, full
    image.load()
    # What the header said and what came need not agree; a TIFF turns itself while it loads.
    _check_size(image.size, request)
    return image, image.size


def _check_size(size: tuple[int, int], request: Request) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise Undecodable(Reason.TOO_SMALL)
    if width * height > request.max_pixels:
        raise Undecodable(Reason.TOO_MANY_PIXELS)
    if min(working_size(width, height, request.longest)) < request.min_side:
        raise Undecodable(Reason.TOO_SMALL)


def _check_strips(image: Image.Image, size: int) -> None:
    """Refuse TIFF pages that libtiff reports on standard error, which we can't silence."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
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


def _reason_of(error: Exception, raw: bytes) -> Reason:
    if format_of(raw) == "JPEG" and unusual_jpeg(raw):
        return Reason.UNSUPPORTED_FORMAT
    cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
    return Reason.TRUNCATED if cut else Reason.DAMAGED


def _turn_of(image: Image.Image) -> Image.Transpose | None:
    # Read after `load`: Pillow turns TIFF files itself and then drops the tag.
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        orientation = None  # unreadable metadata; the pixels are as good as they were
    return _UPRIGHT.get(orientation) if isinstance(orientation, int) else None


def _rgb(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale down to `size`, each pixel the mean of what it covers, and make it opaque RGB."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        image = _to_eight_bits(image)
    if image.has_transparency_data:
        # Scaling weighs colours by their opacity, so that hidden ones do not bleed out.
        image = _scaled(_as(image, "RGBA"), size)
        backdrop = Image.new("RGBA", size, (BACKDROP, BACKDROP, BACKDROP, 255))
        return Image.alpha_composite(backdrop, image).convert("RGB")
    if image.mode not in {"L", "RGB", "CMYK", "YCbCr"}:
        image = image.convert("RGB")
    return _as(_scaled(image, size), "RGB")


def _as(image: Image.Image, mode: str) -> Image.Image:
    # Pillow copies a picture to convert it to the mode that it has.
    return image if image.mode == mode else image.convert(mode)


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BOX)


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Scale to 0..255: 16-bit values by their full range, all others by their own extremes."""
    width, height = image.size
    step = max(1, _BAND // width)
    # Band by band: as numbers, a whole picture of this kind would take many times its memory.
    bands = [(0, y, width, min(y + step, height)) for y in range(0, height, step)]
    extremes = np.array([_extremes(image.crop(band)) for band in bands])
    if not np.isfinite(extremes).all():
        raise Undecodable(Reason.DAMAGED)
    low, high = extremes[:, 0].min(), extremes[:, 1].max()
    if image.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    grey = Image.new("L", image.size)
    for band in bands:
        values = np.asarray(image.crop(band)).astype(np.float64)
        scaled = (values - low) / max(high - low, 1e-12) * 255.0
        grey.paste(Image.fromarray(np.rint(scaled).astype(np.uint8)), band[:2])
    return grey


def _extremes(image: Image.Image) -> tuple[float, float]:
    values = np.asarray(image)
    return float(values.min()), float(values.max())
