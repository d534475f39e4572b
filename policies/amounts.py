"""Numbers that are promises: exact, never floating point.

Epsilon, delta and rho add up as exact fractions (design, "Accounting"). They are written as
decimal strings wherever they meet a file, because a float would round the promise.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import ClassVar, Literal, Self

from policies.errors import PoliciesError

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,40})?(e-[1-9][0-9]?)?")


class AmountInvalid(PoliciesError):
    """A text that is not an exact, non-negative decimal."""

    code = "amount-invalid"


@lru_cache(maxsize=1024)
def _exactly(text: str) -> Fraction:
    """Return a decimal's value; a log says the same few over and over."""
    return Fraction(Decimal(text))


@dataclass(frozen=True, order=True)
class _Amount:
    value: Fraction

    unit: ClassVar[str] = ""

    def __post_init__(self) -> None:
        # INVARIANT: exact and never negative, so that spend can only grow.
        if not isinstance(self.value, Fraction):
            raise TypeError(f"{type(self).__name__} needs a Fraction")
        # The numerator bears the sign: comparing two fractions takes ten times as long.
        if self.value.numerator < 0:
            raise AmountInvalid(f"{type(self).unit} can't be negative")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an exact decimal such as `0.5` or `1e-9`; raise `AmountInvalid` otherwise."""
        if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
            raise AmountInvalid(
                f"{cls.unit} must be an exact decimal in quotes",
                hint='Write it as "0.5" or "1e-9".',
            )
        return cls(_exactly(text))

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


class Number(_Amount):
    """A number of a training that decides what it costs: exact, and more than nothing."""

    unit = "this number"


Accounting = Literal["pure-dp", "zcdp"]
"""In what a dataset's loss is added up: epsilon, or rho; and delta beside either."""


@dataclass(frozen=True)
class Loss:
    """What a release costs, or a dataset may lose in all: epsilon or rho, and delta beside it.

    Each part adds up by itself: epsilon and delta by basic composition (Dwork and Roth 2014, 3.5),
    rho and delta as approximate zCDP (Bun and Steinke 2016, Lemma 8.2). Both are valid filters
    when later releases are chosen by what earlier ones said (Whitehouse et al. 2023).
    """

    epsilon: Epsilon | None
    delta: Delta
    rho: Rho | None = None

    def __post_init__(self) -> None:
        # INVARIANT: one currency a loss, so that two kinds of promises are never added up.
        if (self.epsilon is None) == (self.rho is None):
            raise TypeError("a loss is stated in epsilon or in rho, and not in both")

    @classmethod
    def zero(cls, accounting: Accounting = "pure-dp") -> "Loss":
        """Return nothing lost."""
        if accounting == "zcdp":
            return cls(None, Delta.zero(), Rho.zero())
        return cls(Epsilon.zero(), Delta.zero())

    @classmethod
    def of(cls, price: Epsilon | Rho, delta: Delta) -> "Loss":
        """Return the loss of a price in either currency."""
        if isinstance(price, Rho):
            return cls(None, delta, price)
        return cls(price, delta)

    @property
    def accounting(self) -> Accounting:
        """In what it is stated."""
        return "pure-dp" if self.rho is None else "zcdp"

    @property
    def main(self) -> Epsilon | Rho:
        """Its epsilon, or its rho."""
        part = self.epsilon if self.rho is None else self.rho
        assert part is not None
        return part

    def __add__(self, other: "Loss") -> "Loss":
        delta = self.delta + other.delta
        if self.epsilon is not None and other.epsilon is not None:
            return Loss(self.epsilon + other.epsilon, delta)
        if self.rho is not None and other.rho is not None:
            return Loss(None, delta, self.rho + other.rho)
        raise TypeError("epsilon and rho do not add up")

    def minus(self, other: "Loss") -> "Loss":
        """Return what is left, each part no less than zero; `TypeError` across currencies."""
        delta = self.delta.minus(other.delta)
        if self.epsilon is not None and other.epsilon is not None:
            return Loss(self.epsilon.minus(other.epsilon), delta)
        if self.rho is not None and other.rho is not None:
            return Loss(None, delta, self.rho.minus(other.rho))
        raise TypeError("epsilon and rho do not add up")

    def within(self, limit: "Loss") -> bool:
        """Say whether neither part exceeds the limit's; a loss in another currency never is."""
        if self.delta > limit.delta:
            return False
        if self.epsilon is not None and limit.epsilon is not None:
            return self.epsilon <= limit.epsilon
        if self.rho is not None and limit.rho is not None:
            return self.rho <= limit.rho
        return False

    def concentrated(self) -> Rho:
        """Return its rho; that of pure epsilon is epsilon^2 / 2 (Bun and Steinke, Prop. 1.4)."""
        if self.rho is not None:
            return self.rho
        assert self.epsilon is not None
        return Rho(self.epsilon.value**2 / 2)

    def texts(self) -> dict[str, str]:
        """Return its parts by name, as JSON writes them: exact decimals as text."""
        return {self.main.unit: str(self.main), "delta": str(self.delta)}

    def __str__(self) -> str:
        """Return it in words, such as `epsilon 0.5, delta 1e-9`."""
        return f"{self.main.unit} {self.main}, delta {self.delta}"
