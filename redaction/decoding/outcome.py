"""How decoding ends: a picture, or the reason why there is none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redaction.types.photo import Reason


class Undecodable(Exception):
    """Carries the reason out of decoding; `redact` turns it into `Withheld`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Decoded:
    """A photo's pixels, and the size it had before it was scaled down."""

    pixels: NDArray[np.uint8]
    """(h, w, 3) uint8 RGB, upright; memory of its own."""
    full_width: int
    """Pixels of the upright photo as its file stores it."""
    full_height: int
