"""The words that may be seen: a catalogue's names and aliases, and what counts as one of them.

Redaction asks it which text to leave visible; recognition asks it which brand a cleared word
stands for. It is built from the catalogue, which is public, and knows nothing else.

What matches: the words compared are folded (NFKD, no accents, lower case, letters and digits
only). Names of up to four characters match exactly only; longer ones may differ by a misread
letter (similarity of at least 85, rapidfuzz's normalised indel ratio).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

EXACT_UP_TO = 4
"""Folded names of at most this many characters match exactly or not at all."""
SIMILARITY = 85
"""Least rapidfuzz ratio (0 to 100) at which a longer name counts as read."""
RESEMBLES = 60
"""Least ratio at which a longer name counts as hinted at: never as read, and never left visible."""
BEGINS = 80
"""The similarity of a longer name and a word that it begins, such as `RedBullRacing`: hinted at."""

_STRETCH = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text's letters and digits, lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed.casefold() if c.isalnum())


@dataclass(frozen=True)
class Match:
    """A name of the lexicon that a text was read as."""

    alias: str
    """Exactly as the catalogue writes it: never the text that was read."""
    similarity: int
    """0 to 100; 100 where the folded texts are equal."""


@dataclass(frozen=True)
class Lexicon:
    """Every name that may stay visible, with the labels it stands for."""

    entries: tuple[tuple[str, str], ...]
    """Pairs (alias as written, label), sorted; no two with the same folded alias."""

    def __post_init__(self) -> None:
        folded = [fold(alias) for alias, _ in self.entries]
        # INVARIANT: a folded alias names one label, so that a match is never ambiguous.
        if len(set(folded)) != len(folded) or "" in folded:
            raise ValueError("aliases must be distinct and hold a letter or digit")

    @cached_property
    def _by_folded(self) -> dict[str, str]:
        return {fold(alias): alias for alias, _ in self.entries}

    @cached_property
    def _long(self) -> list[str]:
        return [f for f in self._by_folded if len(f) > EXACT_UP_TO]

    @cached_property
    def _labels(self) -> dict[str, str]:
        return dict(self.entries)

    @cached_property
    def longest_in_words(self) -> int:
        """How many words on a sign can make up a name: `H & M` is `H&M`, `Coca Cola` is `CocaCola`.

        The largest number of stretches of letters and digits in an alias, and at least 2.
        """
        stretches = (len(_STRETCH.findall(alias)) for alias, _ in self.entries)
        return max(2, max(stretches, default=0))

    @cached_property
    def aliases(self) -> frozenset[str]:
        """Every alias, as written: the closed vocabulary of cleared text."""
        return frozenset(self._labels)

    def label(self, alias: str) -> str:
        """Return the label that the alias stands for; raises `KeyError` for any other text."""
        return self._labels[alias]

    def match(self, text: str) -> Match | None:
        """Return the name that the text is, or None.

        A text with an at sign, a slash or a dot inside (an address of some sort) is never a
        name: `jo@yahoo.example` is a person's, whatever brand stands in it.
        """
        # A full-width @ is an @.
        text = unicodedata.normalize("NFKC", text)
        if _is_address(text):
            return self._exact_with_dots(text)
        folded = fold(text)
        if not folded:
            return None
        if (alias := self._by_folded.get(folded)) is not None:
            return Match(alias, 100)
        if len(folded) <= EXACT_UP_TO:
            return None
        found = process.extractOne(folded, self._long, scorer=fuzz.ratio, score_cutoff=SIMILARITY)
        if found is None:
            return None
        # INVARIANT: digits never match by similarity, so that no number is taken for a name.
        if _digits(folded) != _digits(found[0]):
            return None
        return Match(self._by_folded[found[0]], int(found[1]))

    def resembling(self, text: str) -> Match | None:
        """Return the name that the text is most like, for text that may not count as read.

        Half a name on a folded label, a name in script that was misread, or one to the letter
        where there is more than was read: worth something beside other evidence. Its similarity
        is below the one at which a name counts as read. Short names to the letter alone.
        """
        text = unicodedata.normalize("NFKC", text)
        folded = fold(text)
        if not folded:
            return None
        if (alias := self.spelled(folded)) is not None and not _is_address(text):
            return Match(alias, SIMILARITY - 1)
        found = process.extractOne(folded, self._long, scorer=fuzz.ratio, score_cutoff=RESEMBLES)
        if found is None or _digits(folded) != _digits(found[0]):
            return None
        return Match(self._by_folded[found[0]], min(int(found[1]), SIMILARITY - 1))

    def begun(self, word: str) -> Match | None:
        """Return the longest of the longer names that a word begins with, as a hint."""
        word = unicodedata.normalize("NFKC", word)
        folded = fold(word)
        names = [name for name in self._long if folded.startswith(name)]
        if not names or _is_address(word):
            return None
        return Match(self._by_folded[max(names, key=len)], BEGINS)

    def spelled(self, folded: str) -> str | None:
        """Return the alias that these folded letters are, all of them."""
        return self._by_folded.get(folded)

    def _exact_with_dots(self, text: str) -> Match | None:
        """Match a name that is itself written with a dot or slash, letter for letter."""
        for alias in self._labels:
            if alias.casefold() == text.strip().casefold():
                return Match(alias, 100)
        return None


def _is_address(text: str) -> bool:
    return any(c in text.strip().strip(".") for c in "@/\\.")


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
