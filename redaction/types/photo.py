"""What redaction hands on: a redacted photo, or the word that there is none.

`RedactedPhoto` is the only picture that the rest of Crowdlens accepts. Its constructor wants a
token that this package keeps to itself. That guards against accidents, such as wrapping raw
pixels by hand; it is no defence against code that sets out to cheat in the same process.
"""

from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from redaction.errors import PhotoStaysHere

_TOKEN: Final = object()


class Reason(StrEnum):
    """Why a photo is withheld: a closed list, so that no text of the photo can travel in it."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED_FORMAT = "unsupported-format"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TOO_MANY_BYTES = "too-many-bytes"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_MANY_FRAMES = "too-many-frames"
    TOO_SMALL = "too-small"
    TOO_COSTLY = "too-costly"
    """Its decoder died, or took more time or memory than a photo may."""
    TOO_CROWDED = "too-crowded"
    """So many places may be faces that some of them are."""
    STILL_VISIBLE = "still-visible"
    """The second look went on finding what should be veiled."""
    CHECK_FAILED = "check-failed"


@dataclass(frozen=True)
class Withheld:
    """A photo that redaction refused to pass on."""

    reason: Reason


@dataclass(frozen=True)
class Box:
    """An upright rectangle in pixels of the redacted photo; `x1` and `y1` are exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True)
class ClearedWord:
    """A catalogue name that was read in the photo, or that something read resembles.

    From a similarity of 85 on it counts as read (`policies.lexicon`). Only at 100 may it be seen.
    """

    alias: str
    """As the catalogue writes it; never the text that was read."""
    similarity: int
    """How alike the text read and the alias are, 0 to 100."""
    box: Box
    """About where it stands; the pixels there may be veiled for another reason."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RedactedPhoto:
    """Pixels without faces and uncleared text, and the cleared words; nothing else.

    Raises `TypeError` when built outside redaction, `ValueError` when a word is not of the
    catalogue or the pixels have another shape or type.
    """

    pixels: NDArray[np.uint8]
    """(h, w, 3) uint8 RGB, upright, C-contiguous, immutable."""
    words: tuple[ClearedWord, ...]
    aliases: InitVar[frozenset[str]]
    token: InitVar[object]

    def __post_init__(self, aliases: frozenset[str], token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("only redaction makes a redacted photo")
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or len(shape) != 3 or shape[2] != 3:
            raise ValueError("a redacted photo is (h, w, 3) uint8")
        # INVARIANT: the vocabulary of what was read is closed.
        if not all(word.alias in aliases for word in self.words):
            raise ValueError("a cleared word is one of the catalogue's aliases")
        # A copy over `bytes` shares no memory with the raw pixels and can't be made writable.
        fresh = np.frombuffer(self.pixels.tobytes(), dtype=np.uint8).reshape(shape)
        object.__setattr__(self, "pixels", fresh)

    def __repr__(self) -> str:
        return "RedactedPhoto(...)"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise PhotoStaysHere(
            "a redacted photo does not leave its process",
            hint="Recognise it where it was redacted and send the sightings.",
        )


def seal(
    pixels: NDArray[np.uint8], words: tuple[ClearedWord, ...], aliases: frozenset[str]
) -> RedactedPhoto:
    """Make a redacted photo. For `redaction.redact` alone: the caller vouches for the pixels."""
    return RedactedPhoto(pixels, words, aliases, _TOKEN)
