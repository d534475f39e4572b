"""What crosses between the drawing process and whoever asks it: fixed headers and raw bytes."""

import struct
from typing import Final

from engine.catalogue.flaws import Flaw

SIZE: Final = struct.Struct(">I")
"""Precedes what is asked (a file) and what is answered (`ANSWER` and pixels, or nothing)."""
ANSWER: Final = struct.Struct(">BHHB")
"""0 or 1 + an index of `FLAWS`; height, width and channels of the pixels that follow."""
FLAWS: Final = tuple(Flaw)
MOST_ANSWER: Final = 32_000_000
