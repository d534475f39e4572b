"""How many photos a contributor shows on average: two released counts divided."""

from typing import Final

import polars as pl

from engine.insight.balance import ratio_columns
from engine.insight.errors import NotReleased
from engine.insight.released import Released, stacked
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos

NUMBERS: Final = pl.Schema(
    {
        "photos": pl.Int64,
        "contributors": pl.Int64,
        "mean": pl.Float64,
        "low95": pl.Float64,
        "high95": pl.Float64,
        "known": pl.Boolean,
    }
)
"""Columns after the keys; `statistic` is that of the photos. `mean`, in photos per contributor,
and its bounds are null where `known` is false: the contributors can't be told from 0."""


def means(released: Released, photos: Statistic, contributors: Statistic) -> pl.DataFrame:
    """Return photos per contributor, for each cell that both statistics have.

    Of the cells that somebody shows, each mean is either not known or within its bounds with
    95 %; of those that nobody shows, a mean is called known in at most 2.5 %.

    Raises `NotReleased` where the two don't count photos and contributors by the same dimensions.
    """
    same = set(photos.names) == set(contributors.names)
    measures = isinstance(photos.measure, Photos), isinstance(contributors.measure, Contributors)
    if not same or measures != (True, True):
        raise NotReleased("a mean needs photos and contributors by the same dimensions")
    dimensions = list(photos.names)
    counted = released.rows(contributors).select(*dimensions, contributors="value")
    rows = released.rows(photos).rename({"value": "photos"}).drop("low95", "high95")
    rows = rows.join(counted, on=dimensions) if dimensions else rows.hstack(counted)
    columns = ratio_columns(
        rows["photos"].to_numpy(),
        released.law(photos),
        rows["contributors"].to_numpy(),
        released.law(contributors),
        ("mean", "low95", "high95"),
    )
    rows = rows.with_columns(columns)
    return stacked([rows], pl.Schema({**released.keys, **NUMBERS})).sort(*released.keys)


def pairs_for_means(released: Released) -> list[tuple[Statistic, Statistic]]:
    """Return each statistic of photos with the first of contributors by the same dimensions."""
    return [
        (photos, contributors)
        for photos in released.with_measure(Photos)
        for contributors in [
            c for c in released.with_measure(Contributors) if set(c.names) == set(photos.names)
        ][:1]
    ]
