"""Adding a brand or a scene to a catalogue, or adding to one; all of it or nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.catalogue.editing import holds_nothing, index_of, with_entry
from engine.catalogue.entry import entry_of
from engine.catalogue.intake import Intake
from engine.catalogue.marks import require_none
from engine.catalogue.saving import save_together
from policies.catalogue import Catalogue, Entry, parse_catalogue
from policies.errors import CatalogueInvalid
from policies.parsing import read_text

Kind = Literal["brand", "scene"]


@dataclass(frozen=True)
class Wanted:
    """What is to be added. A folder among the pictures stands for those in it."""

    name: str
    kind: Kind | None = None
    """None: as it is there already; else a scene where there are examples, and else a brand."""
    aliases: Sequence[str] = ()
    marks: Sequence[Path] = ()
    """Of a scene they are examples: it has no other pictures."""
    examples: Sequence[Path] = ()
    parent: str | None = None
    category: str | None = None


@dataclass(frozen=True)
class Added:
    """The catalogue as it is now."""

    catalogue: Catalogue
    entry: Entry
    new: bool
    """False where an entry of this name and kind was there, and was added to."""
    copied: tuple[str, ...]
    """Files that are new beside the catalogue, as it writes them."""


def add(file: Path, wanted: Wanted) -> Added:
    """Add an entry, or add to the one of that name. A catalogue that is not there yet is begun.

    Raises `CatalogueInvalid`, `PicturesUnusable`, `NotEditable`, `OutputUnwritable`; nothing has
    changed then.
    """
    text = read_text(file, CatalogueInvalid) if os.path.exists(file) else ""
    before = _before(text, file.name, wanted)
    kind = wanted.kind or (before.kind if before else _kind_of(wanted))
    intake = Intake(file.parent, wanted.name)
    of_scene = kind == "scene"
    marks = intake.marks(() if of_scene else wanted.marks)
    examples = intake.examples([*wanted.examples, *(wanted.marks if of_scene else ())])
    require_none(tuple(intake.problems))
    old = before or Entry.model_construct(name=wanted.name)
    entry = entry_of(
        {
            "name": wanted.name,
            "kind": kind,
            "aliases": _joined(old.aliases, wanted.aliases),
            "parent": wanted.parent or old.parent,
            "category": wanted.category or old.category,
            "marks": _joined(old.marks, marks),
            "examples": _joined(old.examples, examples),
        },
        file.name,
    )
    changed = with_entry(text, entry, file.name)
    save_together(file, changed.encode(), {file.parent / n: d for n, d in intake.new.items()})
    return Added(
        parse_catalogue(changed, file.name), entry, before is None, tuple(sorted(intake.new))
    )


def _kind_of(wanted: Wanted) -> Kind:
    return "scene" if wanted.examples else "brand"


def _before(text: str, file: str, wanted: Wanted) -> Entry | None:
    if holds_nothing(text):
        return None
    catalogue = parse_catalogue(text, file)
    for kind in (wanted.kind,) if wanted.kind else ("brand", "scene"):
        at = index_of(catalogue, wanted.name.strip(), kind)
        if at is not None:
            return catalogue.entries[at]
    return None


def _joined(before: Sequence[str], more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*before, *more]))
