"""What a study may choose of recognition: how sure a label must be, other nets and heads by digest.

A score is calibrated: of the labels that get 0.9, about nine in ten are right on photos that were
held back (the model cards in `engine/recognition/weights` show the tables).
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from policies.amounts import Share
from policies.fields import Digest, ExactShare, Part
from policies.rules import broken

LabelKind = Literal["brand", "scene", "object", "interest"]
LABEL_KINDS: Final[tuple[LabelKind, ...]] = ("brand", "scene", "object", "interest")
LEAST_SCORE: Final = Share.parse("0.5")
"""Below this a label is more likely wrong than right, and counts as nothing."""


def _counts(share: Share) -> Share:
    if share < LEAST_SCORE:
        raise broken(
            "PL-SCORE-001",
            "a label with a score below 0.5 is more likely wrong than right",
            'Ask for "0.5" or more.',
        )
    return share


Score = Annotated[ExactShare, AfterValidator(_counts)]


class LeastScores(Part):
    """From which score on a label counts as seen, by its kind."""

    brand: Score = Share.parse("0.5")
    scene: Score = Share.parse("0.6")
    object: Score = Share.parse("0.6")
    interest: Score = Share.parse("0.6")

    @property
    def floats(self) -> dict[LabelKind, float]:
        """The scores as recognition compares them."""
        return {kind: float(getattr(self, kind).value) for kind in LABEL_KINDS}


class NamedNet(Part):
    """An ONNX file beside the policy, in the place of one that ships."""

    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    digest: Digest


class Nets(Part):
    """Other nets than those that ship; docs/recognition.md says what each must take and give."""

    embedding: NamedNet | None = None
    """Sees the photo as a whole, for scenes."""
    detector: NamedNet | None = None
    """Finds objects."""


class NamedHead(Part):
    """A small recogniser that `crowdlens train` made, in a file beside the policy."""

    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,50}$")]
    """Its `model.safetensors`, under a name of your own."""
    digest: Digest


class Recognition(Part):
    """How labels are recognised."""

    least_score: LeastScores = Field(default=LeastScores())
    nets: Nets = Field(default=Nets())
    heads: list[NamedHead] = Field(default=[], max_length=20)
    """Trained heads that look for labels of this policy, brands beside what else sees them, scenes
    and interests in the place of their rules."""

    @model_validator(mode="after")
    def _heads_differ(self) -> Self:
        names = [head.file.lower().replace("_", "-").replace(".", "-") for head in self.heads]
        if len(set(names)) != len(names):
            raise broken(
                "PL-HEAD-005",
                "two heads have the same file name, or nearly so",
                "Give each its own: the log names them by it.",
            )
        return self
