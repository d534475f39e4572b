"""The public axes of a table: which keys may be reported, and where a sighting holds them.

Every key comes from a policy or its catalogue, and never from the data.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.statistics.errors import StudyInvalid
from policies.periods import is_month, monday

KIND_OF: Final = {
    "brand": "brand",
    "parent": "brand",
    "category": "brand",
    "scene": "scene",
    "object": "object",
    "interest": "interest",
}
"""Dimensions whose key is a sighting's label, or follows from it, with the sighting's kind."""
WITH_KIND_OF: Final = {
    "with_brand": "brand",
    "with_scene": "scene",
    "with_object": "object",
    "with_interest": "interest",
}
"""Dimensions of the second label, where two meet in one photo."""
PERIODS: Final = ("day", "week", "month")
PLACES: Final = ("region", "platform")
DIMENSIONS: Final = (*KIND_OF, *WITH_KIND_OF, *PERIODS, *PLACES)
"""Every dimension that can be named, in the order of the table's columns."""

_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True)
class Dimension:
    """One public axis: its name and every key that may be reported."""

    name: str
    keys: tuple[str, ...]
    of: tuple[tuple[str, str], ...] = ()
    """For `parent` and `category`: of each brand, the key that it counts for."""

    def __post_init__(self) -> None:
        if self.name not in DIMENSIONS:
            raise StudyInvalid(
                "a dimension that can't be counted", hint=f"Use one of {', '.join(DIMENSIONS)}."
            )
        if not self.keys or len(set(self.keys)) != len(self.keys):
            raise StudyInvalid(f"the keys of {self.name} must be distinct, and one at least")
        if not all(isinstance(key, str) and _PRINTABLE.fullmatch(key) for key in self.keys):
            raise StudyInvalid(f"a key of {self.name} is empty, too long or not printable")
        if self.name in PERIODS and not all(_is_period(self.name, key) for key in self.keys):
            raise StudyInvalid(f"a key of {self.name} is no such period")
        if (self.name in ("parent", "category")) != bool(self.of):
            raise StudyInvalid("parent and category follow from brands, and nothing else does")
        if not {key for _, key in self.of} <= set(self.keys):
            raise StudyInvalid(f"a brand counts for no key of {self.name}")

    @property
    def in_order(self) -> tuple[str, ...]:
        """The keys sorted by code point: the order of the table's rows."""
        return tuple(sorted(self.keys))


def _is_period(name: str, key: str) -> bool:
    try:
        if name == "day":
            return date.fromisoformat(key).isoformat() == key
        if name == "month":
            return is_month(key)
        monday(key)
    except ValueError:
        return False
    return True
