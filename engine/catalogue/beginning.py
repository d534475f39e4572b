"""Beginning a catalogue from a list of names, with marks from the public icon set where asked."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from engine.catalogue.editing import text_of
from engine.catalogue.entry import entry_of
from engine.catalogue.icons import Icon, find_icon
from engine.catalogue.intake import short_digest
from engine.catalogue.saving import save_together
from engine.setup import PlaceTaken
from policies.catalogue import Catalogue, Name, parse_catalogue
from policies.lexicon import fold

_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True)
class Begun:
    """A catalogue that was begun from a list of names."""

    catalogue: Catalogue
    icons: dict[str, Icon | None]
    """By name: the icon that was found for it, drawn or not."""


def begin(file: Path, names: Sequence[str], *, icons: bool) -> Begun:
    """Write a new catalogue with these brands, all of it or nothing.

    Raises `PlaceTaken`, `CatalogueInvalid`, `OutputUnwritable`.
    """
    if os.path.lexists(file):
        raise PlaceTaken("the catalogue is there already", hint="Add to it, or give a new name.")
    found = {name: find_icon(name) if icons else None for name in names}
    taken = {fold(name) for name in names}
    new: dict[str, bytes] = {}
    entries = []
    for name in names:
        values: dict[str, object] = {"name": name}
        icon = found[name]
        if icon is not None:
            values["aliases"] = _free_names(name, icon, taken)
            if icon.svg is not None:
                data = icon.svg.encode()
                path = f"marks/{icon.slug}-{short_digest(data)}.svg"
                new[path] = data
                values["marks"] = [path]
        entries.append(entry_of(values, file.name))
    text = text_of(entries)
    catalogue = parse_catalogue(text, file.name)
    save_together(file, text.encode(), {file.parent / n: d for n, d in new.items()})
    return Begun(catalogue, found)


def _free_names(name: str, icon: Icon, taken: set[str]) -> list[str]:
    """Return the icon's other names that no brand of this catalogue has; take them."""
    if fold(name) in {fold(other) for other in icon.same_icon}:
        return []  # it has the icon of another brand, whose names are not its own
    free = []
    for other in (icon.title, *icon.other_names):
        folded = fold(other)
        try:
            alias = _NAME.validate_python(other)
        except ValidationError:
            continue
        if folded and folded not in taken:
            taken.add(folded)
            free.append(alias)
    return free
