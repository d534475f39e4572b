"""Cells -> cells in which one contributor counts for little, sealed.

One row per contributor and cell (`cells.touched`; the amount clipped, Linf) -> at most K cells per
contributor (L0) -> sealed, so that nothing can be relabelled or regrouped after the bound (a bound
on brands does not hold for their parents: opendp/opendp#2949).

Which K cells: the K smallest of a hash of (contributor, cell) under a seed that follows from the
run's secret key and the statistic's id (BLAKE2b, RFC 7693). The hash is Polars' own, and
need be no pseudo-random function: the guarantee asks only that a contributor's kept rows follow
from that contributor's rows and the key, and with somebody else's photos added or removed they
stay the same. The key is fresh for each run, and no hash outlives it.

Two spellings of one account are two contributors here. Canonicalisation is the sources' job,
before the ids are keyed.
"""

from hashlib import blake2b
from typing import Any, Final, NoReturn

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.statistics.cells import AMOUNT, CELL, CONTRIBUTOR, touched
from engine.statistics.errors import Sealed, StudyInvalid
from engine.statistics.interface import Statistic
from engine.statistics.measures import RunningTotal, Top
from engine.statistics.parts import Parts, Sightings

KEY_BYTES: Final = 32
"""Length of the run's key."""

_NUMBERS: Final = 1 << 20
"""More than there are cells of a statistic (`MAX_GRID`)."""
_RANK = "_rank"
_GROUP = "_group"
_SEAL = object()


class SealedCells:
    """Bounded cells of one statistic. Made by `bound` alone; all one can do is count them."""

    __slots__ = ("_cells", "_statistic")
    _cells: tuple[pl.LazyFrame, ...]
    _statistic: Statistic

    def __init__(self, seal: object, cells: tuple[pl.LazyFrame, ...], statistic: Statistic) -> None:
        if seal is not _SEAL:
            raise Sealed("bounded cells are made by bound() alone")
        object.__setattr__(self, "_cells", cells)
        object.__setattr__(self, "_statistic", statistic)

    def __init_subclass__(cls, **_: Any) -> NoReturn:
        raise Sealed("bounded cells can't be derived from")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise Sealed("bounded cells can't be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise Sealed("bounded cells can't be changed")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise Sealed("bounded cells can't be copied or pickled")

    def __repr__(self) -> str:
        """Name the statistic; no row and no number of rows."""
        return f"<sealed cells of {self._statistic.id}>"

    @property
    def statistic(self) -> Statistic:
        """What is counted."""
        return self._statistic

    def count(self) -> NDArray[np.int64]:
        """Return the sum of each cell of the full public grid, in the grid's order; zeros too."""
        return count_all((self,))[0]


def count_all(sealed: tuple[SealedCells, ...]) -> tuple[NDArray[np.int64], ...]:
    """Return the counts of several statistics of one study, which share what they read.

    Their parts are those of the same sightings, and are worked on one after the other.
    """
    # INVARIANT: rows and their order come from the grid; the data only fills numbers in.
    every = [np.zeros(cells.statistic.product, np.int64) for cells in sealed]
    for part in zip(*(cells._cells for cells in sealed), strict=True):
        sums = [cells.group_by(CELL).agg(pl.col(AMOUNT).cast(pl.Int64).sum()) for cells in part]
        for counts, found in zip(every, pl.collect_all(sums, engine="streaming"), strict=True):
            counts[found[CELL].to_numpy()] += found[AMOUNT].to_numpy()
    return tuple(
        counts[cells.statistic.places()] for counts, cells in zip(every, sealed, strict=True)
    )


def bound(sightings: Sightings, statistic: Statistic, max_cells: int, key: bytes) -> SealedCells:
    """Return the statistic's cells with at most `max_cells` per contributor.

    Nothing is read before the cells are counted. Rows without a contributor, with a label outside
    the catalogue or a key outside the policy vanish. Raises `SightingsInvalid` for another schema,
    `StudyInvalid` for a bound or key that can't be one.
    """
    if type(max_cells) is not int or max_cells < 1:
        raise StudyInvalid("max_cells is a whole number, 1 at least")
    if type(key) is not bytes or len(key) != KEY_BYTES:
        raise StudyInvalid(f"the run's key is {KEY_BYTES} bytes")
    seed = rank_seed(key, statistic.id)
    kept = tuple(
        _keep(touched(part, statistic), statistic, max_cells, seed) for part in Parts.of(sightings)
    )
    return SealedCells(_SEAL, kept, statistic)


def _keep(cells: pl.LazyFrame, statistic: Statistic, most: int, seed: int) -> pl.LazyFrame:
    """Return the kept rows of `cells`."""
    if isinstance(statistic.measure, RunningTotal):
        return _keep_series(cells, statistic, statistic.measure.participations, most, seed)
    if isinstance(statistic.measure, Top):
        return _keep_groups(cells, _group_of(statistic, statistic.label.name), most, seed)
    if most >= statistic.cells:
        return cells
    order = _order(CELL, seed)
    return cells.filter(order.rank("ordinal").over(CONTRIBUTOR) <= most)


def _keep_series(
    cells: pl.LazyFrame, statistic: Statistic, participations: int, most: int, seed: int
) -> pl.LazyFrame:
    """Keep `most` series of a contributor, and of each the first periods."""
    period = statistic.period
    assert period is not None
    series = _group_of(statistic, period.name)
    # Cells of one series are numbered by their period, and so are in its order.
    early = pl.col(CELL).rank("ordinal").over(CONTRIBUTOR, _GROUP) <= participations
    kept = cells.with_columns(series.alias(_GROUP)).filter(early).drop(_GROUP)
    return _keep_groups(kept, series, most, seed)


def _keep_groups(cells: pl.LazyFrame, group: pl.Expr, most: int, seed: int) -> pl.LazyFrame:
    """Keep the cells of `most` groups of a contributor."""
    return (
        cells.with_columns(group.alias(_GROUP))
        .with_columns(_order(_GROUP, seed).alias(_RANK))
        .filter(pl.col(_RANK).rank("dense").over(CONTRIBUTOR) <= most)
        .drop(_GROUP, _RANK)
    )


def _order(number: str, seed: int) -> pl.Expr:
    """Return what a contributor's cells, or groups of them, are ranked by: no two are equal.

    The hash's upper bits come first, and the number itself breaks their ties.
    """
    hashed = pl.struct(CONTRIBUTOR, number).hash(seed)
    # INVARIANT: without ties nothing depends on the order of rows, in which others' rows are too.
    return (hashed // _NUMBERS) * _NUMBERS + pl.col(number)


def _group_of(statistic: Statistic, without: str) -> pl.Expr:
    """Return a number that cells share where they differ in one dimension alone."""
    stride = 1
    for dimension in reversed(statistic.by):
        if dimension.name == without:
            width = stride * len(dimension.keys)
            return (pl.col(CELL) // width) * stride + pl.col(CELL) % stride
        stride *= len(dimension.keys)
    raise StudyInvalid(f"{statistic.id} is not by {without}")


def rank_seed(key: bytes, statistic: str) -> int:
    """Return the seed of one statistic's ranks, 64 bits that follow from the run's secret key."""
    digest = blake2b(statistic.encode(), digest_size=8, key=key, person=b"cl-bound-v2")
    return int.from_bytes(digest.digest(), "big")
