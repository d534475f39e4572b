"""Exact bounds on how two noisy numbers divide what they are together: n / (n + m).

A share of voice is such a part, and a mean is its odds n / m. Bounds come from inverting a test,
as Fieller (1954) did for normal errors, with the released laws in their place: a part s is
possible as long as (1 - s) n - s m, which would be noise alone, is not out of that noise's range.
"""

from typing import Final

import numpy as np
import polars as pl

from engine.insight.laws import Bools, Floats, Ints, Law

_STEPS: Final = 26
"""Bisections: bounds are exact to 2e-8, and rounded outwards."""
_NODES: Final = 96
_ROWS: Final = 2048


def part_bounds(
    first: Ints, first_law: Law, second: Ints, second_law: Law, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the lowest and highest possible n / (n + m), each between 0 and 1.

    `first` and `second` are noisy n and m, row by row, with independent noise. Of all rows with
    n, m >= 0 and n + m > 0, a share of `level` has n / (n + m) within its bounds.
    """
    risk = (1 - level) / 2
    # Many rows are alike, and each is worked out once.
    (first, second), row = np.unique(np.stack([first, second]), axis=1, return_inverse=True)
    low = _lowest(first, first_law, second, second_law, risk)
    high = 1 - _lowest(second, second_law, first, first_law, risk)
    return low[row], high[row]


def ratio_bounds(
    first: Ints, first_law: Law, second: Ints, second_law: Law, level: float = 0.95
) -> tuple[Floats, Floats, Bools]:
    """Return the lowest and highest possible n / m, and where they are known.

    They are not where m can't be told from 0, or the ratio has no upper bound. Of all rows with
    m > 0, a share of `level` is not known or has n / m within its bounds.
    """
    low, high = part_bounds(first, first_law, second, second_law, level)
    known = (second > second_law.half_width(level)) & (high < 1)
    # A ratio is the odds of its part.
    return low / np.where(known, 1 - low, 1), high / np.where(known, 1 - high, 1), known


def ratio_columns(
    first: Ints, first_law: Law, second: Ints, second_law: Law, names: tuple[str, str, str]
) -> list[pl.Series]:
    """Return n / m and its 95 % bounds, null where they are not known, and a column `known`."""
    low, high, known = ratio_bounds(first, first_law, second, second_law)
    ratio = np.clip(first / np.where(known, second, 1), low, high)
    return known_only(known, dict(zip(names, (ratio, low, high), strict=True)))


def known_only(known: Bools, columns: dict[str, Floats]) -> list[pl.Series]:
    """Return the columns with nulls where nothing is known, and a last one, `known`."""
    blanked = [
        pl.Series(name, np.where(known, numbers, np.nan), pl.Float64).fill_nan(None)
        for name, numbers in columns.items()
    ]
    return [*blanked, pl.Series("known", known, pl.Boolean)]


def _lowest(first: Ints, first_law: Law, second: Ints, second_law: Law, risk: float) -> Floats:
    rows = range(0, len(first), _ROWS)
    parts = [
        _lowest_rows(
            first[row : row + _ROWS], first_law, second[row : row + _ROWS], second_law, risk
        )
        for row in rows
    ]
    return np.concatenate([*parts, np.empty(0)])


def _lowest_rows(first: Ints, first_law: Law, second: Ints, second_law: Law, risk: float) -> Floats:
    # A true m is 0 at least. To take a noisy one below 0 for 0 can only lower the bound.
    n, m = first.astype(np.float64), np.maximum(second, 0).astype(np.float64)
    points, masses = first_law.nodes(_NODES)
    points = points * first_law.step

    def chance(part: Floats) -> Floats:
        """P((1 - s) X - s Y >= (1 - s) n - s m), X and Y the noise of n and m."""
        s = part[:, None]
        room = ((1 - s) * (points[None, :] - n[:, None]) + s * m[:, None]) / s
        within: Floats = second_law.at_most(room / second_law.step) @ masses
        return within

    low, high = np.zeros(len(n)), np.ones(len(n))
    # INVARIANT: `low` stays impossible or 0, `high` possible: at s = 1, P(Y <= m) is 1/2 or more.
    for _ in range(_STEPS):
        middle = (low + high) / 2
        possible = chance(middle) > risk
        low, high = np.where(possible, low, middle), np.where(possible, middle, high)
    return low
