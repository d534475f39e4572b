"""Words of a policy as somebody says them who has never seen one."""

from collections.abc import Sequence
from typing import Final

from policies.unfilled import MARK

MOST_LISTED: Final = 200
"""So many names stand in a list at most."""
COLLECTED: Final = {
    "consented-panel": "Photos of people who agreed to take part.",
    "own-campaign": "Photos that people sent in to a campaign of those responsible.",
    "public-posts": "Photos that people posted where everybody can see them.",
    "test-photos": "Test photos, taken for tests.",
    "made-up": "Made-up photos, of nobody.",
}
LABELS: Final = {
    "brand": "brand",
    "parent": "family of brands",
    "category": "kind of product",
    "scene": "kind of place",
    "object": "kind of object",
    "interest": "pastime",
}
LOOKED_FOR: Final = {
    "brand": "Brands",
    "scene": "Kinds of places",
    "object": "Kinds of objects",
    "interest": "Pastimes and occasions",
}
AROUND: Final = {
    "day": "day by day",
    "week": "week by week",
    "month": "month by month",
    "region": "region by region",
    "platform": "platform by platform",
}
PROHIBITED: Final = {
    "individual-decisions": "to decide anything about a single person",
    "re-identification": "to find out who somebody is",
    "face-recognition": "to recognise faces",
    "advertising-to-persons": "to aim advertising at single persons",
}
RIGHTS: Final = {
    "art6-1-a": "you agreed to it. You can take that back at any time, without giving a reason",
    "art6-1-b": "a contract with you needs it",
    "art6-1-c": "a law demands it",
    "art6-1-d": "somebody's life or health depends on it",
    "art6-1-e": "it is a task in the public interest. You have the right to object",
    "art6-1-f": "those responsible have weighed their interest against yours. You have the right to"
    " object",
}


def said(text: str) -> str:
    """Return what the policy says; what is still to be filled in is shown as a gap."""
    if MARK not in text:
        return text.strip()
    return f"[to be filled in: {' '.join(text.replace(MARK, '').split())}]"


def sentence(text: str) -> str:
    """Return the text with a full stop at its end."""
    text = said(text)
    return text if text.endswith((".", "!", "?", "]")) else f"{text}."


def in_words(names: Sequence[str], last: str = "and") -> str:
    """Return `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def in_days(count: int) -> str:
    """Return `a day` or `7 days`."""
    return "a day" if count == 1 else f"{count} days"
