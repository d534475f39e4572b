"""The closed schema of what an entry can say: one body for each type of entry.

Every text is a closed set, a digest, a date, an exact amount or a short id that comes from a
policy. INVARIANT: no field can hold a count of photos, a file name of a photo, a digest of a
photo, a duration or free text; a new field needs a new line in PRIVACY.md.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from audit.errors import EntryInvalid
from audit.training_cost import MOST_STEPS, covers
from policies.amounts import AmountInvalid, Delta, Epsilon, Loss, Number, Rho, Share

_MAX_ITEMS = 100


def _date(text: str) -> str:
    date.fromisoformat(text)
    return text


def _shortest(
    kind: type[Epsilon] | type[Delta] | type[Rho] | type[Share] | type[Number],
) -> AfterValidator:
    # A log says the same few amounts over and over.
    @lru_cache(maxsize=1024)
    def check(text: str) -> str:
        try:
            amount = kind.parse(text)
        except AmountInvalid as error:
            raise ValueError("not an exact decimal") from error
        # INVARIANT: one spelling per amount, so that the spelling can't carry anything.
        if str(amount) != text:
            raise ValueError("an amount must be in its shortest form")
        return text

    return AfterValidator(check)


_DECIMAL = Field(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,40})?(e-[1-9][0-9]?)?$", max_length=60)
_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
_StatisticId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
_KeyText = Annotated[str, Field(pattern=r"^ed25519:[0-9a-f]{64}$")]
_SignatureText = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
_Commitment = Annotated[str, Field(pattern=r"^hmac-sha256:[0-9a-f]{64}$")]
RunId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
_Origin = Annotated[str, Field(pattern=r"^crowdlens/[0-9a-f]{32}$")]
_Version = Annotated[
    str,
    Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){1,2}((a|b|rc|\.dev|\.post)[0-9]{1,3})?$"),
]
_Epsilon = Annotated[str, _DECIMAL, _shortest(Epsilon)]
_Delta = Annotated[str, _DECIMAL, _shortest(Delta)]
_Rho = Annotated[str, _DECIMAL, _shortest(Rho)]
_Rate = Annotated[str, _DECIMAL, _shortest(Share)]
_Noise = Annotated[str, _DECIMAL, _shortest(Number)]

_Period = Annotated[
    str, Field(pattern=r"^[0-9]{4}-(W[0-9]{2}|[0-9]{2}|[0-9]{2}-[0-9]{2})$", max_length=10)
]

OutputName = Literal[
    "release.csv",
    "release.parquet",
    "release.json",
    "reading.csv",
    "privacy-label.json",
    "report.html",
    "model.safetensors",
    "model-card.md",
]
"""The files that a release may consist of."""
OUTPUT_NAMES: tuple[str, ...] = (
    "release.csv",
    "release.parquet",
    "release.json",
    "reading.csv",
    "privacy-label.json",
    "report.html",
    "model.safetensors",
    "model-card.md",
)
MODEL_FILES: tuple[str, ...] = ("model.safetensors", "model-card.md")
"""Those of a model, which a run releases that has paid for a training."""


class Closed(BaseModel):
    """Frozen, strict, and nothing but the fields named; errors never show values."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def _sorted_unique(items: tuple[Any, ...], *names: str) -> None:
    keys = list(map(attrgetter(*names), items))
    # INVARIANT: one order, so that the order can't carry anything.
    if keys != sorted(set(keys)):
        raise ValueError("items must be sorted and distinct")


class Approval(Closed):
    """Who approved a policy: a role and a key, never a person's name."""

    role: _Id
    key: _KeyText


class Named(Closed):
    """A model of the run, by digest."""

    name: _Id
    digest: _Digest


class Output(Closed):
    """A file of a release, by digest of its (noisy) bytes."""

    name: OutputName
    digest: _Digest


class Code(Closed):
    """The engine's version and the digest of its source."""

    version: _Version
    source: _Digest


# A log says the same few losses over and over, and a loss never changes.
@lru_cache(maxsize=1024)
def _pure(epsilon: str, delta: str) -> Loss:
    return Loss(Epsilon.parse(epsilon), Delta.parse(delta))


@lru_cache(maxsize=1024)
def _concentrated(rho: str, delta: str) -> Loss:
    return Loss(None, Delta.parse(delta), Rho.parse(rho))


class PureAmounts(Closed):
    """A loss, or a total, in epsilon."""

    epsilon: _Epsilon
    delta: _Delta

    def loss(self) -> Loss:
        """Return the exact amounts."""
        return _pure(self.epsilon, self.delta)


class ConcentratedAmounts(Closed):
    """A loss, or a total, in rho."""

    rho: _Rho
    delta: _Delta

    def loss(self) -> Loss:
        """Return the exact amounts."""
        return _concentrated(self.rho, self.delta)


Amounts = PureAmounts | ConcentratedAmounts
"""Exactly one of epsilon and rho, and delta: neither has the other's field."""


class Training(Closed):
    """What a training is made of, as far as its cost hangs on it: all of it from the policy.

    With it an auditor computes from the log alone what the training costs (`audit.training_cost`).
    """

    steps: Annotated[int, Field(ge=1, le=MOST_STEPS)]
    sampling_rate: _Rate
    """Probability with which a contributor takes part in a step."""
    noise: _Noise
    """Standard deviation of the noise, in units of the most that a contributor adds to a step."""
    accounts: Annotated[int, Field(ge=1, le=100)]
    """Accounts of one person for which the cost holds together."""

    @classmethod
    def of(cls, steps: int, sampling_rate: Fraction, noise: Fraction, accounts: int) -> Self:
        """Return the training of exact numbers; raises `EntryInvalid` for ones out of range."""
        with expressible():
            texts = (str(Share(sampling_rate)), str(Number(noise)))
            made = cls(steps=steps, sampling_rate=texts[0], noise=texts[1], accounts=accounts)
        # INVARIANT: the log says neither more noise nor less chance than there is.
        if made._exact != (sampling_rate, noise):
            raise EntryInvalid("a training whose numbers are no short decimals")
        return made

    def covered_by(self, cost: Loss) -> bool:
        """Say whether the cost is no less than what these numbers cost."""
        rate, noise = self._exact
        return covers(cost, self.steps, rate, noise, self.accounts)

    @property
    def _exact(self) -> tuple[Fraction, Fraction]:
        return Share.parse(self.sampling_rate).value, Number.parse(self.noise).value


class StatisticSpend(Closed):
    """What one statistic of the policy costs."""

    id: _StatisticId
    cost: Amounts
    training: Training | None = None
    """Of a model, what was trained for the cost; of a table the field is not there."""

    @model_serializer(mode="wrap")
    def _trained_only(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        value: dict[str, Any] = write(self)
        if self.training is None:
            del value["training"]
        return value


class LogOpen(Closed):
    """The first entry of every log, and only the first."""

    type: ClassVar[str] = "log.open"
    origin: _Origin


class PolicyAdopt(Closed):
    """A policy's rules, by digest, and who approved them."""

    type: ClassVar[str] = "policy.adopt"
    policy: _Digest
    id: _Id
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    class_: Annotated[Literal["production", "pilot", "test"], Field(alias="class")]
    not_after: Date
    catalogue: _Digest
    approvals: Annotated[tuple[Approval, ...], Field(strict=False, max_length=_MAX_ITEMS)]
    supersedes: _Digest | None = None
    """The version before, where the policy names one; otherwise the field is not there."""

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _sorted_unique(self.approvals, "role", "key")
        return self

    @model_serializer(mode="wrap")
    def _named_only(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        value: dict[str, Any] = write(self)
        if self.supersedes is None:
            del value["supersedes"]
        return value


class PolicyRevoke(Closed):
    """Nothing more may be done under a policy: one approver's word, with the signature."""

    type: ClassVar[str] = "policy.revoke"
    policy: _Digest
    role: _Id
    key: _KeyText
    signature: _SignatureText
    """By the key, over what `policies.revocation` says."""


class KeyRotate(Closed):
    """The log goes over to another key, by the word of both."""

    type: ClassVar[str] = "key.rotate"
    old: _KeyText
    new: _KeyText
    by_old: _SignatureText
    """By the old key, over what `audit.hand_over` says."""
    by_new: _SignatureText


class DatasetDeclare(Closed):
    """What a dataset may lose in all; the first declaration binds for ever."""

    type: ClassVar[str] = "dataset.declare"
    dataset: _Id
    unit: Literal["contributor"] = "contributor"
    total: Amounts


class RunStart(Closed):
    """A run begins: which policy, dataset, code and models."""

    type: ClassVar[str] = "run.start"
    policy: _Digest
    dataset: _Id
    code: Code
    models: Annotated[tuple[Named, ...], Field(strict=False, max_length=_MAX_ITEMS)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        _sorted_unique(self.models, "name")
        return self


class RunInputs(Closed):
    """What a run reads, as commitments under salts that the log does not hold."""

    type: ClassVar[str] = "run.inputs"
    inputs: _Commitment
    """To the rows of the photos that may be opened."""
    optouts: _Commitment | None
    """To the opt-out list that was applied; None where the policy asks for none."""


class BudgetReserve(Closed):
    """A spend, written before any noise is drawn; it is never given back."""

    type: ClassVar[str] = "budget.reserve"
    dataset: _Id
    policy: _Digest
    statistics: Annotated[tuple[StatisticSpend, ...], Field(strict=False, max_length=_MAX_ITEMS)]
    cost: Amounts
    periods: Annotated[tuple[_Period, ...], Field(strict=False, max_length=2)] = ()
    """Of a continual study, the first and the last period of the policy that the run closes."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _sorted_unique(self.statistics, "id")
        if not self.statistics and not self.periods:
            raise ValueError("only a study that was paid for before releases for nothing")
        if len(self.periods) == 1 or len({len(key) for key in self.periods}) > 1:
            raise ValueError("periods are a first and a last, of one kind")
        if list(self.periods) != sorted(self.periods):
            raise ValueError("periods run forward")
        if self.statistics and {type(s.cost) for s in self.statistics} != {type(self.cost)}:
            raise ValueError("a spend is in epsilon, or in rho, as a whole")
        cost = self.cost.loss()
        if sum((s.cost.loss() for s in self.statistics), Loss.zero(cost.accounting)) != cost:
            raise ValueError("the cost must be the exact sum over the statistics")
        return self

    def loss(self) -> Loss:
        """Return the exact amounts."""
        return self.cost.loss()


class Release(Closed):
    """A run ends well: the digests of what leaves."""

    type: ClassVar[str] = "release"
    dataset: _Id
    policy: _Digest
    outputs: Annotated[
        tuple[Output, ...],
        Field(strict=False, min_length=1, max_length=len(OUTPUT_NAMES)),
    ]

    @model_validator(mode="after")
    def _check(self) -> Self:
        _sorted_unique(self.outputs, "name")
        return self


class RunEnd(Closed):
    """A run ends without a release."""

    type: ClassVar[str] = "run.end"
    outcome: Literal["failed", "interrupted", "refused"]


Body = (
    LogOpen
    | KeyRotate
    | PolicyAdopt
    | PolicyRevoke
    | DatasetDeclare
    | RunStart
    | RunInputs
    | BudgetReserve
    | Release
    | RunEnd
)


@contextmanager
def expressible() -> Iterator[None]:
    """Turn what the schema can't express into `EntryInvalid`, naming places and no values."""
    try:
        yield
    except ValidationError as error:
        # Only where, never what: a value that breaks the schema may be anything.
        places = sorted({".".join(map(str, e["loc"])) for e in error.errors()})
        shown = [p for p in places if re.fullmatch(r"[a-z0-9._]{1,80}", p)]
        raise EntryInvalid("an entry outside the schema: " + ", ".join(shown)) from None
    except AmountInvalid as error:
        raise EntryInvalid("an amount that is not an exact decimal") from error


def spend_of(statistic: str, loss: Loss, training: Training | None = None) -> StatisticSpend:
    """Return the cost of one statistic as it is written: exact, or rounded up to 12 digits."""
    return StatisticSpend(id=statistic, cost=amounts_of(loss), training=training)


def amounts_of(loss: Loss) -> Amounts:
    """Return a loss as it is written: exact, or rounded up to 12 digits."""
    delta = amount_text(loss.delta)
    if loss.rho is not None:
        return ConcentratedAmounts(rho=amount_text(loss.rho), delta=delta)
    assert loss.epsilon is not None
    return PureAmounts(epsilon=amount_text(loss.epsilon), delta=delta)


def amount_text(amount: Epsilon | Delta | Rho) -> str:
    """Return the amount's text; one without a short exact decimal is rounded up, never down."""
    text = str(amount)
    if len(text) > 30 or type(amount).parse(text) != amount:
        text = str(amount.rounded_up(12))
    return text


def outputs_of(digests: dict[str, str]) -> tuple[Output, ...]:
    """Return file names with digests as a release's outputs, in their one order."""
    return tuple(
        Output.model_validate({"name": name, "digest": value})
        for name, value in sorted(digests.items())
    )
