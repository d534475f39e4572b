"""Whether two pictures show the same: 32 x 32 shades, whatever their size, light and contrast."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv

SAME: Final = 0.985
"""Correlation of shades from which two pictures are the same to the eye."""
_SIDE: Final = 32
_ROWS: Final = 512


def shades(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (1024,) numbers of mean 0 and length 1 for (h, w, 3) RGB; zeros of a blank picture."""
    grey = cv.cvtColor(np.ascontiguousarray(pixels), cv.COLOR_RGB2GRAY)
    small = cv.resize(grey, (_SIDE, _SIDE), interpolation=cv.INTER_AREA)
    numbers = np.asarray(small, dtype=np.float32).ravel()
    numbers -= numbers.mean()
    length = float(np.linalg.norm(numbers))
    return numbers / length if length > _SIDE else np.zeros_like(numbers)


def same(pictures: Sequence[NDArray[np.float32]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of places in the list, the lower first, of pictures that show the same."""
    every = np.array(pictures, dtype=np.float32).reshape(len(pictures), _SIDE * _SIDE)
    for start in range(0, len(every), _ROWS):
        alike = every[start : start + _ROWS] @ every.T >= SAME
        for row, column in zip(*np.nonzero(alike), strict=True):
            if start + row < column:
                yield int(start + row), int(column)
