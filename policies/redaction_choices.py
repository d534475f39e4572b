"""What a study may choose of redaction, and what evaluation of it the study demands.

Faces, codes, plates and metadata are never a choice. The defaults are the strict values; a looser
one needs a written reason in the file, which reviewers sign with the rest (GDPR, article 25).
"""

from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from policies.canonical import digest
from policies.fields import Digest, ExactShare, Part, Text
from policies.rules import broken

People = Literal["faces", "people"]
TextChoice = Literal["default-deny", "pii-only"]
Fill = Literal["blend", "solid"]
Animations = Literal["first-frame", "withhold"]

_CHOICES: Final = ("faces", "people", "text", "codes", "plates", "fill", "animations", "metadata")


class Limits(Part):
    """What a photo may measure and cost before it is withheld."""

    max_bytes: Annotated[int, Field(ge=1, le=500_000_000)] = 50_000_000
    max_pixels: Annotated[int, Field(ge=1, le=200_000_000)] = 50_000_000
    max_seconds: Annotated[int, Field(ge=1, le=60)] = 8
    """Processor time that decoding one photo may take."""
    max_memory_mb: Annotated[int, Field(ge=256, le=8192)] = 1024
    """Memory that decoding one photo may take, in MiB."""


class DemandedEvaluation(Part):
    """An evaluation on labelled photos without which no run may start.

    What a minimum means stands in docs/evaluation.md; one that is not named is not demanded.
    """

    record: Digest
    """The signed record beside the policy: SHA-256 of exactly what was signed."""
    min_photos: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    min_face_recall: ExactShare | None = None
    min_face_recall_24: ExactShare | None = None
    min_photos_safe: ExactShare | None = None
    min_text_cover: ExactShare | None = None
    min_code_cover: ExactShare | None = None
    min_plate_cover: ExactShare | None = None
    max_withheld: ExactShare | None = None

    @model_validator(mode="after")
    def _demands_something(self) -> Self:
        if not any(value is not None for name, value in self if name != "record"):
            raise broken(
                "PL-EVAL-001",
                "the evaluation is demanded, but no figure of it",
                'Add for instance min_face_recall: "0.95".',
            )
        shares = (name for name, value in self if name.endswith(("recall", "24", "safe", "cover")))
        if self.max_withheld is None and any(getattr(self, name) is not None for name in shares):
            # A photo that is withheld is in no recall, and safe.
            raise broken(
                "PL-EVAL-010",
                "a share is demanded, but not how many photos may be withheld for it",
                'Add for instance max_withheld: "0.15".',
            )
        return self


class Redaction(Part):
    """What is taken out of a photo before anything is recognised in it."""

    faces: Literal["veil"] = "veil"
    people: People = "faces"
    """`people`: the whole silhouette, because hair and clothes name people too."""
    text: TextChoice = "default-deny"
    """`default-deny`: every line but catalogue words; `pii-only`: personal data, and what can't
    be read."""
    text_reason: Text | None = None
    """Why the study needs more text than the catalogue's words."""
    codes: Literal["veil"] = "veil"
    plates: Literal["veil"] = "veil"
    fill: Fill = "blend"
    """`blend`: a grey veil whose rim blends into what lies around it; `solid`: grey to its edge."""
    animations: Animations = "first-frame"
    """The further frames and pages of a file are never opened, whatever is chosen."""
    metadata: Literal["drop"] = "drop"
    unchecked: Literal["withhold"] = "withhold"
    limits: Limits = Limits()
    evaluation: DemandedEvaluation | None = None

    @model_validator(mode="after")
    def _loose_for_a_reason(self) -> Self:
        if self.text != "default-deny" and self.text_reason is None:
            raise broken(
                "PL-RED-001",
                f"text: {self.text} lets more text be seen than the default, without a reason",
                "Say in text_reason why the study needs it, or remove text.",
            )
        return self

    @property
    def choices(self) -> dict[str, Any]:
        """All that redaction itself depends on, as plain values: no reasons, no demands."""
        values = self.model_dump(mode="json")
        return {name: values[name] for name in _CHOICES} | {"limits": values["limits"]}

    @cached_property
    def choices_digest(self) -> str:
        """The name of exactly these choices, whatever else the policy says."""
        return digest({"schema": "crowdlens-redaction/v1", "choices": self.choices})
