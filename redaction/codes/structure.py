"""Whether a patch is built like a code: many bars side by side, or many squares both ways.

Texture alone takes lettering and logos for codes. Those change tone a few times along a line; a
code changes it often, along every line.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.codes.bars import stretched
from redaction.codes.texture import Patch
from redaction.outline import Outline

BARS: Final = 16
"""Changes of tone along a line, from which on alike lines may be a bar code."""
ALIKE: Final = 0.4
"""How alike lines eight pixels apart are, as a correlation."""
UNEVEN: Final = 0.25
"""How much a bar and its gap differ from the next pair, as a logarithm of their widths. Railings,
blinds and grilles repeat themselves (a third of what is bars otherwise); codes do not."""
SQUARES: Final = 4
"""Changes of tone along four lines of five, in both directions, of a matrix code."""
SHORT: Final = 2
LONG: Final = 8
"""Or changes of tone along the median line across a long narrow one, and along it."""
BARS_STRENGTH: Final = 1.75
SQUARES_STRENGTH: Final = 2.0
LONG_STRENGTH: Final = 2.5
"""Least mean scores of the cells of each."""
FILL: Final = 0.45
"""Least share of a patch that is code: where it is less, several things have run together."""
_WINDOW: Final = 25
_APART: Final = 8
_LINES: Final = 24


@dataclass(frozen=True)
class Changes:
    """How the tone changes along the lines of one direction."""

    usual: float
    """How often, along the median line."""
    least: float
    """How often, along four lines of five."""
    alike: float
    """How alike lines are that lie apart, -1 to 1."""
    uneven: float
    """How much neighbouring pairs of bar and gap differ in width."""

    def are_bars(self) -> bool:
        """Say whether the lines cross a bar code."""
        return self.usual >= BARS and self.alike >= ALIKE and self.uneven >= UNEVEN


def outline_of_code(grey: NDArray[np.uint8], patch: Patch) -> Outline | None:
    """Return the outline of what is built like a code in the patch of an (h, w) photo."""
    if patch.fill < FILL:
        return None
    level = levelled(patch.grey)
    rows, columns = along(level), along(level.T)
    if patch.strength >= BARS_STRENGTH:
        if rows.are_bars():
            return stretched(grey, patch.corners)
        if columns.are_bars():
            return stretched(grey, np.roll(patch.corners, -1, axis=0))
    both_ways = min(rows.least, columns.least) >= SQUARES and patch.strength >= SQUARES_STRENGTH
    short, long = sorted((rows.usual, columns.usual))
    one_way = short >= SHORT and long >= LONG and patch.strength >= LONG_STRENGTH
    return patch.corners if both_ways or one_way else None


def levelled(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return an (h, w) patch without its light and shade: above 0 is the lighter tone."""
    level = grey.astype(np.float32)
    return level - cv2.blur(level, (_WINDOW, _WINDOW)).astype(np.float32)


def along(level: NDArray[np.float32]) -> Changes:
    """Return the changes along the rows of an (h, w) levelled patch."""
    tone = level > 0
    counts = (tone[:, 1:] != tone[:, :-1]).sum(axis=1)
    usual, least = (float(np.percentile(counts, q)) for q in (50, 20))
    if usual < BARS:  # the rest is asked of bars alone, and costs most
        return Changes(usual, least, 0.0, 0.0)
    return Changes(usual, least, _alike(level), _uneven(level[:: max(1, len(level) // _LINES)]))


def _alike(level: NDArray[np.float32]) -> float:
    if len(level) <= _APART:
        return 1.0
    size = np.sqrt((level * level).sum(axis=1)) + 1e-3
    products = (level[_APART:] * level[:-_APART]).sum(axis=1)
    return float(np.median(products / (size[_APART:] * size[:-_APART])))


def _uneven(level: NDArray[np.float32]) -> float:
    found = []
    for line in level:
        before = np.flatnonzero((line[1:] > 0) & (line[:-1] <= 0))
        # Where the tone changes between two pixels: whole pixels are too coarse for thin bars.
        at = before - line[before] / (line[before + 1] - line[before] + 1e-6)
        widths = np.diff(at)
        if len(widths) >= 3:
            found.append(np.median(np.abs(np.diff(np.log(widths + 0.5)))))
    return float(np.median(found)) if found else 0.0
