"""Reading a mark's PNG or JPEG: upright, scaled down, with its transparency if it has any.

Runs in a confined process only (`engine.catalogue.child`).
"""

from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, PngImagePlugin

from engine.catalogue.flaws import LONGEST, MAX_PIXELS, MIN_SIDE, Flaw, Unusable
from redaction.decoding.formats import format_of
from redaction.decoding.outcome import Undecodable
from redaction.decoding.picture import read_picture
from redaction.decoding.wire import Request
from redaction.types.photo import Reason

_FLAWS: Final = {
    Reason.TOO_MANY_PIXELS: Flaw.TOO_LARGE,
    Reason.TOO_SMALL: Flaw.TINY,
    Reason.NOT_AN_IMAGE: Flaw.NOT_AN_IMAGE,
    Reason.UNSUPPORTED_FORMAT: Flaw.NOT_AN_IMAGE,
}
_REQUEST: Final = Request(
    longest=LONGEST,
    max_pixels=MAX_PIXELS,
    min_side=MIN_SIDE,
    refuse_frames=False,
    # Whoever runs this has limited both already.
    max_seconds=0.0,
    max_memory_mb=0,
    size=0,
)
_OPAQUE: Final = 250


def read_raster(raw: bytes) -> NDArray[np.uint8]:
    """Return (h, w, 3) RGB, or (h, w, 4) where something shines through; raises `Unusable`."""
    name = format_of(raw)
    if name not in ("PNG", "JPEG"):
        raise Unusable(Flaw.NOT_AN_IMAGE)
    try:
        picture = read_picture(raw, _REQUEST)[0]
    except Undecodable as refusal:
        raise Unusable(_FLAWS.get(refusal.reason, Flaw.DAMAGED)) from None
    pixels = np.asarray(picture)
    if name == "PNG":
        image: Image.Image = PngImagePlugin.PngImageFile(BytesIO(raw))
        if image.has_transparency_data:
            # Sound by now: the same bytes were decoded above.
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            rgba = np.asarray(upright.resize(picture.size, Image.Resampling.BOX))
            if rgba[..., 3].min() < _OPAQUE:
                return rgba
    return pixels
