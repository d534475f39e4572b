"""From coordinates to a country, at the door: the one thing of a place that may go further.

The table has one byte for each tenth of a degree (`engine.training.build_countries`): the country
that alone reaches into that cell. Near a border, where borders are contested, and at sea there is
none: unknown rather than wrong. Nothing finer than a country can come out.
"""

import lzma
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final, NewType

Country = NewType("Country", str)
"""A code of two letters (ISO 3166-1 alpha-2) that the policy names. `Countries` alone makes one."""

FILE: Final = Path(__file__).with_name("countries.xz")
STEPS: Final = 10
"""Cells a degree."""
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(\.\d{1,30})?", re.ASCII)


class Countries:
    """The countries that a policy names, and no others."""

    def __init__(self, wanted: Collection[str]) -> None:
        """Take the codes that may be told; coordinates anywhere else are nowhere."""
        self._wanted = frozenset(wanted)

    def of(self, latitude: object, longitude: object) -> Country | None:
        """Return the country of coordinates in degrees (WGS 84), written as numbers or as text.

        None for any other country, for the sea, near a border, and for what is no coordinates.
        """
        y, x = _degrees(latitude, 90), _degrees(longitude, 180)
        if y is None or x is None:
            return None
        codes, cells = _table()
        row = min(int((90 - y) * STEPS), 180 * STEPS - 1)
        column = int((x + 180) * STEPS) % (360 * STEPS)
        number = cells[row * 360 * STEPS + column]
        code = codes[number - 1] if number else None
        return Country(code) if code in self._wanted and code is not None else None


def told() -> tuple[str, ...]:
    """Return every code that can come out."""
    return _table()[0]


@cache
def _table() -> tuple[tuple[str, ...], bytes]:
    head, cells = lzma.decompress(FILE.read_bytes()).split(b"\n", 1)
    return tuple(head.decode("ascii").split()), cells


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(stripped := value.strip()):
        value = float(stripped)
    if type(value) not in (int, float):
        return None
    assert isinstance(value, int | float)
    # Whatever is no number, such as NaN, lies between no two.
    return float(value) if -most <= value <= most else None
