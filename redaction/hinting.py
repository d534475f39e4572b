"""Words for recognition: where a name stands, and what text that stays veiled may be.

A hint is an alias of the catalogue, never what was read, and leaves nothing visible.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from policies.lexicon import SIMILARITY, Lexicon, Match, fold
from redaction.clearing import LEAST_CONFIDENCE, Span, hint
from redaction.text import Line
from redaction.types.photo import Box, ClearedWord

_LEAST_JOINED = 3
"""Letters of a name from which on two lines can spell it: any two letters meet by chance."""


def hinted(line: Line, lexicon: Lexicon) -> tuple[Span, ...]:
    """Return what a line that clears nothing resembles: half a name, or one that was misread."""
    if not line.confidence >= LEAST_CONFIDENCE:
        return ()
    match = hint(line.text, lexicon)
    return () if match is None else (Span(match, 0, len(line.text)),)


def joined(
    lines: Sequence[Line], lexicon: Lexicon, width: int, height: int
) -> Iterator[ClearedWord]:
    """Yield the names that two neighbouring lines spell together, to the letter.

    Names are set in two lines, and around badges in pieces that are lines of their own.
    """
    read = [(line, fold(line.text)) for line in lines if line.confidence >= LEAST_CONFIDENCE]
    for (first, begin), (second, end) in permutations([(x, t) for x, t in read if t], 2):
        alias = lexicon.spelled(begin + end)
        if alias is None or len(begin + end) < _LEAST_JOINED or not _neighbours(first, second):
            continue
        corners = np.concatenate([first.quad, second.quad])
        yield ClearedWord(alias, SIMILARITY - 1, _box(corners, width, height))


def placed(line: Line, span: Span, width: int, height: int) -> ClearedWord:
    """Place a word on its line by its share of the characters: near enough to point at."""
    shares = np.array([span.start, span.end], dtype=np.float64) / max(len(line.text), 1)
    upper, lower = line.quad[1] - line.quad[0], line.quad[2] - line.quad[3]
    points = np.concatenate(
        [line.quad[0] + shares[:, None] * upper, line.quad[3] + shares[:, None] * lower]
    )
    match: Match = span.match
    return ClearedWord(match.alias, match.similarity, _box(points, width, height))


def _neighbours(first: Line, second: Line) -> bool:
    """Say whether less lies between two lines than the higher one is high."""
    low = np.maximum(first.quad.min(axis=0), second.quad.min(axis=0))
    high = np.minimum(first.quad.max(axis=0), second.quad.max(axis=0))
    return bool((low - high).max() < max(first.height, second.height))


def _box(corners: NDArray[np.float64], width: int, height: int) -> Box:
    x0, y0 = np.floor(corners.min(axis=0)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int)
    return Box(max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))
