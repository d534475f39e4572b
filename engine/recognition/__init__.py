"""From a redacted photo to labels. Nothing here can open an image file.

`recognise(photo, recognisers)` is the door: it takes a `redaction.RedactedPhoto` and nothing else.
"""

from collections.abc import Sequence

from engine.recognition.interface import Recognised, Recogniser
from engine.recognition.wordmarks import Wordmarks
from redaction import RedactedPhoto

__all__ = ["Recognised", "Recogniser", "Wordmarks", "recognise"]


def recognise(photo: RedactedPhoto, recognisers: Sequence[Recogniser]) -> tuple[Recognised, ...]:
    """Return every label that any recogniser sees, each once, sorted.

    Depends on this photo alone. Raises `TypeError` for anything but a `RedactedPhoto`.
    """
    if type(photo) is not RedactedPhoto:
        raise TypeError("recognition sees redacted photos only")
    found: set[Recognised] = set()
    for recogniser in recognisers:
        found |= recogniser.recognise(photo)
    return tuple(sorted(found))
