"""The study's rules: one YAML file that reviewers sign.

Unknown keys, duplicate keys and floats where an exact decimal is due are errors. The digest is
taken over the canonical JSON of the model with its defaults filled in, so that a new default in
the tool can't change an approved policy unnoticed.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from policies.accountability import AuditRules, Controller, Dpia, LawfulBasis, OptOuts
from policies.accountability import RecordOfProcessing as Record
from policies.budget_choices import Budget, require_affordable
from policies.canonical import digest
from policies.consistency import require_consistent
from policies.continual_choices import Continual, require_periodic
from policies.errors import Finding, PolicyInvalid
from policies.fields import Day, Digest, Id, Part, Role, Text
from policies.model_release import ModelRelease, require_trainable, to_weigh
from policies.obligations import unmet
from policies.parsing import parse_model, read_text
from policies.public_keys import Dimensions
from policies.purpose_choices import Purpose
from policies.recognition_choices import Recognition
from policies.redaction_choices import Redaction
from policies.release_choices import ReleaseRules, Retention, Thresholds
from policies.rules import broken
from policies.statistic_choices import Contributions, PrivacyUnit, Statistic
from policies.unfilled import unfilled

TEST_COLLECTIONS = ("test-photos", "made-up")
"""Photos that nobody's privacy depends on: only these may be looked at, and need no approval."""


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
    acquisition: Text | None = None
    """How the photos were lawfully got, in one sentence."""
    consent: Literal["elsewhere", "column"] = "elsewhere"
    """column: a photo is read only if the manifest's column `consent` says yes in its row.
    elsewhere: whether people agreed is seen to before, if at all."""
    untargeted_face_scraping: Literal[False] = False


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
    continual: Continual | None = None
    model_release: ModelRelease | None = None
    redaction: Redaction = Redaction()
    recognition: Recognition = Recognition()
    models: Annotated[dict[Id, Digest], Field(min_length=1, max_length=50)] | None = None
    """Every weight file that a run may look through; null for those of the version that runs."""
    biometrics: Literal["forbidden"] = "forbidden"
    retention: Retention = Retention()
    release: ReleaseRules = ReleaseRules()
    thresholds: Thresholds = "none"
    controller: Controller | None = None
    record_of_processing: Record | None = None
    lawful_basis: LawfulBasis | None = None
    dpia: Dpia | None = None
    optouts: OptOuts | None = None
    audit: AuditRules = AuditRules()

    @model_validator(mode="after")
    def _as_a_whole(self) -> Self:
        ids = [s.id for s in self.statistics]
        if len(set(ids)) != len(ids):
            raise broken("PL-STAT-003", "two statistics share an id", "Give each its own.")
        for statistic in self.statistics:
            for name in statistic.by:
                if not self.dimensions.has(name):
                    raise broken(
                        "PL-STAT-004",
                        f"the statistic {statistic.id!r} is by {name}, which dimensions leave out",
                        f"Name the labels under dimensions.{name}.",
                    )
        require_affordable(self.statistics, self.budget)
        require_periodic(self.continual, self.statistics, self.dimensions)
        require_trainable(self.model_release, self.statistics, self.budget, self.dimensions)
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
        require_consistent(self)
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


def read_policy(path: Path) -> tuple[Policy, tuple[Finding, ...]]:
    """Read a policy file; return it and the warnings for its reviewers.

    Raises `PolicyInvalid` with line, field, rule and fix, and the law that asks for it.
    """
    text = read_text(path, PolicyInvalid)
    policy, document = parse_model(text, Policy, path.name, PolicyInvalid)
    found = (
        *unmet(policy, document),
        *unfilled(policy, document),
        *to_weigh(policy, document),
    )
    if any(finding.severity == "error" for finding in found):
        raise PolicyInvalid(path.name, found)
    return policy, found


def load_policy(path: Path) -> Policy:
    """Read a policy file; raises as `read_policy`."""
    return read_policy(path)[0]
