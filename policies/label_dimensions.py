"""The labels of a study that are no brands: public lists, and scenes that a catalogue teaches.

Every one is named in the policy, so that reviewers read them; none is about a person.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from policies.catalogue import Catalogue
from policies.countries import COUNTRIES
from policies.errors import PolicyRefuses
from policies.fields import Part
from policies.label_deny_list import about_a_person
from policies.rules import broken
from policies.tags import INTERESTS, OBJECTS, SCENES

_MOST: Final = 500

Label = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Labels = Annotated[list[Label], Field(min_length=1, max_length=_MOST)]


def require_nameable(labels: Sequence[str]) -> None:
    """Raise the error of PL-LABEL-002 or 003 for a label about persons, or one named twice."""
    for label in labels:
        if about_a_person(label):
            raise broken(
                "PL-LABEL-002",
                f"{label!r} is a label about persons, and nothing of a person is recognised",
                "Name places and things.",
            )
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise broken("PL-LABEL-003", f"{min(twice)!r} stands in the list twice", "Keep it once.")


class LabelDimension(Part):
    """Labels of one kind that may be named."""

    labels: Labels

    @model_validator(mode="after")
    def _may_be_named(self) -> "LabelDimension":
        require_nameable(self.labels)
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The labels, sorted."""
        return tuple(sorted(self.labels))


class ObjectDimension(LabelDimension):
    """Objects of the public list."""

    @model_validator(mode="after")
    def _are_known(self) -> "ObjectDimension":
        _require_known(self.labels, OBJECTS, "object")
        return self


class InterestDimension(LabelDimension):
    """Interests and occasions of the public list."""

    @model_validator(mode="after")
    def _are_known(self) -> "InterestDimension":
        _require_known(self.labels, INTERESTS, "interest")
        return self


class RegionDimension(LabelDimension):
    """Regions that may be named, and whence a photo's is known."""

    source: Literal["column", "country"] = Field(default="column", alias="from")
    """column: the manifest's. country: the country that a photo's coordinates lie in, which are
    read for that alone and dropped at the door; labels are codes of ISO 3166-1 alpha-2."""

    @model_validator(mode="after")
    def _are_countries(self) -> "RegionDimension":
        if self.source == "country":
            for label in self.labels:
                if label not in COUNTRIES:
                    raise broken(
                        "PL-LABEL-005",
                        f"{label!r} is no country that coordinates can be told to lie in",
                        "Write codes of two capital letters, such as DE; docs/sources.md says"
                        " which are missing.",
                    )
        return self


class SceneDimension(LabelDimension):
    """Scenes of the public list, or ones that the catalogue teaches."""


def require_scenes(scenes: SceneDimension | None, catalogue: Catalogue) -> None:
    """Raise `PolicyRefuses` (PL-LABEL-004) for a scene that is neither public nor taught."""
    named = scenes.labels if scenes is not None else []
    for label in named:
        if label not in SCENES and label not in catalogue.scene_labels:
            raise PolicyRefuses(
                "PL-LABEL-004",
                f"the scene {label!r} is not in the public list, nor taught by the catalogue",
                hint="`crowdlens catalogue add` teaches a scene; docs/recognition.md has the list.",
            )


def _require_known(labels: list[str], known: tuple[str, ...], kind: str) -> None:
    for label in labels:
        if label not in known:
            raise broken(
                "PL-LABEL-001",
                f"{label!r} is no {kind} of the public list",
                f"docs/recognition.md has the list of {kind}s.",
            )
