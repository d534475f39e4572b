"""The types of a policy's fields: exact amounts, dates, ids and texts, each checked by name."""

from datetime import date
from functools import cached_property
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from policies.amounts import AmountInvalid, Delta, Epsilon, Number, Rho, Share
from policies.periods import is_month, monday
from policies.rules import broken, plain

DIGITS = 12
"""Significant digits of an amount: as many as the log writes."""

A = TypeVar("A", Epsilon, Delta, Rho, Number)


def _epsilon(value: Any) -> Epsilon:
    return _amount(Epsilon, value)


def _rho(value: Any) -> Rho:
    return _amount(Rho, value)


def _delta(value: Any) -> Delta:
    return _amount(Delta, value)


def _number(value: Any) -> Number:
    return _amount(Number, value)


def _rate(value: Any) -> Share:
    if isinstance(value, Share):
        return value
    try:
        return Share(_number(value).value)
    except AmountInvalid:
        raise broken(
            "PL-NUM-005", "a probability is at most 1", 'Write it like "0.5" or "1".'
        ) from None


def _amount(kind: type[A], value: Any) -> A:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise broken(
            "PL-NUM-001",
            f"{kind.unit} is a promise and must be an exact decimal",
            'Put it in quotes: "0.5".',
        )
    try:
        amount = kind.parse(value)
    except AmountInvalid:
        raise broken(
            "PL-NUM-001",
            f"{kind.unit} is a promise and must be an exact decimal",
            'Write it like "0.5" or "1e-9".',
        ) from None
    if amount.rounded_up(DIGITS) != amount:
        raise broken(
            "PL-NUM-003",
            f"{kind.unit} has more than {DIGITS} significant digits",
            "Round it down to fewer.",
        )
    if amount == kind.zero():
        raise broken(
            "PL-NUM-002",
            f"{kind.unit} must be more than zero",
            "Give the release something to spend.",
        )
    return amount


def _share(value: Any) -> Share:
    if isinstance(value, Share):
        return value
    try:
        share = Share.parse(value)
    except AmountInvalid:
        share = None
    # Four decimals are what a record states; more could not be told from them.
    if share is None or (share.value * 10_000).denominator != 1:
        raise broken(
            "PL-NUM-004",
            "a share is an exact decimal from 0 to 1, in quotes, with at most 4 decimals",
            'Write it like "0.95".',
        )
    return share


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise broken("PL-TIME-003", "this is not a date", "Write it like 2026-12-31.") from None


def _week(value: Any) -> str:
    try:
        monday(value)
    except (TypeError, ValueError):
        raise broken("PL-TIME-004", "this is not an ISO week", "Write it like 2026-W23.") from None
    return str(value)


def _month(value: Any) -> str:
    if not isinstance(value, str) or not is_month(value):
        raise broken("PL-TIME-008", "this is not a month", "Write it like 2026-06.")
    return value


# What editors are told of the types that only Python can check.
_DECIMAL = {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,40})?(e-[1-9][0-9]?)?$"}
_SHARE = {"type": "string", "pattern": r"^(0|1|0\.[0-9]{1,4}|1\.0{1,4})$"}
_DAY = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_WEEK = {"type": "string", "pattern": r"^[0-9]{4}-W[0-9]{2}$"}
_MONTH = {"type": "string", "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])$"}

_AS_TEXT = PlainSerializer(str, return_type=str)
ExactEpsilon = Annotated[Epsilon, BeforeValidator(_epsilon), _AS_TEXT, WithJsonSchema(_DECIMAL)]
ExactRho = Annotated[Rho, BeforeValidator(_rho), _AS_TEXT, WithJsonSchema(_DECIMAL)]
ExactDelta = Annotated[Delta, BeforeValidator(_delta), _AS_TEXT, WithJsonSchema(_DECIMAL)]
ExactNumber = Annotated[Number, BeforeValidator(_number), _AS_TEXT, WithJsonSchema(_DECIMAL)]
ExactRate = Annotated[Share, BeforeValidator(_rate), _AS_TEXT, WithJsonSchema(_DECIMAL)]
ExactShare = Annotated[Share, BeforeValidator(_share), _AS_TEXT, WithJsonSchema(_SHARE)]
Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(lambda d: d.isoformat(), return_type=str),
    WithJsonSchema(_DAY),
]
Week = Annotated[str, BeforeValidator(_week), WithJsonSchema(_WEEK)]
Month = Annotated[str, BeforeValidator(_month), WithJsonSchema(_MONTH)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
StatisticId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, strip_whitespace=True),
    AfterValidator(plain),
]
ROLE_PATTERN = r"^[a-z][a-z-]{0,31}$"
Role = Annotated[str, StringConstraints(pattern=ROLE_PATTERN)]


class Part(BaseModel):
    """A section of a file that reviewers sign: frozen, strict, and nothing but the keys named."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        arbitrary_types_allowed=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        ignored_types=(cached_property,),
    )
