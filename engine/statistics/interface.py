"""What is counted, and over which public keys.

Everything here comes from a policy. Nothing here is ever taken from the data, so a study can be
shown, priced and planned before a photo is read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

import polars as pl

from engine.statistics.errors import StudyInvalid
from policies.amounts import Epsilon
from policies.periods import monday

SIGHTING_SCHEMA = pl.Schema(
    {
        "contributor": pl.String,
        "kind": pl.String,
        "label": pl.String,
        "week": pl.String,
        "region": pl.String,
        "platform": pl.String,
    }
)
"""One row a sighting. `contributor` is opaque: canonicalised and keyed before it gets here.
`week` is an ISO week such as `2026-W23`; `region` and `platform` may be null."""

LABEL_DIMENSIONS = ("brand", "scene", "object", "interest")
"""Dimensions whose key is a sighting's `label`, where its `kind` is the dimension's name."""
COLUMN_DIMENSIONS = ("week", "region", "platform")
"""Dimensions whose key stands in the sightings' column of the same name."""
DIMENSIONS = LABEL_DIMENSIONS + COLUMN_DIMENSIONS
"""Every dimension that can be named, in the order of the table's columns."""

MAX_GRID = 1_000_000
"""Cells of one statistic, at most: every one of them gets its own noise."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True)
class Dimension:
    """One public axis: its name and every key that may be reported."""

    name: str
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.name not in DIMENSIONS:
            raise StudyInvalid(
                "a dimension that can't be counted", hint=f"Use one of {', '.join(DIMENSIONS)}."
            )
        if not self.keys or len(set(self.keys)) != len(self.keys):
            raise StudyInvalid(f"the keys of {self.name} must be distinct, and one at least")
        if not all(isinstance(key, str) and _PRINTABLE.fullmatch(key) for key in self.keys):
            raise StudyInvalid(f"a key of {self.name} is empty, too long or not printable")
        if self.name == "week":
            try:
                for key in self.keys:
                    monday(key)
            except ValueError:
                raise StudyInvalid("a key of week is not an ISO week such as 2026-W23") from None


@dataclass(frozen=True)
class CountStatistic:
    """How many contributors show a label, per cell.

    Exactly one of its dimensions is a label dimension (brand, scene, object or interest): a
    sighting holds one label, so two of them would never meet in a row.
    """

    id: str
    by: tuple[Dimension, ...]
    epsilon: Epsilon

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise StudyInvalid("a statistic's id is lower case letters, digits and _")
        names = [dimension.name for dimension in self.by]
        if len(set(names)) != len(names):
            raise StudyInvalid(f"{self.id} names a dimension twice")
        if len([name for name in names if name in LABEL_DIMENSIONS]) != 1:
            raise StudyInvalid(f"{self.id} needs exactly one of {', '.join(LABEL_DIMENSIONS)}")
        if self.cells > MAX_GRID:
            raise StudyInvalid(f"{self.id} has more than {MAX_GRID} cells")
        # INVARIANT: an epsilon that can be written down exactly, so that the record is the cost.
        if self.epsilon == Epsilon.zero() or Epsilon.parse(str(self.epsilon)) != self.epsilon:
            raise StudyInvalid(f"the epsilon of {self.id} must be a decimal above zero")

    @property
    def cells(self) -> int:
        """The size of its full public grid."""
        return prod(len(dimension.keys) for dimension in self.by)

    @property
    def label(self) -> Dimension:
        """Its one label dimension."""
        return next(d for d in self.by if d.name in LABEL_DIMENSIONS)

    @property
    def names(self) -> tuple[str, ...]:
        """Its dimensions' names, in its own order."""
        return tuple(dimension.name for dimension in self.by)

    def grid(self) -> Iterator[tuple[str, ...]]:
        """Yield every cell, keys sorted by code point within the dimensions' own order."""
        return product(*(sorted(dimension.keys) for dimension in self.by))


@dataclass(frozen=True)
class Study:
    """The statistics of one release, and K, the contribution bound.

    In each statistic a contributor touches at most `max_cells` cells (L0), and counts for at most
    1 in each (Linf).
    """

    statistics: tuple[CountStatistic, ...]
    max_cells: int

    def __post_init__(self) -> None:
        ids = [statistic.id for statistic in self.statistics]
        if not ids or len(set(ids)) != len(ids):
            raise StudyInvalid("a study needs statistics, each with an id of its own")
        if type(self.max_cells) is not int or self.max_cells < 1:
            raise StudyInvalid("max_cells is a whole number, 1 at least")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of every dimension in use, in the order of the table's columns."""
        used = {name for statistic in self.statistics for name in statistic.names}
        return tuple(name for name in DIMENSIONS if name in used)

    def in_order(self) -> tuple[CountStatistic, ...]:
        """Return the statistics sorted by id: the order of the table's rows."""
        return tuple(sorted(self.statistics, key=lambda statistic: statistic.id))

    def sensitivity(self, statistic: CountStatistic) -> int:
        """Return the L1 sensitivity: K, or the grid's size where that is smaller."""
        return min(self.max_cells, statistic.cells)
