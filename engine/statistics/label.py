"""The privacy label as others read it: `privacy-label.json`, and its JSON Schema.

What a release promises and what it does not, in one small file. Amounts are exact decimals as text,
since a float would round a promise. The schema is made from this model and kept in
`engine/statistics/schema/`; a test holds both together, and real labels against them.
"""

import json
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies.json_schema import in_draft_7

FILE: Final = "privacy-label.v1.json"

_Amount = Annotated[
    str, Field(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,60})?(e-[1-9][0-9]?)?$", max_length=80)
]
_StatisticId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=1)]


class _Closed(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


class _Priced(_Closed):
    epsilon: _Amount | None = None
    """The loss, where it is in epsilon; then there is no rho."""
    rho: _Amount | None = None
    """The loss, where it is in rho (zCDP); then there is no epsilon."""
    delta: _Amount
    """Probability with which the epsilon may not hold."""

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.epsilon is None) == (self.rho is None):
            raise ValueError("a loss is in epsilon or in rho, and not in both")
        return self


class SensitivityPart(_Closed):
    """How far one contributor moves a statistic's numbers before noise."""

    linf: _Count
    """Most that one number moves."""
    l1: _Count
    """Most that all numbers move, added up."""
    l2_squared: _Count
    """Most that their squares add up to."""


class StatisticPart(_Priced):
    """One table of the release."""

    id: _StatisticId
    measures: Literal["contributors", "photos", "together", "running-total", "top"]
    by: list[str]
    """Its dimensions, in its own order."""
    cells: _Count
    """Cells of its grid, every one of which is released."""
    max_cells: _Count
    """Cells, series or lists that one contributor touches, at most."""
    sensitivity: SensitivityPart
    mechanism: Literal["geometric", "discrete-laplace", "discrete-gaussian", "noisy-top"]
    paid_by: Literal["this release", "an earlier release"]
    measured_clip: _Count | None = None
    """Photos of one contributor that count in a cell."""
    measured_k: _Count | None = None
    """Labels of a top."""
    measured_participations: _Count | None = None
    """Periods of a running total that one contributor counts in."""
    measured_strategy: str | None = None
    """Which sums of periods of a running total got noise."""


class FoundPart(_Priced):
    """One table of labels that the data brought."""

    id: _StatisticId
    measures: Literal["contributors"]
    by: list[str]
    least: _Count
    """Contributors that a label needs before noise decides."""
    released_above: int
    """The threshold of its noisy number."""
    selection_delta: _Amount
    max_labels: _Count
    """Labels of one contributor that count, at most."""
    mechanism: Literal["geometric", "discrete-laplace", "discrete-gaussian"]


_Rounded = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(e[+-][0-9]{2})?$", max_length=20)]


class StatedPart(_Closed):
    """A loss in rho, put into an epsilon for readers, with four digits."""

    epsilon: _Rounded
    delta: _Amount
    epsilon_of_one_gaussian: _Rounded
    """The least that any Gaussian of this rho could have: how tight the statement is."""


class PrivacyLabel(_Priced):
    """What one release promises, to whom, and what it does not."""

    format: Literal["crowdlens-privacy-label/v1"]
    run: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    policy: _Digest
    """Digest of the policy that the release is under."""
    class_: Annotated[Literal["production", "pilot", "test"], Field(alias="class")]
    """Class `test` is of test photos or made-up ones: its numbers say nothing of the world."""
    dataset: str
    model: Literal["central"]
    """Noise is added after counting, by somebody who has the photos."""
    unit: Literal["contributor"]
    """Whom the promise is made to: the account that posted."""
    accounts_of_one_person: _Count
    """For so many accounts of one person together the promise holds."""
    accounts_joined_by_a_map: bool
    neighbours: str
    """Which two sets of photos nobody can tell apart."""
    max_cells: _Count
    """Cells of one table that one contributor touches, unless the table says otherwise."""
    accounting: Literal["pure-dp", "zcdp"]
    stated: StatedPart | None = None
    found: list[FoundPart]
    statistics: Annotated[list[StatisticPart], Field(min_length=1)]
    not_covered: Annotated[list[str], Field(min_length=1)]
    """What the promise does not cover, in sentences."""


def label_schema_text() -> str:
    """Return the JSON Schema (draft 7) of privacy labels, as the file holds it."""
    made = PrivacyLabel.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    schema = in_draft_7(made, "A privacy label of Crowdlens, version 1")
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
