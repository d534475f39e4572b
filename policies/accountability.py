"""Who answers for a study, and by what right: what a record of processing and a notice need.

None of this changes what the engine does with a photo. It is signed with the rest, checked for
completeness (`policies.obligations`), exported, and shown to reviewers; docs/policy.md says of each
field whether something enforces it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from policies.fields import Day, Digest, Part, Text
from policies.rules import broken


class Controller(Part):
    """Who decides why and how the photos are processed."""

    name: Text
    contact: Text
    """Where a contributor can turn to: an address, a mailbox or a page."""
    dpo: Text | None = None
    """The data protection officer's contact; `none`, and why, where there need not be one."""


class RecordOfProcessing(Part):
    """What a record of processing adds to what the policy says anyway."""

    subjects: Annotated[list[Text], Field(min_length=1, max_length=20)]
    """Categories of people whose data are processed."""
    data: Annotated[list[Text], Field(min_length=1, max_length=20)]
    """Categories of data."""
    transfers: Text
    """To which third countries, under which safeguards; `none` where there are none."""
    security: Text
    """Measures, or where they are written down."""
    erasure: Text
    """When what is kept is erased."""


class LawfulBasis(Part):
    """By what right the photos are processed."""

    gdpr: Literal["art6-1-a", "art6-1-b", "art6-1-c", "art6-1-d", "art6-1-e", "art6-1-f"]
    """a consent, b contract, c legal obligation, d vital interests, e public task, f legitimate
    interests."""
    balancing_test: Digest | None = None
    """Of the document that weighs the interests, where the basis is legitimate interests."""
    special_categories: Literal["none"] = "none"
    """Nothing of article 9 is derived: no label is about a person, and no face is recognised."""


class Dpia(Part):
    """The data protection impact assessment that the approvers have read."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
    digest: Digest
    """Of the document: SHA-256 of its bytes."""
    approved_on: Day
    residual_risk: Literal["low", "medium", "high"]
    authority_consulted_on: Day | None = None
    """Where the risk stays high: when the supervisory authority was asked."""

    @model_validator(mode="after")
    def _high_risk_was_asked_about(self) -> Self:
        if self.residual_risk == "high" and self.authority_consulted_on is None:
            raise broken(
                "PL-DPIA-002",
                "the risk stays high, and the supervisory authority was not asked",
                "Lower the risk, or give authority_consulted_on (GDPR, article 36).",
            )
        return self


class OptOuts(Part):
    """How the photos of contributors who object stay out, and how old that may be."""

    applied: Literal["by-operator", "by-run"]
    """by-operator: whoever prepares the source leaves them out; nothing checks it. by-run: the run
    itself applies a list before it opens a photo, checks its age, and commits to it in the log."""
    max_age_days: Annotated[int, Field(ge=0, le=365)]
    """An objection is heeded within so many days."""


class AuditRules(Part):
    """What must guard the log that the study spends in."""

    witness_quorum: Annotated[int, Field(ge=0, le=16)] = 0
    """The trust file must ask for cosignatures of at least so many witnesses."""
