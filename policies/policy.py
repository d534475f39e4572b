"""The study's rules: one YAML file that reviewers sign.

Unknown keys, duplicate keys and floats where an exact decimal is due are errors. The digest is
taken over the canonical JSON of the model with its defaults filled in, so that a new default in
the tool can't change an approved policy unnoticed.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from policies.amounts import Epsilon, Loss
from policies.canonical import digest
from policies.errors import PolicyInvalid
from policies.fields import (
    Day,
    Digest,
    ExactDelta,
    ExactEpsilon,
    Id,
    Part,
    Role,
    StatisticId,
    Text,
    Week,
)
from policies.label_dimensions import InterestDimension, ObjectDimension, SceneDimension
from policies.parsing import parse_model, read_text
from policies.periods import weeks_between
from policies.recognition_choices import LABEL_KINDS, Recognition
from policies.redaction_choices import Redaction
from policies.rules import broken

TEST_COLLECTIONS = ("test-photos", "made-up")
"""Photos that nobody's privacy depends on: only these may be looked at, and need no approval."""


class Purpose(Part):
    """Why the study is done, and what its results must not be used for."""

    statement: Text
    prohibited_uses: list[Id] = Field(
        default=["individual-decisions", "re-identification", "face-recognition"]
    )


class Validity(Part):
    """The first and the last day on which the policy may be used (UTC)."""

    not_before: Day
    not_after: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.not_after < self.not_before:
            raise broken("PL-TIME-005", "the period ends before it begins", "Swap the dates.")
        return self


class Dataset(Part):
    """The photos' own name: the budget belongs to it, whatever policies come and go."""

    id: Id
    collection: Literal["consented-panel", "own-campaign", "public-posts", "test-photos", "made-up"]
    untargeted_face_scraping: Literal[False] = False


class PrivacyUnit(Part):
    """Whom the guarantee protects: the account that posted."""

    kind: Literal["contributor"] = "contributor"
    unknown: Literal["drop"] = "drop"


class Contributions(Part):
    """How much one contributor can count for, per statistic."""

    max_cells: Annotated[int, Field(ge=1, le=1000)]
    max_per_cell: Literal[1] = 1


class Amounts(Part):
    """An exact epsilon and delta."""

    epsilon: ExactEpsilon
    delta: ExactDelta

    @property
    def loss(self) -> Loss:
        """Both as one loss."""
        return Loss(self.epsilon, self.delta)


class Budget(Part):
    """What the dataset may lose in all, and what one release may cost."""

    accounting: Literal["pure-dp"] = "pure-dp"
    total: Amounts
    per_release: Amounts
    refresh: Literal["never"] = "never"
    shared_with: Literal["dataset"] = "dataset"

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if not self.per_release.loss.within(self.total.loss):
            raise broken(
                "PL-BUDGET-002",
                "one release costs more than the dataset may lose in all",
                "Lower per_release or raise total.",
            )
        return self


class Statistic(Part):
    """One table of the release: how many contributors show a label, per cell.

    One of its dimensions is a kind of label; a sighting holds one label, so two never meet.
    """

    id: StatisticId
    kind: Literal["contributors"] = "contributors"
    by: Annotated[
        list[Literal["brand", "scene", "object", "interest", "week"]],
        Field(min_length=1, max_length=5),
    ]
    epsilon: ExactEpsilon

    @model_validator(mode="after")
    def _dimensions(self) -> Self:
        if len(set(self.by)) != len(self.by):
            raise broken("PL-STAT-001", "a dimension is named twice", "Keep it once.")
        if len(set(self.by) & set(LABEL_KINDS)) != 1:
            raise broken(
                "PL-STAT-002",
                "a statistic needs exactly one of the dimensions brand, scene, object and interest",
                "Name one of them in by, and make another statistic for another.",
            )
        return self


class BrandDimension(Part):
    """The brands that may be named: a catalogue beside the policy, and its digest."""

    catalogue: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    digest: Digest
    built: Digest | None = None
    """What was learned from the catalogue's pictures: SHA-256 of the file beside it, whole."""


class WeekDimension(Part):
    """The weeks that may be named, first and last included."""

    first: Week = Field(alias="from")
    last: Week = Field(alias="to")

    @property
    def keys(self) -> tuple[str, ...]:
        """Every week, in order."""
        return weeks_between(self.first, self.last)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 1 <= len(self.keys) <= 520:
            raise broken(
                "PL-TIME-006",
                "the weeks must run forward, ten years at most",
                "Correct from and to.",
            )
        return self


class Dimensions(Part):
    """The public keys of the cells: from here, never from the data."""

    brand: BrandDimension
    scene: SceneDimension | None = None
    object: ObjectDimension | None = None
    interest: InterestDimension | None = None
    week: WeekDimension


class Retention(Part):
    """What is kept after a run."""

    originals: Literal["none"] = "none"
    redacted: Literal["none"] = "none"
    sightings: Literal["none"] = "none"


class ReleaseRules(Part):
    """In which forms the table leaves, and for whom."""

    formats: list[Literal["csv", "parquet", "json"]] = Field(
        default=["csv", "parquet", "json"], min_length=1
    )
    recipients: list[Text] = Field(default=[])


class Policy(Part):
    """Everything a study may do."""

    version_of_schema: Annotated[Literal["crowdlens-policy/v1"], Field(alias="schema")]
    id: Id
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    supersedes: Digest | None = None
    policy_class: Annotated[Literal["production", "pilot", "test"], Field(alias="class")]
    purpose: Purpose
    validity: Validity
    approvals: dict[Role, Annotated[int, Field(ge=1, le=20)]] = Field(default={})
    dataset: Dataset
    privacy_unit: PrivacyUnit = PrivacyUnit()
    contributions: Contributions
    budget: Budget
    statistics: Annotated[list[Statistic], Field(min_length=1, max_length=50)]
    dimensions: Dimensions
    redaction: Redaction = Redaction()
    recognition: Recognition = Recognition()
    biometrics: Literal["forbidden"] = "forbidden"
    retention: Retention = Retention()
    release: ReleaseRules = ReleaseRules()

    @model_validator(mode="after")
    def _as_a_whole(self) -> Self:
        ids = [s.id for s in self.statistics]
        if len(set(ids)) != len(ids):
            raise broken("PL-STAT-003", "two statistics share an id", "Give each its own.")
        for statistic in self.statistics:
            for name in statistic.by:
                if getattr(self.dimensions, name) is None:
                    raise broken(
                        "PL-STAT-004",
                        f"the statistic {statistic.id!r} is by {name}, which dimensions leave out",
                        f"Name the labels under dimensions.{name}.",
                    )
        spent = Epsilon.zero()
        for statistic in self.statistics:
            spent += statistic.epsilon
        if spent > self.budget.per_release.epsilon:
            raise broken(
                "PL-BUDGET-001",
                "the statistics cost more than budget.per_release.epsilon",
                "Lower their epsilons or raise per_release.",
            )
        if self.policy_class != "test" and not self.approvals:
            raise broken(
                "PL-APPR-001",
                f"a {self.policy_class} policy needs approvals",
                "Add for instance approvals: {steward: 1, reviewer: 1}.",
            )
        if (self.policy_class == "test") != (self.dataset.collection in TEST_COLLECTIONS):
            raise broken(
                "PL-DATA-001",
                "class test is for test photos and made-up ones, and they are for class test",
                "Change class, or dataset.collection.",
            )
        return self

    @cached_property
    def effective(self) -> dict[str, Any]:
        """The policy as plain values, every default written in."""
        return self.model_dump(mode="json", by_alias=True)

    @cached_property
    def digest(self) -> str:
        """The name of exactly these rules: SHA-256 of the canonical JSON of `effective`."""
        return digest(self.effective)

    def written(self, path: tuple[str, ...]) -> bool:
        """Say whether the file itself gives the field, rather than a default."""
        part: Any = self
        for name in path:
            if not isinstance(part, BaseModel):
                return True
            field = next(
                (f for f, i in type(part).model_fields.items() if name in (f, i.alias)), None
            )
            if field is None or field not in part.model_fields_set:
                return False
            part = getattr(part, field)
        return True


def load_policy(path: Path) -> Policy:
    """Read a policy file; raise `PolicyInvalid` with line, field, rule and fix."""
    text = read_text(path, PolicyInvalid)
    return parse_model(text, Policy, path.name, PolicyInvalid)[0]
