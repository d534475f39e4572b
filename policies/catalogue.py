"""The catalogue: the public list of labels that may be reported.

It comes with the policy, never from the data, and is named there by its digest. A brand is known
by its names, which may stay visible in a photo, and by pictures of its marks; a taught scene by
example photos alone: its name is no text that may stay visible. What is learned from marks and
examples lies in a file beside the catalogue, which the policy names too (`policies.built`).
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)

from policies.canonical import digest
from policies.errors import CatalogueInvalid
from policies.label_deny_list import about_a_person
from policies.lexicon import Lexicon, fold
from policies.parsing import parse_model, read_text
from policies.rules import broken, plain

MARK_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".svg")
PHOTO_ENDINGS: Final = (
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".avif",
    ".heic",
    ".heif",
    ".tif",
    ".tiff",
)
FEWEST_EXAMPLES: Final = 3
"""Photos that a scene must be taught by; some 20 teach it well."""


def _path(text: str) -> str:
    path = PurePosixPath(text)
    # The last: a drive of Windows, or its way of writing paths.
    if path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text:
        raise broken(
            "PL-CAT-008",
            "the path does not stay beside the catalogue",
            "Write it relative to the catalogue's folder, with / between folders.",
        )
    return text


def _mark(text: str) -> str:
    if not text.lower().endswith(MARK_ENDINGS):
        raise broken(
            "PL-CAT-009", "a mark is a PNG, JPEG or SVG file", "Save the mark as one of these."
        )
    return text


def _example(text: str) -> str:
    if not text.lower().endswith(PHOTO_ENDINGS):
        raise broken(
            "PL-CAT-010", "an example is a photo", "Save it as JPEG or PNG, or name another file."
        )
    return text


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[^,;]+$", strip_whitespace=True),
    AfterValidator(plain),
]
_Path = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(plain),
    AfterValidator(_path),
]
MarkPath = Annotated[_Path, AfterValidator(_mark)]
ExamplePath = Annotated[_Path, AfterValidator(_example)]


class Entry(BaseModel):
    """One label that may be reported: a brand with its names and marks, or a scene to be taught."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    """The label, as it stands in a release."""
    kind: Literal["brand", "scene"] = "brand"
    """What sort of label it is."""
    aliases: list[Name] = []
    """Other ways of writing a brand on a sign."""
    parent: Name | None = None
    """The brand it belongs to, for roll-ups."""
    category: Name | None = None
    """What it sells, for shares within a category."""
    marks: Annotated[list[MarkPath], Field(max_length=200)] = []
    """Pictures of a brand's mark (PNG, JPEG, SVG), relative to the catalogue."""
    examples: Annotated[list[ExamplePath], Field(max_length=1000)] = []
    """Photos of a scene, relative to the catalogue."""

    @model_validator(mode="after")
    def _parts_suit_the_kind(self) -> Self:
        if self.kind == "brand" and self.examples:
            raise broken(
                "PL-CAT-011",
                f"the brand {self.name!r} has examples, which teach scenes",
                "Write kind: scene, or list pictures of its mark under marks.",
            )
        if self.kind == "scene":
            if self.aliases or self.marks or self.parent:
                raise broken(
                    "PL-CAT-012",
                    f"the scene {self.name!r} has aliases, marks or a parent, which brands have",
                    "A scene has a name, a category and examples.",
                )
            if len(set(self.examples)) < FEWEST_EXAMPLES:
                raise broken(
                    "PL-CAT-013",
                    f"the scene {self.name!r} has too few examples to be taught by",
                    "List some 20 photos of it under examples.",
                )
            if about_a_person(self.name) or about_a_person(self.category or ""):
                raise broken(
                    "PL-CAT-014",
                    f"the scene {self.name!r} or its category is a label about persons",
                    "Name the place or the thing, never who is there or how they look.",
                )
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """Every picture that it is learned from, as the catalogue writes them."""
        return (*self.marks, *self.examples)


class Catalogue(RootModel[Annotated[list[Entry], Field(min_length=1, max_length=10_000)]]):
    """Every label of a study, checked for names that would be ambiguous."""

    model_config = ConfigDict(frozen=True, strict=True, ignored_types=(cached_property,))

    @property
    def entries(self) -> list[Entry]:
        """Brands and scenes in the order of the file."""
        return self.root

    @property
    def brands(self) -> list[Entry]:
        """The brands in the order of the file."""
        return [entry for entry in self.root if entry.kind == "brand"]

    @property
    def scenes(self) -> list[Entry]:
        """The taught scenes in the order of the file."""
        return [entry for entry in self.root if entry.kind == "scene"]

    @property
    def files(self) -> tuple[str, ...]:
        """Every picture that something is learned from, sorted; empty where names are all."""
        return tuple(sorted({file for entry in self.root for file in entry.files}))

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        for kind in (self.brands, self.scenes):
            _require_distinct(kind)
        unknown = {b.parent for b in self.brands if b.parent} - {b.name for b in self.brands}
        if unknown:
            raise broken(
                "PL-CAT-004",
                f"the parent {sorted(unknown)[0]!r} is not in the list",
                "Add it as a brand.",
            )
        if loop := _loop(self.brands):
            raise broken(
                "PL-CAT-015",
                f"the brand {loop!r} is its own parent, by way of others or at once",
                "Leave the parent out where the line of parents begins.",
            )
        return self

    @cached_property
    def digest(self) -> str:
        """The name of exactly this catalogue: SHA-256 of its canonical JSON, defaults filled in.

        Of pictures it covers the paths; their bytes are named in the file that is learned from
        them.
        """
        value: dict[str, Any] = {"schema": "crowdlens-catalogue/v1"}
        # A catalogue without scenes keeps the digest that it had before there were any.
        value["brands"] = [b.model_dump(mode="json", exclude={"examples"}) for b in self.brands]
        if self.scenes:
            value["scenes"] = [scene.model_dump(mode="json") for scene in self.scenes]
        return digest(value)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every brand that may be reported, sorted."""
        return tuple(sorted(brand.name for brand in self.brands))

    @cached_property
    def scene_labels(self) -> tuple[str, ...]:
        """Every taught scene that may be reported, sorted."""
        return tuple(sorted(scene.name for scene in self.scenes))

    @cached_property
    def parents(self) -> dict[str, str]:
        """Of each brand that belongs to another, which."""
        return {brand.name: brand.parent for brand in self.brands if brand.parent}

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words that may stay visible: names of brands. No scene's name is among them."""
        entries: dict[str, tuple[str, str]] = {}
        for brand in self.brands:
            for alias in [brand.name, *brand.aliases]:
                entries.setdefault(fold(alias), (alias, brand.name))
        return Lexicon(tuple(sorted(entries.values())))


def _require_distinct(entries: list[Entry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        for alias in dict.fromkeys([entry.name, *entry.aliases]):
            folded = fold(alias)
            if not folded:
                raise broken(
                    "PL-CAT-002",
                    f"{alias!r} holds no letter or digit",
                    "Use a name that can be read on a sign.",
                )
            if (other := seen.setdefault(folded, entry.name)) != entry.name:
                raise broken(
                    "PL-CAT-003",
                    f"{alias!r} stands for two {entry.kind}s, {other!r} and {entry.name!r}",
                    "Keep it with one of them.",
                )
    twice = [name for name, count in Counter(e.name for e in entries).items() if count > 1]
    if twice:
        raise broken("PL-CAT-003", f"{twice[0]!r} stands in the list twice", "Keep one of them.")


def _loop(brands: list[Entry]) -> str | None:
    parents = {brand.name: brand.parent for brand in brands}
    sound: set[str] = set()
    for name in parents:
        line = list(_line(name, parents, sound))
        if len(set(line)) != len(line):
            return line[-1]
        sound.update(line)
    return None


def _line(name: str, parents: dict[str, str | None], sound: set[str]) -> Iterator[str]:
    """Yield the brand and its parents up to one that is known to be sound, or the second time."""
    seen: set[str] = set()
    at: str | None = name
    while at is not None and at not in sound:
        yield at
        if at in seen:
            return
        seen.add(at)
        at = parents[at]


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue file; raise `CatalogueInvalid` with line, field, rule and fix."""
    return parse_catalogue(read_text(path, CatalogueInvalid), path.name)


def parse_catalogue(text: str, file: str) -> Catalogue:
    """Read a catalogue's text; raise `CatalogueInvalid` as if it stood in `file`."""
    return parse_model(text, Catalogue, file, CatalogueInvalid, shape=list)[0]
