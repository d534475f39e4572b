"""The catalogue: the public list of labels that may be reported.

It comes with the policy, never from the data, and is named there by its digest.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

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
from policies.lexicon import Lexicon, fold
from policies.parsing import parse_model, read_text
from policies.rules import broken, plain

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[^,;]+$", strip_whitespace=True),
    AfterValidator(plain),
]


class Brand(BaseModel):
    """One label that may be reported, with the names it goes by."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    """The label, as it stands in a release."""
    kind: Literal["brand"] = "brand"
    """What sort of label it is."""
    aliases: list[Name] = []
    """Other ways of writing it on a sign."""
    parent: Name | None = None
    """The brand it belongs to, for roll-ups."""
    category: Name | None = None
    """What it sells, for shares within a category."""
    marks: list[Name] = []
    """Paths of reference images or SVG, relative to the catalogue."""


class Catalogue(RootModel[Annotated[list[Brand], Field(min_length=1, max_length=10_000)]]):
    """Every brand of a study, checked for names that would be ambiguous."""

    model_config = ConfigDict(frozen=True, strict=True, ignored_types=(cached_property,))

    @property
    def brands(self) -> list[Brand]:
        """The brands in the order of the file."""
        return self.root

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        seen: dict[str, str] = {}
        for brand in self.brands:
            for alias in dict.fromkeys([brand.name, *brand.aliases]):
                folded = fold(alias)
                if not folded:
                    raise broken(
                        "PL-CAT-002",
                        f"{alias!r} holds no letter or digit",
                        "Use a name that can be read on a sign.",
                    )
                if seen.setdefault(folded, brand.name) != brand.name:
                    raise broken(
                        "PL-CAT-003",
                        f"{alias!r} stands for two brands",
                        "Keep it with one of them.",
                    )
        names = [brand.name for brand in self.brands]
        if len(set(names)) != len(names):
            raise broken("PL-CAT-003", "a brand stands in the list twice", "Keep one of them.")
        unknown = {b.parent for b in self.brands if b.parent} - set(names)
        if unknown:
            raise broken(
                "PL-CAT-004",
                f"the parent {sorted(unknown)[0]!r} is not in the list",
                "Add it as a brand.",
            )
        return self

    @cached_property
    def digest(self) -> str:
        """The name of exactly this catalogue: SHA-256 of its canonical JSON, defaults filled in."""
        brands = self.model_dump(mode="json")
        return digest({"schema": "crowdlens-catalogue/v1", "brands": brands})

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label that may be reported, sorted."""
        return tuple(sorted(brand.name for brand in self.brands))

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words that may stay visible."""
        entries: dict[str, tuple[str, str]] = {}
        for brand in self.brands:
            for alias in [brand.name, *brand.aliases]:
                entries.setdefault(fold(alias), (alias, brand.name))
        return Lexicon(tuple(sorted(entries.values())))


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue file; raise `CatalogueInvalid` with line, field, rule and fix."""
    text = read_text(path, CatalogueInvalid)
    return parse_model(text, Catalogue, path.name, CatalogueInvalid, shape=list)[0]
