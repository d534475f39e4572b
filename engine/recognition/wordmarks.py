"""Brands by their names: the words that redaction read and cleared.

The words come with the redacted photo, as the catalogue spells them, so nothing is read twice
and nothing uncleared can arrive here (`redaction.ClearedWord`).
"""

from dataclasses import dataclass

from engine.recognition.interface import Recognised
from policies.lexicon import Lexicon
from redaction import RedactedPhoto


@dataclass(frozen=True)
class Wordmarks:
    """Recognises the brand that each cleared word stands for."""

    lexicon: Lexicon

    def recognise(self, photo: RedactedPhoto) -> frozenset[Recognised]:
        """Return one label for each brand whose name is in the photo."""
        return frozenset(
            Recognised("brand", self.lexicon.label(word.alias)) for word in photo.words
        )
