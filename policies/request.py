"""A request: what somebody wants of a study, so that its policy can say yes or no, and why.

A small closed schema. What a request leaves out is not judged, and the answer says so; what it
names and the policy does not allow is refused: unlisted is prohibited.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from policies.amounts import Delta, Loss
from policies.errors import PolicyInvalid
from policies.fields import Day, ExactEpsilon, ExactRho, Id, Part, Role, StatisticId, Text
from policies.parsing import parse_model, read_text
from policies.public_keys import DimensionName
from policies.purpose_choices import DpvTerm
from policies.rules import broken
from policies.statistic_choices import Measure


class RequestInvalid(PolicyInvalid):
    """A request, or a file of test cases, that breaks a rule of its own schema."""

    code = "request-invalid"


class Table(Part):
    """A table by what it shows, whatever the policy calls it."""

    kind: Measure = "contributors"
    by: Annotated[list[DimensionName], Field(max_length=6)]


class Price(Part):
    """An amount of epsilon or of rho."""

    epsilon: ExactEpsilon | None = None
    rho: ExactRho | None = None

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.epsilon is None) == (self.rho is None):
            raise broken(
                "PL-ASK-015",
                "an amount of a request is in epsilon or in rho, and not in both",
                'Write for instance {epsilon: "0.5"}.',
            )
        return self

    @property
    def loss(self) -> Loss:
        """The amount as a loss without delta."""
        return Loss(self.epsilon, Delta.zero(), self.rho)


class Request(Part):
    """Who wants what, when, for what, and what is in place for it."""

    on: Day
    """The day (UTC)."""
    statistics: Annotated[list[StatisticId], Field(max_length=50)] = Field(default=[])
    """Tables by the policy's names."""
    tables: Annotated[list[Table], Field(max_length=50)] = Field(default=[])
    """Tables by what they show."""
    labels: dict[DimensionName, Annotated[list[str], Field(max_length=500)]] = Field(default={})
    """Labels and periods that the tables shall have rows of, by dimension."""
    by: Text | None = None
    """Who would get the release: one of release.recipients."""
    formats: list[Literal["csv", "parquet", "json"]] = Field(default=[])
    purpose: DpvTerm | None = None
    use: Id | None = None
    """What the results would be used for, such as re-identification."""
    beside: list[
        Literal["originals", "redacted", "sightings", "embeddings", "face-geometry", "model"]
    ] = Field(default=[])
    """What is wanted beside tables; a model is the one thing that a policy can allow."""
    price: Price | None = None
    """What the tables may cost together."""
    spent: Price | None = None
    """What the dataset has lost so far, as `crowdlens budget` says; judged together with price."""
    approvals: dict[Role, Annotated[int, Field(ge=0, le=20)]] | None = None
    """How many have approved, by role."""
    witnesses: Annotated[int, Field(ge=0, le=16)] | None = None
    """How many witnesses the log has."""
    optouts_age_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    """How long ago the objections were last taken into account."""


def read_request(given: str) -> Request:
    """Read a request from a file, or from the text itself where it begins with a brace.

    Raises `RequestInvalid` with line, field, rule and fix.
    """
    if given.lstrip().startswith("{"):
        return parse_model(given, Request, "(request)", RequestInvalid)[0]
    path = Path(given)
    return parse_model(read_text(path, RequestInvalid), Request, path.name, RequestInvalid)[0]
