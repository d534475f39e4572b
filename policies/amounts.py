"""Numbers that are promises: exact, never floating point.

Epsilon, delta and rho add up as exact fractions (design, "Accounting"). They are written as
decimal strings wherever they meet a file, because a float would round the promise.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar, Self

from policies.errors import PoliciesError

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,40})?(e-[1-9][0-9]?)?")


class AmountInvalid(PoliciesError):
    """A text that is not an exact, non-negative decimal."""

    code = "amount-invalid"


@dataclass(frozen=True, order=True)
class _Amount:
    value: Fraction

    unit: ClassVar[str] = ""

    def __post_init__(self) -> None:
        # INVARIANT: exact and never negative, so that spend can only grow.
        if not isinstance(self.value, Fraction):
            raise TypeError(f"{type(self).__name__} needs a Fraction")
        if self.value < 0:
            raise AmountInvalid(f"{type(self).unit} can't be negative")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an exact decimal such as `0.5` or `1e-9`; raise `AmountInvalid` otherwise."""
        if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
            raise AmountInvalid(
                f"{cls.unit} must be an exact decimal in quotes",
                hint='Write it as "0.5" or "1e-9".',
            )
        return cls(Fraction(Decimal(text)))

    @classmethod
    def zero(cls) -> Self:
        """Return nothing spent."""
        return cls(Fraction(0))

    def __add__(self, other: Self) -> Self:
        return type(self)(self.value + other.value)

    def minus(self, other: Self) -> Self:
        """Return what is left, or zero where `other` is larger."""
        return type(self)(max(self.value - other.value, Fraction(0)))

    def rounded_up(self, digits: int = 12) -> Self:
        """Return the smallest decimal of `digits` significant digits that is not below."""
        context = Context(prec=digits, rounding=ROUND_CEILING)
        decimal = context.divide(Decimal(self.value.numerator), Decimal(self.value.denominator))
        return type(self)(Fraction(decimal))

    def __str__(self) -> str:
        """Return the exact decimal; one of more than 36 digits, or none, is rounded up to 30."""
        wide = Context(prec=60, rounding=ROUND_CEILING)
        # 36 digits and the zeros before them are what `parse` reads.
        exact = self if self.value.denominator == 1 else self.rounded_up(36)
        kept = exact if exact.value == self.value else self.rounded_up(30)
        decimal = wide.divide(Decimal(kept.value.numerator), Decimal(kept.value.denominator))
        decimal = decimal.normalize(wide)
        if decimal == 0:
            return "0"
        power = decimal.adjusted()
        if power >= -5:
            return format(decimal, "f")
        digits = "".join(map(str, decimal.as_tuple().digits))
        return f"{digits[0]}{'.' + digits[1:] if len(digits) > 1 else ''}e{power}"


class Epsilon(_Amount):
    """Pure privacy loss, in natural-log units."""

    unit = "epsilon"


class Delta(_Amount):
    """Probability with which the epsilon may not hold."""

    unit = "delta"


class Rho(_Amount):
    """Zero-concentrated privacy loss (Bun and Steinke 2016)."""

    unit = "rho"


class Share(_Amount):
    """A part of a whole, 0 to 1: what an evaluation found, or a policy demands of one."""

    unit = "a share"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.value > 1:
            raise AmountInvalid("a share is at most 1")

    @classmethod
    def of(cls, part: int, whole: int, *, places: int = 4, up: bool = False) -> Self:
        """Return `part / whole` cut to `places` decimals: down, or `up` where less is better."""
        scaled = Fraction(part, whole) * 10**places
        return cls(Fraction(ceil(scaled) if up else floor(scaled), 10**places))


@dataclass(frozen=True)
class Loss:
    """What a release costs, or a dataset may lose in all: epsilon and delta add separately."""

    epsilon: Epsilon
    delta: Delta

    @classmethod
    def zero(cls) -> "Loss":
        """Return nothing lost."""
        return cls(Epsilon.zero(), Delta.zero())

    def __add__(self, other: "Loss") -> "Loss":
        return Loss(self.epsilon + other.epsilon, self.delta + other.delta)

    def minus(self, other: "Loss") -> "Loss":
        """Return what is left, each part no less than zero."""
        return Loss(self.epsilon.minus(other.epsilon), self.delta.minus(other.delta))

    def within(self, limit: "Loss") -> bool:
        """Say whether neither part exceeds the limit's."""
        return self.epsilon <= limit.epsilon and self.delta <= limit.delta

    def rho(self) -> Rho:
        """Return the zCDP that pure epsilon implies: epsilon^2 / 2 (Bun and Steinke, Prop. 1.4)."""
        return Rho(self.epsilon.value**2 / 2)
