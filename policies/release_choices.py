"""What leaves a study, for whom, and what is kept."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from policies.fields import Part, Text
from policies.rules import broken


class Retention(Part):
    """What is kept after a run. But for the last, constants: the engine can do nothing else."""

    originals: Literal["none"] = "none"
    redacted: Literal["none"] = "none"
    sightings: Literal["none"] = "none"
    embeddings: Literal["none"] = "none"
    face_geometry: Literal["none"] = "none"
    """Where a face is, is known while the veil is drawn."""
    releases: Literal["for-ever"] = "for-ever"
    log: Literal["for-ever"] = "for-ever"
    private_commitments_days: Annotated[int, Field(ge=0, le=3650)] = 365
    """For so long it can be shown which rows a run read, to whoever has the source: after that the
    next run destroys the salts of its commitments. With 0 none are kept."""


class ReleaseRules(Part):
    """In which forms the table leaves, and for whom."""

    formats: list[Literal["csv", "parquet", "json"]] = Field(
        default=["csv", "parquet", "json"], min_length=1
    )
    recipients: list[Text] = Field(default=[])
    """Who gets the release, by name or by category; who is not named gets none."""


def _no_thresholds(value: Any) -> Any:
    if value != "none":
        raise broken(
            "PL-THR-001",
            "every cell of the grid is released with its noise: no small number is left out",
            "Write thresholds: none. `crowdlens policy plan` says which numbers mean something.",
        )
    return value


Thresholds = Annotated[Literal["none"], BeforeValidator(_no_thresholds)]
"""Noise protects small numbers; that a cell is missing would itself be a number."""
