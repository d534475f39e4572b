"""What a redacted photo looks like, in 256 bits: near for the same photo, far for another.

The signs of the low frequencies of its brightness, against their median, as in PDQ (Facebook, 2019)
and pHash. It says which photos of one contributor are nearly the same, and serves nothing else.

It is made of redacted pixels, and personal data all the same: whoever has a photo could tell from
it whether that photo was in a study.
INVARIANT: it lives and dies with the photo's sightings: in memory, or where a run has a store for
them, encrypted in that. Nothing logs it, or names anything after it.
"""

from typing import Final

import numpy as np

from engine import pixels as cv
from redaction import RedactedPhoto

BYTES: Final = 32
"""Length of a fingerprint."""

_SIDE: Final = 64
_FREQUENCIES: Final = 16
_LEAST_STRUCTURE: Final = 4.0
"""Mean step of brightness (of 255) between pixels of the small picture, both ways together."""

_steps = np.arange(1, _FREQUENCIES + 1)[:, None] * (2 * np.arange(_SIDE)[None] + 1)
_COSINES: Final = np.cos(np.pi * _steps / (2 * _SIDE)).astype(np.float32)
"""Rows 1 to 16 of the discrete cosine transform (DCT-II): the mean, row 0, is left out."""


def fingerprint_of(photo: RedactedPhoto) -> bytes | None:
    """Return the photo's fingerprint; None for one too plain to be told from others like it.

    Depends on this photo alone. Raises `TypeError` for anything but a `RedactedPhoto`.
    """
    if type(photo) is not RedactedPhoto:
        raise TypeError("recognition sees redacted photos only")
    grey = cv.cvtColor(np.ascontiguousarray(photo.pixels), cv.COLOR_RGB2GRAY)
    small = cv.resize(grey, (_SIDE, _SIDE), interpolation=cv.INTER_AREA).astype(np.float32)
    structure = sum(float(np.abs(np.diff(small, axis=axis)).mean()) for axis in (0, 1))
    if structure < _LEAST_STRUCTURE:
        return None
    low = _COSINES @ small @ _COSINES.T
    return np.packbits(low > np.median(low)).tobytes()
