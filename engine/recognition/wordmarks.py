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

COMMON: Final = 0.3
"""Strength of a name that is a common word as well, however well it was read: an apple is not Apple
until something else says so. Other names have their similarity, 1 for one read to the letter."""


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
    return COMMON if is_common_word(word.alias) else word.similarity / 100
