"""The public icon set that a catalogue can start from: Simple Icons, as it is shipped.

`LICENCES.md` says whose the icons are and where trademarks stand. They are data here: an icon goes
into a catalogue as a file like any other, and is drawn like any other.
"""

import json
import lzma
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from policies.lexicon import fold

FILE: Final = Path(__file__).with_name("simple-icons.json.xz")
VERSION: Final = "16.37.0"
LICENCE: Final = "CC0-1.0"


@dataclass(frozen=True)
class Icon:
    """One brand of the set."""

    title: str
    slug: str
    other_names: tuple[str, ...]
    """What the brand is also called, was called, or is called in other languages."""
    same_icon: tuple[str, ...]
    """Other brands that have the same icon."""
    licence: str
    svg: str | None
    """None where the icon's own licence does not let it be passed on here."""


def find_icon(name: str) -> Icon | None:
    """Return the icon of a brand by its title, slug or another name, folded; None for no such."""
    by_title, by_folded = _index()
    return by_title.get(name) or by_folded.get(fold(name))


@cache
def _index() -> tuple[dict[str, Icon], dict[str, Icon]]:
    icons = [_icon(value) for value in json.loads(lzma.decompress(FILE.read_bytes()))]
    by_folded: dict[str, Icon] = {}
    # A title goes before a slug, and a slug before another name, whosever they are.
    for names in (_title, _slug, _others):
        for icon in icons:
            for name in names(icon):
                if folded := fold(name):
                    by_folded.setdefault(folded, icon)
    return {icon.title: icon for icon in icons}, by_folded


def _title(icon: Icon) -> tuple[str, ...]:
    return (icon.title,)


def _slug(icon: Icon) -> tuple[str, ...]:
    return (icon.slug,)


def _others(icon: Icon) -> tuple[str, ...]:
    return (*icon.other_names, *icon.same_icon)


def _icon(value: dict[str, Any]) -> Icon:
    named = value.get("aliases", {})
    others = [*named.get("aka", ()), *named.get("old", ()), *named.get("loc", {}).values()]
    return Icon(
        title=value["title"],
        slug=value["slug"],
        other_names=tuple(dict.fromkeys(others)),
        same_icon=tuple(other["title"] for other in named.get("dup", ())),
        licence=value.get("license", {"type": LICENCE})["type"],
        svg=value.get("svg"),
    )
