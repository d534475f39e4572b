"""Brands by their names: the words that redaction read and cleared.

The words come with the redacted photo, as the catalogue spells them, so nothing is read twice
and nothing uncleared can arrive here (`redaction.ClearedWord`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.recognition.evidence import Evidence
from policies.lexicon import Lexicon
from policies.words import is_common_word
from redaction import ClearedWord

EXACT: Final = 1.0
"""Strength of a name that was read to the letter."""
ALIKE: Final = 0.6
"""Of one that was read with a letter more, less or other."""
COMMON: Final = 0.3
"""Of one that is a common word as well: an apple is not Apple until something else says so."""


@dataclass(frozen=True)
class Wordmarks:
    """Finds the brand that each cleared word stands for."""

    lexicon: Lexicon

    def find(self, words: Iterable[ClearedWord]) -> tuple[Evidence, ...]:
        """Return evidence for each word, in their order."""
        return tuple(
            Evidence(
                self.lexicon.label(word.alias),
                "word",
                _strength(word),
                (word.box.x0, word.box.y0, word.box.x1, word.box.y1),
            )
            for word in words
        )


def _strength(word: ClearedWord) -> float:
    if is_common_word(word.alias):
        return COMMON
    return EXACT if word.similarity == 100 else ALIKE
