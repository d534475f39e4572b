"""Rows -> cells in which one contributor counts for little, sealed.

Policy labels and keys only -> one row per (contributor, cell) (Linf = 1) -> at most K cells per
contributor (L0 = K) -> sealed, so that nothing can be relabelled or regrouped after the bound
(a bound on brands does not hold for their parents: opendp/opendp#2949).

Which K cells: the K smallest keyed BLAKE2b digests (RFC 7693, 128 bits, the run's key) of
(statistic, contributor, cell). A contributor's kept rows so depend on that contributor's rows
and the key alone: with somebody else's photos added or removed, they stay the same.

Two spellings of one account are two contributors here. Canonicalisation is the sources' job,
before the ids are keyed.
"""

from hashlib import blake2b
from typing import Any, NoReturn

import polars as pl

from engine.statistics.errors import Sealed, SightingsInvalid, StudyInvalid
from engine.statistics.interface import LABEL_DIMENSIONS, SIGHTING_SCHEMA, CountStatistic

KEY_BYTES = 32
"""Length of the run's key."""

_RANK = "_rank"
_SEAL = object()


class SealedCells:
    """Bounded cells of one statistic. Made by `bound` alone; all one can do is count them."""

    __slots__ = ("_cells", "_statistic")
    _cells: pl.DataFrame
    _statistic: CountStatistic

    def __init__(self, seal: object, cells: pl.DataFrame, statistic: CountStatistic) -> None:
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
    def statistic(self) -> CountStatistic:
        """What is counted."""
        return self._statistic

    def count(self) -> pl.DataFrame:
        """Return contributors per cell over the full public grid, in the grid's order.

        Columns: the statistic's dimensions (String), then `count` (Int64). Empty cells hold 0.
        """
        names = list(self._statistic.names)
        grid = pl.DataFrame(
            list(self._statistic.grid()), schema=dict.fromkeys(names, pl.String), orient="row"
        )
        counts = self._cells.group_by(names).agg(pl.len().cast(pl.Int64).alias("count"))
        # INVARIANT: rows and their order come from the grid; the data only fills numbers in.
        joined = grid.join(counts, on=names, how="left", maintain_order="left", validate="1:1")
        return joined.with_columns(pl.col("count").fill_null(0))


def bound(
    sightings: pl.DataFrame, statistic: CountStatistic, max_cells: int, key: bytes
) -> SealedCells:
    """Return the statistic's cells with at most `max_cells` per contributor.

    Rows without a contributor, with a label outside the catalogue or a key outside the policy
    vanish. Raises `SightingsInvalid` for another schema, `StudyInvalid` for a bound or key that
    can't be one.
    """
    return SealedCells(_SEAL, _keep(sightings, statistic, max_cells, key), statistic)


def _keep(
    sightings: pl.DataFrame, statistic: CountStatistic, max_cells: int, key: bytes
) -> pl.DataFrame:
    """Return the kept rows: `contributor` and the statistic's dimensions, in no order."""
    if not isinstance(sightings, pl.DataFrame) or sightings.schema != SIGHTING_SCHEMA:
        raise SightingsInvalid("the sightings' columns or types are not the schema's")
    if type(max_cells) is not int or max_cells < 1:
        raise StudyInvalid("max_cells is a whole number, 1 at least")
    if type(key) is not bytes or len(key) != KEY_BYTES:
        raise StudyInvalid(f"the run's key is {KEY_BYTES} bytes")
    names = list(statistic.names)
    once = (
        sightings.lazy()
        .filter(pl.col("contributor").str.len_bytes() > 0, pl.col("kind") == statistic.label.name)
        .select("contributor", *(pl.col(_column(name)).alias(name) for name in names))
        .filter(*(pl.col(d.name).is_in(list(d.keys)) for d in statistic.by))
        .unique()
        .collect()
    )
    touched = pl.len().over("contributor")
    # Only those above the bound are ranked; for the others every rank is below it.
    few, many = once.filter(touched <= max_cells), once.filter(touched > max_cells)
    return few.vstack(_rank(many, statistic, max_cells, key)) if many.height else few


def _rank(
    cells: pl.DataFrame, statistic: CountStatistic, max_cells: int, key: bytes
) -> pl.DataFrame:
    digests = _digests(key, statistic.id, cells)
    # The keys break the tie of two equal digests, so that even then no other row matters.
    order = ["contributor", _RANK, *statistic.names]
    return (
        cells.with_columns(digests.alias(_RANK))
        .sort(order)
        .group_by("contributor", maintain_order=True)
        .head(max_cells)
        .select(cells.columns)
    )


def _digests(key: bytes, statistic: str, cells: pl.DataFrame) -> pl.Series:
    """Return each row's keyed digest (Binary), over the statistic and the row's texts.

    Every text is written as a netstring without its comma (`5:hello`), so that none runs into
    the next.
    """
    parts = [
        part
        for name in cells.columns
        for part in (pl.col(name).str.len_bytes().cast(pl.String), pl.lit(":"), pl.col(name))
    ]
    messages = cells.select(pl.concat_str(parts)).to_series()
    keyed = blake2b(_netstring(statistic), digest_size=16, key=key, person=b"cl-bound-v1")

    def digest(message: str) -> bytes:
        hashed = keyed.copy()
        hashed.update(message.encode())
        return hashed.digest()

    return pl.Series([digest(message) for message in messages], dtype=pl.Binary)


def _netstring(text: str) -> bytes:
    encoded = text.encode()
    return b"%d:%b" % (len(encoded), encoded)


def _column(name: str) -> str:
    return "label" if name in LABEL_DIMENSIONS else name
