"""Embeddings in which what differs between views of one mark counts little.

Directions in which views of the same mark spread (light, slant, wear) are shrunk, and so are those
in which everything that is no mark spreads; what is left tells marks apart. The spread was measured
once on drawings of public icons and on the shipped bank (`engine/training/build_whitening.py`), so
that one label's numbers never depend on another's.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.recognition.regions.pictures import NUMBERS, embed
from engine.recognition.weights.regions import (
    BANK,
    BANK_DIGEST,
    WHITENING,
    WHITENING_DIGEST,
    read_array,
)

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def embed_whitened(pictures: Pixels, *, short: bool = False) -> Floats:
    """Return (n, 128) whitened embeddings of (n, side, side, 3), each of length 1.

    `short` as `embed` has it.
    """
    return whitened(embed(pictures, short=short))


def whitened(points: Floats) -> Floats:
    """Return embeddings less their mean and spread, each of length 1."""
    table = _table()
    return unit((points - table[0]) @ table[1:])


def unit(points: Floats) -> Floats:
    """Return each row at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.maximum(lengths, 1e-6), dtype=np.float32)


@cache
def bank() -> Floats:
    """Return the whitened embeddings of what is no mark of a catalogue."""
    return whitened(read_array(BANK, BANK_DIGEST))


@cache
def _table() -> Floats:
    """The mean, and below it the matrix: (1 + 128, 128)."""
    table = read_array(WHITENING, WHITENING_DIGEST)
    assert table.shape == (1 + NUMBERS, NUMBERS)
    return table
