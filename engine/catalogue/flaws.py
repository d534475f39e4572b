"""What can be wrong with a picture of a catalogue, and the limits that it is held to."""

from enum import StrEnum
from typing import Final

MAX_BYTES: Final = 20_000_000
MAX_PIXELS: Final = 50_000_000
MIN_SIDE: Final = 16
"""Pixels of the shorter side; a drawing's, once what it shows is 512 pixels long."""
LONGEST: Final = 1024
"""Pixels of the longer side that a mark's picture is kept at."""
DRAWN: Final = 512
"""Pixels of the longer side that a drawing is drawn at."""
MAX_SECONDS: Final = 8.0
MAX_MEMORY_MB: Final = 1024


class Flaw(StrEnum):
    """Why a picture can't be used, as the end of a sentence that begins with its name."""

    MISSING = "is missing or can't be read"
    OUTSIDE = "leads out of the catalogue's folder"
    NOT_AN_IMAGE = "is not a PNG, JPEG or SVG picture"
    NOT_A_PHOTO = "is not a photo of a format that can be read"
    DAMAGED = "is damaged"
    TOO_LARGE = "is enormous: at most 20 MB and 50 million pixels"
    TOO_COSTLY = "takes too much time or memory to draw"
    TINY = "is tiny: its shorter side has under 16 pixels"
    TRANSPARENT = "is transparent all over"
    BLANK = "is blank: one colour all over"
    TEXT = "holds text in a font that may not be here: turn the text into paths"
    EMBEDDED = "holds another picture, which is not opened: save that one as PNG or JPEG"
    SCRIPT = "holds a script, which is never run: save it as plain SVG"
    ELSEWHERE = "refers to another file or address, which is not opened: save it as plain SVG"
    ENTITIES = "declares XML entities, which are not expanded: save it as plain SVG"
    ENDLESS = "uses itself inside itself without an end"
    NO_PICTURES = "is a folder without a picture of a format that is taken"
    WITHHELD = "is a photo that redaction would withhold"


class Unusable(Exception):
    """Carries a flaw out of the reading of one picture."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
