"""The door: raw bytes in, a redacted photo or nothing out."""

import cv2

from redaction import people, personal, text
from redaction.decoding import start as start_decoder
from redaction.faces import centerface, libfacedetection, mtcnn
from redaction.review import review
from redaction.rules import RedactionRules
from redaction.types.photo import RedactedPhoto, Withheld


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
    seen = review(raw, rules)
    if seen.withheld is not None:
        return Withheld(seen.withheld)
    assert seen.photo is not None
    return seen.photo
