"""The door: raw bytes in, a redacted photo or nothing out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction import faces, text
from redaction.decode import Undecodable, decode
from redaction.regions import examine
from redaction.rules import RedactionRules
from redaction.types.photo import Reason, RedactedPhoto, Withheld, seal
from redaction.veil import veil


def warm_up() -> None:
    """Load the detectors, which takes seconds; raises `ModelUnusable` where one can't be."""
    cv2.setNumThreads(1)
    faces.load()
    text.load()


def redact(raw: bytes, rules: RedactionRules) -> RedactedPhoto | Withheld:
    """Return the photo without heads, uncleared text and metadata, or the reason why not.

    Never raises for any bytes. Depends on the bytes, the rules and the models, on nothing else.
    """
    try:
        pixels = working_pixels(raw, rules)
        found = examine(pixels, rules.lexicon)
        return seal(veil(pixels, found.mask), found.words, rules.lexicon.aliases)
    except Undecodable as refusal:
        return Withheld(refusal.reason)
    except Exception:
        # INVARIANT: fail closed. The error is swallowed with its traceback, which holds pixels.
        return Withheld(Reason.CHECK_FAILED)


def working_pixels(raw: bytes, rules: RedactionRules) -> NDArray[np.uint8]:
    """Return the decoded photo at its working size: raw pixels, for this package alone.

    Raises `Undecodable`.
    """
    pixels = decode(raw, rules.limits, enough=rules.working_side)
    height, width = pixels.shape[:2]
    scale = min(1.0, rules.working_side / max(height, width))
    size = (round(width * scale), round(height * scale))
    if min(size) < rules.limits.min_side:
        raise Undecodable(Reason.TOO_SMALL)
    if scale < 1:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return pixels
