"""Which words of a line of text may be seen: those that the catalogue names, and no others."""

from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from policies.lexicon import Lexicon, Match, fold
from policies.words import is_common_word

LONGER_OR_SHORTER: Final = 1
"""Letters by which a text may be longer or shorter than the name it is taken for. Similarity
alone would take `adidas jo` for `adidas`."""
LEAST_CONFIDENCE: Final = 0.5
"""A line read with less can't clear a word."""
_ADDRESS: Final = frozenset("@/\\#")


@dataclass(frozen=True)
class Span:
    """A stretch of a line that is a catalogue name."""

    match: Match
    start: int
    """Offset of its first character in the line."""
    end: int
    """Offset after its last character."""


@dataclass(frozen=True)
class Clearing:
    """What of a line may be seen."""

    spans: tuple[Span, ...]
    whole: bool
    """True when every token of the line is part of a span that is a name to the letter.

    A span that is only alike counts as read, and is veiled: `Martina` may be a misread `Martini`,
    or somebody's name.
    """


def clear(text: str, lexicon: Lexicon) -> Clearing:
    """Match a line against the lexicon, longest spans first, without overlap."""
    tokens = _tokens(text)
    taken = [False] * len(tokens)
    spans: list[Span] = []
    for length in range(min(lexicon.longest_in_words, len(tokens)), 0, -1):
        for first in range(len(tokens) - length + 1):
            if any(taken[first : first + length]):
                continue
            start, end = tokens[first][0], tokens[first + length - 1][1]
            match = _match(text[start:end], length, lexicon)
            if match is not None:
                spans.append(Span(match, start, end))
                taken[first : first + length] = [True] * length
    # INVARIANT: one token outside every span, or alike only, and the line is not whole.
    exact = all(_is_exact(text[span.start : span.end], span.match) for span in spans)
    whole = bool(spans) and all(taken) and exact
    return Clearing(tuple(sorted(spans, key=lambda s: s.start)), whole)


def hint(text: str, lexicon: Lexicon) -> Match | None:
    """Return the name that a line, or a word of it, is most like; None where it is like none.

    For recognition to weigh beside what else it sees; a hint leaves nothing visible.
    """
    parts = [text, *(text[start:end] for start, end in _tokens(text))]
    found = [match for part in parts if (match := lexicon.resembling(part)) is not None]
    # `intelligent` is no Intel.
    words = [part for part in parts if not is_common_word(part)]
    found += [match for word in words if (match := lexicon.begun(word)) is not None]
    return max(found, key=lambda match: (match.similarity, match.alias), default=None)


def _is_exact(text: str, match: Match) -> bool:
    # `#nike` is somebody's tag, unless the catalogue writes the name so.
    marks = _ADDRESS & set(normalize("NFKC", text))
    return match.similarity == 100 and marks <= set(match.alias)


def _match(text: str, words: int, lexicon: Lexicon) -> Match | None:
    match = lexicon.match(text)
    if match is None or match.similarity == 100:
        return match
    # A name that is only alike must not swallow a neighbouring word.
    if words > len(match.alias.split()):
        return None
    apart = abs(len(fold(text)) - len(fold(match.alias)))
    return match if apart <= LONGER_OR_SHORTER else None


def _tokens(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of what stands between spaces, without lone marks such as (R) or -."""
    tokens: list[tuple[int, int]] = []
    at = 0
    for part in text.split():
        start = text.index(part, at)
        at = start + len(part)
        if fold(part) or _ADDRESS & set(normalize("NFKC", part)):
            tokens.append((start, at))
    return tokens
