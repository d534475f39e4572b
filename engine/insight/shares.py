"""Share of voice: what part each label has of all that its group shows."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from engine.insight.balance import known_only, part_bounds
from engine.insight.errors import NotReleased
from engine.insight.released import Released, stacked
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos

NUMBERS: Final = pl.Schema(
    {
        "group": pl.String,
        "value": pl.Int64,
        "total": pl.Int64,
        "share": pl.Float64,
        "low95": pl.Float64,
        "high95": pl.Float64,
        "known": pl.Boolean,
    }
)
"""Columns after the keys. `group` is the category that the label belongs to, and null where all
labels are one group. `share`, `low95` and `high95` are between 0 and 1 and hold each other; all
three are null where `known` is false: the group's total can't be told from 0."""


def shares(
    released: Released, statistic: Statistic, groups: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Return each cell's share of the sum over its group's labels, in its period and place.

    A group of one label has no shares, and is left out.

    Of the groups that show anything, each share is either not known or within its bounds with
    95 %; of those that show nothing, a share is called known in at most 2.5 %.

    Args:
        released: the release.
        statistic: counts contributors or photos by a label.
        groups: of each label, the group that it is compared in; labels without one are left out.

    Raises:
        NotReleased: the statistic counts something else, or has no label.
    """
    label = statistic.labelled
    if label is None or not isinstance(statistic.measure, (Contributors, Photos)):
        raise NotReleased(f"{statistic.id} counts no labels that could have a share")
    rows = released.rows(statistic).with_columns(pl.lit(None, pl.String).alias("group"))
    if groups is not None:
        found = pl.col(label.name).replace_strict(
            dict(groups), default=None, return_dtype=pl.String
        )
        rows = rows.with_columns(found.alias("group")).filter(pl.col("group").is_not_null())
    over = ["group", *(name for name in statistic.names if name != label.name)]
    rows = rows.with_columns(
        pl.col("value").sum().over(over).alias("total"), pl.len().over(over).alias("labels")
    ).filter(pl.col("labels") > 1)
    parts = [
        _with_bounds(released, statistic, part, labels)
        for (labels,), part in rows.group_by(["labels"], maintain_order=True)
    ]
    schema = pl.Schema({**released.keys, **NUMBERS})
    return stacked(parts, schema).sort(*released.keys)


def _with_bounds(
    released: Released, statistic: Statistic, rows: pl.DataFrame, labels: object
) -> pl.DataFrame:
    assert isinstance(labels, int)
    value, total = rows["value"].to_numpy(), rows["total"].to_numpy()
    one, rest = released.law(statistic), released.law(statistic, labels - 1)
    known = total > released.law(statistic, labels).half_width(0.95)
    low, high = part_bounds(value, one, total - value, rest)
    share = np.clip(value / np.where(known, total, 1), low, high)
    return rows.with_columns(known_only(known, {"share": share, "low95": low, "high95": high}))
