"""From sightings to the cells that each contributor touches: one number a cell, lazily.

A cell's number is its place in the grid's full product, so that a row is a contributor, two whole
numbers and nothing else; labels outside the catalogue and keys outside the policy have no number,
and vanish here. Each contributor's rows are made from that contributor's sightings alone.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl

from engine.statistics.dimensions import KIND_OF, PERIODS, WITH_KIND_OF, Dimension
from engine.statistics.interface import Statistic
from engine.statistics.measures import Photos
from engine.statistics.sightings import PHOTO_KIND
from policies.periods import days_of

CONTRIBUTOR: Final = "contributor"
CELL: Final = "cell"
"""Place in the product of the dimensions' keys, in the statistic's own order (UInt32)."""
AMOUNT: Final = "amount"
"""What the contributor adds to it (Int64): 1, or up to the measure's clip."""

_EPOCH: Final = date(1970, 1, 1)
_OTHER: Final = "_other"


def touched(sightings: pl.LazyFrame, statistic: Statistic) -> pl.LazyFrame:
    """Return one row for each contributor and cell: `contributor`, `cell` and `amount`.

    `sightings` are rows of `SIGHTING_SCHEMA` (`Parts` sees to that).
    """
    rows = sightings.filter(pl.col(CONTRIBUTOR).str.len_bytes() > 0)
    second = statistic.second
    shown = _met(rows, statistic, second) if second is not None else _shown(rows, statistic)
    if isinstance(statistic.measure, Photos):
        photos = pl.col("photo").n_unique().cast(pl.Int64)
        # INVARIANT: clipped a contributor and cell, before anybody else's is added.
        amount = photos.clip(upper_bound=statistic.measure.clip).alias(AMOUNT)
        return shown.group_by(CONTRIBUTOR, CELL).agg(amount)
    once = shown.select(CONTRIBUTOR, CELL).unique()
    return once.with_columns(pl.lit(1, pl.Int64).alias(AMOUNT))


def _shown(rows: pl.LazyFrame, statistic: Statistic) -> pl.LazyFrame:
    labelled = statistic.labelled
    kind = PHOTO_KIND if labelled is None else KIND_OF[labelled.name]
    of_kind = rows.filter(pl.col("kind") == kind)
    return _numbered(of_kind.select(CONTRIBUTOR, "photo", _cell(statistic.by).alias(CELL)))


def _met(rows: pl.LazyFrame, statistic: Statistic, second: Dimension) -> pl.LazyFrame:
    """Return the cells of pairs: two labels of one photo of one contributor."""
    # The second label's stride is added after the join; until then it counts as its first key.
    first = tuple(d for d in statistic.by if d is not second)
    ones = _numbered(
        rows.filter(pl.col("kind") == KIND_OF[statistic.label.name]).select(
            CONTRIBUTOR,
            "photo",
            _cell(statistic.by, only=first).alias(CELL),
            _number(statistic.label).alias("_one"),
        )
    )
    others = rows.filter(pl.col("kind") == WITH_KIND_OF[second.name]).select(
        CONTRIBUTOR, "photo", _number(second).alias(_OTHER)
    )
    pairs = ones.join(others.filter(pl.col(_OTHER).is_not_null()), on=[CONTRIBUTOR, "photo"])
    if {statistic.label.name, second.name} == {"brand", "with_brand"}:
        pairs = pairs.filter(pl.col("_one") < pl.col(_OTHER))
    cell = pl.col(CELL) + pl.col(_OTHER) * _stride(statistic.by, second)
    return pairs.select(CONTRIBUTOR, "photo", cell.alias(CELL))


def _numbered(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.filter(pl.col(CELL).is_not_null())


def _cell(by: tuple[Dimension, ...], only: tuple[Dimension, ...] | None = None) -> pl.Expr:
    """Return the cell's number, null where any key is none of the policy's."""
    number = pl.lit(0, pl.UInt32)
    for dimension in by if only is None else only:
        number = number + _number(dimension) * _stride(by, dimension)
    return number


def _stride(by: tuple[Dimension, ...], of: Dimension) -> int:
    stride = 1
    for dimension in by[by.index(of) + 1 :]:
        stride *= len(dimension.keys)
    return stride


def _number(dimension: Dimension) -> pl.Expr:
    """Return the place of the row's key among the dimension's keys in order, or null."""
    places: dict[str, int] = {key: place for place, key in enumerate(dimension.in_order)}
    if dimension.name in PERIODS:
        return _period(dimension)
    if dimension.name in KIND_OF or dimension.name in WITH_KIND_OF:
        key = pl.col("label")
    else:
        key = pl.col(dimension.name)
    if dimension.of:
        places = {brand: places[key] for brand, key in dimension.of}
    if dimension.of:
        return _replaced(key, places)
    # A category of its own for each key takes a quarter of the memory of a table of texts.
    return key.cast(pl.Enum(dimension.in_order), strict=False).to_physical().cast(pl.UInt32)


def _period(dimension: Dimension) -> pl.Expr:
    """Return the place of the day's period, null for a day in none of them."""
    spans = [days_of(dimension.name, key) for key in dimension.in_order]
    apart = any((b[0] - a[1]).days != 1 for a, b in pairwise(spans))
    day = pl.col("day")
    if apart:
        days = {
            first + timedelta(days=number): place
            for place, (first, last) in enumerate(spans)
            for number in range((last - first).days + 1)
        }
        return _replaced(day, days)
    # Periods without a gap can be counted off.
    first, last = spans[0][0], spans[-1][1]
    if dimension.name == "month":
        months = day.dt.year().cast(pl.Int32) * 12 + day.dt.month().cast(pl.Int32)
        place = months - (first.year * 12 + first.month)
    else:
        length = (spans[0][1] - first).days + 1
        place = (day.to_physical() - (first - _EPOCH).days) // length
    return pl.when(day.is_between(first, last)).then(place.cast(pl.UInt32, strict=False))


def _replaced(column: pl.Expr, places: Mapping[Any, int]) -> pl.Expr:
    return column.replace_strict(
        list(places), list(places.values()), default=None, return_dtype=pl.UInt32
    )
