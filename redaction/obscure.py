"""Look, veil, look again with other eyes; pass on what can be vouched for, or refuse.

The first look decides what is veiled. The second sees the veiled photo only, with detectors that
did not decide, at another size and mirrored. What it finds is veiled as well and looked at once
more; a photo in which something is found even then is withheld.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.regions import Examination, examine, mask_of
from redaction.rules import RedactionRules
from redaction.second_look import is_anything_left, look_again
from redaction.types.photo import ClearedWord, Reason
from redaction.types.region import Region
from redaction.veil import veil

MOST_DOUBTED: Final = 0.10
"""Share of a photo that may be veiled for faces of which the detector is not sure. Beyond it there
is a crowd too far away to be told apart, and some face in it was missed: of 100 WIDER photos one in
eight is withheld for it, among them a third of those with an uncovered face."""


class Refused(Exception):
    """Carries the reason out of this module; the door turns it into `Withheld`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Obscured:
    """A photo that can be vouched for, and what was done to it."""

    pixels: NDArray[np.uint8]
    words: tuple[ClearedWord, ...]
    regions: tuple[Region, ...]
    mask: NDArray[np.bool_]
    """(h, w), true under the veil."""


def obscure(pixels: NDArray[np.uint8], rules: RedactionRules) -> Obscured:
    """Return the (h, w, 3) uint8 RGB photo with its veils; raises `Refused`."""
    first = examine(pixels, rules)
    if first.doubted > MOST_DOUBTED:
        raise Refused(Reason.TOO_CROWDED)
    done = _veiled(pixels, first, first.regions, rules)
    remnants = look_again(done.pixels, done.mask, first)
    if remnants:
        done = _veiled(pixels, first, (*first.regions, *remnants), rules)
        if is_anything_left(done.pixels, done.mask, first, remnants):
            raise Refused(Reason.STILL_VISIBLE)
    return done


def _veiled(
    pixels: NDArray[np.uint8],
    first: Examination,
    regions: tuple[Region, ...],
    rules: RedactionRules,
) -> Obscured:
    height, width = pixels.shape[:2]
    mask = mask_of(regions, height, width, first.cleared)
    return Obscured(veil(pixels, mask, rules.fill), first.words, regions, mask)
