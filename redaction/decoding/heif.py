"""The primary picture of a HEIC file, by libheif through pi-heif, and nothing else of it.

Thumbnails, depth and gain maps, further pictures and metadata are never decoded. Rotation and
mirroring (`irot`, `imir`) are part of decoding; the EXIF orientation beside them says the same
once more, and readers ignore it (ISO/IEC 23008-12, annex A).
"""

import pi_heif
from PIL import Image

from redaction.decoding.outcome import Undecodable
from redaction.types.photo import Reason

# No threads but libde265's own. The rest of a file is never looked at.
pi_heif.options.DECODE_THREADS = 0
pi_heif.options.THUMBNAILS = False
pi_heif.options.DEPTH_IMAGES = False
pi_heif.options.AUX_IMAGES = False


class HeifPicture:
    """An opened file; the picture is not decoded before `load`."""

    def __init__(self, raw: bytes) -> None:
        try:
            self._file = pi_heif.open_heif(raw, convert_hdr_to_8bit=True)
        except (ValueError, RuntimeError, OSError, EOFError, SyntaxError) as error:
            raise _refusal(error) from None
        self.size: tuple[int, int] = self._file.size
        self.more = len(self._file) > 1

    def load(self) -> Image.Image:
        """Decode it; raises `Undecodable`."""
        try:
            image: Image.Image = self._file.to_pillow()
        except (ValueError, RuntimeError, OSError, EOFError, SyntaxError) as error:
            raise _refusal(error) from None
        if self._file.premultiplied_alpha and image.mode == "RGBA":
            image = Image.frombytes("RGBa", image.size, image.tobytes())
        # What Pillow would carry along, the size apart.
        image.info = {}
        return image


def _refusal(error: Exception) -> Undecodable:
    text = str(error).lower()
    if "unsupported" in text or "no decoding plugin" in text:
        return Undecodable(Reason.UNSUPPORTED_FORMAT)
    if "limit" in text or "memory" in text:
        return Undecodable(Reason.TOO_COSTLY)
    cut = "end of file" in text or "end of data" in text
    return Undecodable(Reason.TRUNCATED if cut else Reason.DAMAGED)
