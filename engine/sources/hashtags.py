"""Hashtags of a manifest's row: words of a post that a policy may ask to have counted."""

import re
import unicodedata
from typing import Final

from policies.label_deny_list import about_a_person

MOST: Final = 30
"""Of one photo, in the order in which they stand; the rest is left out."""
_SIGNS: Final = "#\uff03"
_BEFORE: Final = "([{\"'\u2018\u201c"
_AFTER: Final = ".,;:!?)]}\"'\u2019\u201d\u2026"
"""What may stand around a hashtag in a sentence."""
_TAG: Final = re.compile(r"\w{2,50}")


def hashtags_in(caption: str) -> tuple[str, ...]:
    """Return the hashtags in a caption, as `hashtags_of` does: nothing else of it is looked at."""
    words = (word.lstrip(_BEFORE) for word in caption.split())
    begun = (re.split(f"[{_SIGNS}]", word) for word in words if word.startswith(tuple(_SIGNS)))
    tags = (tag.split(",")[0].rstrip(_AFTER) for parts in begun for tag in parts)
    return hashtags_of(" ".join(tag for tag in tags if tag))


def hashtags_of(text: str | None) -> tuple[str, ...]:
    """Return the hashtags of a text, each once: `#MatchaLatte` counts as matchalatte.

    They stand between spaces or commas, with or without #. Left out is what holds anything but
    letters, digits and _ (an account or an address), has no letter, or is a label about persons.
    """
    if text is None:
        return ()
    found: dict[str, None] = {}
    for part in unicodedata.normalize("NFKC", text).replace(",", " ").split():
        tag = unicodedata.normalize("NFKC", part.removeprefix("#").casefold())
        plain = _TAG.fullmatch(tag) and any(letter.isalpha() for letter in tag)
        if plain and not about_a_person(tag):
            found.setdefault(tag)
    return tuple(found)[:MOST]
