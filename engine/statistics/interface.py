"""What is measured, over which public keys, and at what price.

Everything here comes from a policy. Nothing here is ever taken from the data, so a study can be
shown, priced and planned before a photo is read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.statistics.dimensions import DIMENSIONS, KIND_OF, PERIODS, WITH_KIND_OF, Dimension
from engine.statistics.errors import StudyInvalid
from engine.statistics.found import DIMENSION as FOUND
from engine.statistics.found import FoundLabels
from engine.statistics.measures import (
    NAMES,
    Contributors,
    Measure,
    Photos,
    RunningTotal,
    Together,
    Top,
)
from engine.statistics.running.strategy import Strategy
from engine.statistics.sensitivity import Sensitivity
from engine.statistics.totalling import strategy_for
from policies.amounts import Accounting, Epsilon, Rho

MAX_GRID = 1_000_000
"""Cells of one statistic, at most: every one of them gets its own noise."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")

Mechanism = Literal["geometric", "discrete-laplace", "discrete-gaussian"]
"""Laws of noise that a policy can name."""
Price = Epsilon | Rho
"""What one statistic costs, in the study's currency."""


@dataclass(frozen=True)
class Statistic:
    """One table of a release.

    A sighting holds one label, so at most one of its dimensions is a label dimension; two labels
    of one photo meet in a `Together`, whose second dimension is a `with_` one.
    """

    id: str
    by: tuple[Dimension, ...]
    price: Price
    measure: Measure = field(default_factory=Contributors)
    max_cells: int | None = None
    """K for this statistic alone; None takes the study's."""
    mechanism: Mechanism | None = None
    """None takes the one with the least spread."""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise StudyInvalid("a statistic's id is lower case letters, digits and _")
        names = [dimension.name for dimension in self.by]
        if len(set(names)) != len(names):
            raise StudyInvalid(f"{self.id} names a dimension twice")
        labels, seconds = (len([n for n in names if n in kinds]) for kinds in _LABELS)
        periods = len([name for name in names if name in PERIODS])
        if periods > 1:
            raise StudyInvalid(f"{self.id} is by two kinds of periods")
        if isinstance(self.measure, Together) != (seconds == 1) or seconds > 1:
            raise StudyInvalid(f"{self.id} needs one with_ dimension exactly where two labels meet")
        if labels > 1 or (labels == 0 and not isinstance(self.measure, (Contributors, Photos))):
            raise StudyInvalid(f"{self.id} needs exactly one of {', '.join(KIND_OF)}")
        if isinstance(self.measure, RunningTotal) and periods != 1:
            raise StudyInvalid(f"{self.id} is a running total, and needs a period to run over")
        if isinstance(self.measure, Top) and self.measure.k > len(self.label.keys):
            raise StudyInvalid(f"{self.id} asks for more labels than there are")
        if self.product > MAX_GRID:
            raise StudyInvalid(f"{self.id} has more than {MAX_GRID} cells")
        if self._is_symmetric and self._keys("brand") != self._keys("with_brand"):
            raise StudyInvalid(f"{self.id} pairs brands, and needs the same brands on both sides")
        if self.cells == 0:
            raise StudyInvalid(f"{self.id} pairs one brand with itself")
        if self.max_cells is not None:
            _require_bound(self.max_cells)
        # INVARIANT: a price that can be written down exactly, so that the record is the cost.
        kind = type(self.price)
        if self.price == kind.zero() or kind.parse(str(self.price)) != self.price:
            raise StudyInvalid(f"the {kind.unit} of {self.id} must be a decimal above zero")

    @property
    def cells(self) -> int:
        """The size of its full public grid."""
        return len(self.places()) if self._is_symmetric else self.product

    @property
    def label(self) -> Dimension:
        """Its one label dimension; raises `StudyInvalid` where it has none."""
        found = self.labelled
        if found is None:
            raise StudyInvalid(f"{self.id} is by no label")
        return found

    @property
    def labelled(self) -> Dimension | None:
        """Its label dimension, if it has one."""
        return next((d for d in self.by if d.name in KIND_OF), None)

    @property
    def second(self) -> Dimension | None:
        """The dimension of the second label, where two meet."""
        return next((d for d in self.by if d.name in WITH_KIND_OF), None)

    @property
    def period(self) -> Dimension | None:
        """Its period dimension, if it has one."""
        return next((d for d in self.by if d.name in PERIODS), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Its dimensions' names, in its own order."""
        return tuple(dimension.name for dimension in self.by)

    @property
    def measured(self) -> str:
        """What it measures, as policies call it."""
        return NAMES[type(self.measure)]

    def grid(self) -> Iterator[tuple[str, ...]]:
        """Yield every cell, keys sorted by code point within the dimensions' own order.

        Where a brand meets a brand, each pair stands once, its keys in order.
        """
        cells = product(*(dimension.in_order for dimension in self.by))
        if not self._is_symmetric:
            yield from cells
            return
        first, second = self.names.index("brand"), self.names.index("with_brand")
        yield from (cell for cell in cells if cell[first] < cell[second])

    @property
    def product(self) -> int:
        """The number of all combinations of its keys, pairs that are no cell among them."""
        return prod(len(dimension.keys) for dimension in self.by)

    def places(self) -> NDArray[np.int64]:
        """Return where among all combinations each cell of the grid stands, in its order."""
        every = np.arange(self.product)
        if not self._is_symmetric:
            return every
        shape = [len(dimension.keys) for dimension in self.by]
        at = np.unravel_index(every, shape)
        return every[at[self.names.index("brand")] < at[self.names.index("with_brand")]]

    @property
    def units(self) -> int:
        """How many there are of what K bounds: cells; or series of a total, or lists of a top."""
        if isinstance(self.measure, RunningTotal):
            assert self.period is not None
            return self.product // len(self.period.keys)
        if isinstance(self.measure, Top):
            return self.product // len(self.label.keys)
        return self.cells

    @property
    def _is_symmetric(self) -> bool:
        return {"brand", "with_brand"} <= set(self.names)

    def _keys(self, name: str) -> tuple[str, ...]:
        return next(d.in_order for d in self.by if d.name == name)


_LABELS = (frozenset(KIND_OF), frozenset(WITH_KIND_OF))


@dataclass(frozen=True)
class Study:
    """The statistics of one release, and the bounds on what one person can be in them.

    In each statistic a contributor touches at most K cells (`max_cells`, L0), and counts for at
    most 1 in each, or the measure's clip (Linf).
    """

    statistics: tuple[Statistic, ...]
    max_cells: int
    accounts: int = 1
    """Accounts that one person has, at most: the guarantee is made for all of them together."""
    joined: bool = False
    """Whether accounts were joined into persons before they were counted."""
    found: tuple[FoundLabels, ...] = ()
    """Tables of labels that are in no catalogue: none unless the policy asks."""

    def __post_init__(self) -> None:
        ids = [s.id for s in self.statistics] + [found.id for found in self.found]
        if not self.statistics or len(set(ids)) != len(ids):
            raise StudyInvalid("a study needs statistics, each with an id of its own")
        prices = [s.price for s in self.statistics] + [found.price for found in self.found]
        if len({type(price) for price in prices}) != 1:
            raise StudyInvalid("a study's statistics are all priced in epsilon, or all in rho")
        _require_bound(self.max_cells)
        if type(self.accounts) is not int or not 1 <= self.accounts <= 100:
            raise StudyInvalid("accounts is a whole number from 1 to 100")

    @property
    def accounting(self) -> Accounting:
        """In what the study's loss is added up."""
        return "pure-dp" if isinstance(self.statistics[0].price, Epsilon) else "zcdp"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of every dimension in use, in the order of the table's columns."""
        used = {name for statistic in self.statistics for name in statistic.names}
        named = tuple(name for name in DIMENSIONS if name in used)
        return (*named, FOUND) if self.found else named

    def in_order(self) -> tuple[Statistic, ...]:
        """Return the statistics sorted by id: the order of the table's rows."""
        return tuple(sorted(self.statistics, key=lambda statistic: statistic.id))

    def bound(self, statistic: Statistic) -> int:
        """Return K: the cells, series or lists that one contributor touches, at most."""
        bound = self.max_cells if statistic.max_cells is None else statistic.max_cells
        return min(bound, statistic.units)

    def sensitivity(self, statistic: Statistic) -> Sensitivity:
        """Return how far one person moves the statistic's cells before noise.

        Of a running total: how far the sums of periods move that noise is added to.
        """
        if isinstance(statistic.measure, RunningTotal):
            times = statistic.measure.participations
            moved = strategy_of(statistic).sensitivity(times, self.bound(statistic))
            return moved.times(self.accounts)
        clip = statistic.measure.clip if isinstance(statistic.measure, Photos) else 1
        return Sensitivity.of(self.bound(statistic), clip).times(self.accounts)


def strategy_of(statistic: Statistic) -> Strategy:
    """Return which sums of periods of a running total get noise."""
    assert isinstance(statistic.measure, RunningTotal)
    assert statistic.period is not None
    measure, pure = statistic.measure, isinstance(statistic.price, Epsilon)
    horizon = len(statistic.period.keys)
    return strategy_for(measure.strategy, horizon, measure.participations, pure)


def _require_bound(max_cells: int) -> None:
    if type(max_cells) is not int or max_cells < 1:
        raise StudyInvalid("max_cells is a whole number, 1 at least")
