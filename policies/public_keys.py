"""The public keys of the cells: from a policy and its catalogue, never from the data."""

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from policies.fields import Day, Digest, Month, Part, Week
from policies.label_dimensions import (
    InterestDimension,
    LabelDimension,
    ObjectDimension,
    RegionDimension,
    SceneDimension,
)
from policies.periods import days_between, days_of, months_between, weeks_between
from policies.rules import broken

DimensionName = Literal[
    "brand",
    "parent",
    "category",
    "scene",
    "object",
    "interest",
    "with_brand",
    "with_scene",
    "with_object",
    "with_interest",
    "day",
    "week",
    "month",
    "region",
    "platform",
    "hashtag",
]
_FROM_BRANDS: Final = ("parent", "category")
_MOST_DAYS: Final = 3_653


class BrandDimension(Part):
    """The brands that may be named: a catalogue beside the policy, and its digest."""

    catalogue: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    digest: Digest
    built: Digest | None = None
    """What was learned from the catalogue's pictures: SHA-256 of the file beside it, whole."""


class _Periods(Part):
    """Periods from a first to a last, both included."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every period, in order."""
        raise NotImplementedError

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        first, last = self.days
        if not 0 <= (last - first).days < _MOST_DAYS:
            raise broken(
                "PL-TIME-006",
                "the periods must run forward, ten years at most",
                "Correct from and to.",
            )
        return self


class DayDimension(_Periods):
    """The days that may be named, first and last included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    @property
    def keys(self) -> tuple[str, ...]:
        """Every day, in order."""
        return days_between(self.first, self.last)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.first, self.last


class WeekDimension(_Periods):
    """The weeks that may be named, first and last included."""

    first: Week = Field(alias="from")
    last: Week = Field(alias="to")

    @property
    def keys(self) -> tuple[str, ...]:
        """Every week, in order."""
        return weeks_between(self.first, self.last)

    @property
    def days(self) -> tuple[date, date]:
        """The first Monday and the last Sunday."""
        return days_of("week", self.first)[0], days_of("week", self.last)[1]


class MonthDimension(_Periods):
    """The months that may be named, first and last included."""

    first: Month = Field(alias="from")
    last: Month = Field(alias="to")

    @property
    def keys(self) -> tuple[str, ...]:
        """Every month, in order."""
        return months_between(self.first, self.last)

    @property
    def days(self) -> tuple[date, date]:
        """The first day of the first month, and the last of the last."""
        return days_of("month", self.first)[0], days_of("month", self.last)[1]


class HashtagDimension(Part):
    """Hashtags of the manifest: the one kind of key that comes from the data, where asked for."""

    source: Literal["data"] = Field(alias="from")


class Dimensions(Part):
    """The public keys of the cells: from here, never from the data, but for hashtags."""

    brand: BrandDimension
    scene: SceneDimension | None = None
    object: ObjectDimension | None = None
    interest: InterestDimension | None = None
    day: DayDimension | None = None
    week: WeekDimension | None = None
    month: MonthDimension | None = None
    region: RegionDimension | None = None
    platform: LabelDimension | None = None
    hashtag: HashtagDimension | None = None

    @model_validator(mode="after")
    def _has_a_time(self) -> Self:
        if not self._periods:
            raise broken(
                "PL-TIME-007",
                "a study is of a time, and dimensions name none",
                "Write day, week or month with from and to.",
            )
        return self

    @property
    def _periods(self) -> list[_Periods]:
        return [part for part in (self.day, self.week, self.month) if part is not None]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the study: of all its periods."""
        spans = [part.days for part in self._periods]
        return min(first for first, _ in spans), max(last for _, last in spans)

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that a photo's coordinates may be read for; none where no policy asks."""
        if self.region is None or self.region.source != "country":
            return ()
        return self.region.keys

    def has(self, name: DimensionName) -> bool:
        """Say whether a statistic can be by it; parents and categories come with the brands."""
        plain = name.removeprefix("with_")
        return plain in _FROM_BRANDS or getattr(self, plain) is not None

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the keys of a period or a place; raises `KeyError` for what the policy lacks."""
        part = getattr(self, name)
        if part is None:
            raise KeyError(name)
        found: tuple[str, ...] = part.keys
        return found
