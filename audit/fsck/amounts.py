"""Exact decimals once more: fractions from text, and the one spelling that each has."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

_SPELLING = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,40}))?(?:e-([1-9][0-9]?))?")
_MOST_DIGITS = 36
_PLAIN_DOWN_TO = -5
"""Below 10^-5 an amount is written with an exponent."""


def exact(text: object) -> Fraction | None:
    """Return the amount that the text spells, None where it is not the spelling of any."""
    return _exact(text) if isinstance(text, str) and len(text) <= 60 else None


@lru_cache(maxsize=1024)
def _exact(text: str) -> Fraction | None:
    # A log says the same few amounts over and over.
    match = _SPELLING.fullmatch(text)
    if match is None:
        return None
    whole, part, power = match[1], match[2] or "", int(match[3] or 0)
    value = Fraction(int(whole + part), 10 ** (len(part) + power))
    return value if _spelled(whole + part, -len(part) - power) == text else None


def _spelled(digits: str, power: int) -> str | None:
    kept = digits.lstrip("0").rstrip("0")
    if not kept:
        return "0"
    power += len(digits) - len(digits.rstrip("0"))
    if len(kept) > _MOST_DIGITS:
        return None
    first = power + len(kept) - 1
    if first >= _PLAIN_DOWN_TO:
        return format(Decimal(f"{kept}e{power}"), "f")
    return f"{kept[0]}{'.' + kept[1:] if len(kept) > 1 else ''}e{first}"
