"""Where codes are: bar codes, QR codes, Data Matrix and their kin, read or merely found.

Promises a shape for every code that zxing-cpp reads or begins to read, and for what has the
structure of one although nobody can read it: bars that run side by side, or a dense grid of two
tones. What a code says is never kept, returned or logged.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.codes.reading import begun, closer_look, left_over, readable
from redaction.codes.structure import outline_of_code
from redaction.codes.texture import patches
from redaction.outline import drawn, share_within

ALREADY: Final = 0.8
"""Share of a patch inside what was found before, from which on it is not looked at again."""
ROUNDS: Final = 3
"""How often what was found is blanked and its surroundings are read again, while that finds any."""
BLANK: Final = 128


def find_codes(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], ...]:
    """Return four corners each, (4, 2) float x, y, of the codes in an (h, w, 3) uint8 RGB photo.

    The corners lie a little outside the code and may lie outside the photo.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    likely = list(patches(grey))
    found = begun(grey, drawn([patch.corners for patch in likely], grey.shape))
    taken = drawn(found, grey.shape)
    for patch in likely:
        if share_within(patch.corners, taken) >= ALREADY:
            continue
        outline = outline_of_code(grey, patch)
        more = [] if outline is None else [outline]
        if outline is None and not patch.fine:
            more = closer_look(grey, patch)
        if more:
            found.extend(more)
            taken |= drawn(more, grey.shape)
    new = found
    for _ in range(ROUNDS if found else 0):
        blank = np.where(taken > 0, np.uint8(BLANK), grey)
        new = left_over(blank, new)
        if not new:
            break
        found.extend(new)
        taken |= drawn(new, grey.shape)
    return tuple(found)


def code_readable(pixels: NDArray[np.uint8]) -> bool:
    """Say whether a code can be read in an (h, w, 3) uint8 RGB photo."""
    return readable(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8))


__all__ = ["code_readable", "find_codes"]
