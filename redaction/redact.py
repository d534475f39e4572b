"""The door: raw bytes in, a redacted photo or nothing out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction import people, personal, text
from redaction.decoding import Undecodable, decode
from redaction.decoding import start as start_decoder
from redaction.errors import DecoderUnusable, ModelUnusable
from redaction.faces import centerface, libfacedetection, mtcnn
from redaction.obscure import Refused, obscure
from redaction.rules import RedactionRules
from redaction.types.photo import Reason, RedactedPhoto, Withheld, seal


def warm_up(rules: RedactionRules | None = None) -> None:
    """Load the detectors, which takes seconds; with rules, also what only those need.

    Raises `ModelUnusable` where one can't be loaded.
    """
    cv2.setNumThreads(1)
    start_decoder()
    centerface.load()
    libfacedetection.load()
    mtcnn.load()
    people.load()
    text.load()
    if rules is not None and rules.text == "pii-only":
        personal.load()


def redact(raw: bytes, rules: RedactionRules) -> RedactedPhoto | Withheld:
    """Return the photo without heads, uncleared text and metadata, or the reason why not.

    Never raises for any bytes; `ModelUnusable` and `DecoderUnusable` where the machine can't
    redact. Depends on the bytes, the rules and the models, on nothing else.
    """
    try:
        done = obscure(working_pixels(raw, rules), rules)
        return seal(done.pixels, done.words, rules.lexicon.aliases)
    except (Undecodable, Refused) as refusal:
        return Withheld(refusal.reason)
    except (ModelUnusable, DecoderUnusable):
        # The machine's fault, not the photo's: the run must not look like one whose photos are bad.
        raise
    except Exception:
        # INVARIANT: fail closed. The error is swallowed with its traceback, which holds pixels.
        return Withheld(Reason.CHECK_FAILED)


def working_pixels(raw: bytes, rules: RedactionRules) -> NDArray[np.uint8]:
    """Return the decoded photo at its working size: raw pixels, for this package alone.

    Raises `Undecodable`.
    """
    return decode(raw, rules.limits, longest=rules.working_side)
