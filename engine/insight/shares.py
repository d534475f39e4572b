"""Share of voice: what part each label has of all that its group shows."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from engine.insight.balance import known_only, part_bounds
from engine.insight.errors import NotReleased
from engine.insight.released import Released, stacked
from engine.insight.sums import spelled_out, summed
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
    rows, label = _labelled(released, statistic)
    over = [name for name in statistic.names if name != label]
    return _shared(released, statistic, rows, label, over, groups, 1)


def voice(
    released: Released, statistic: Statistic, groups: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Return each label's share of its group in the whole release: all periods and places.

    As `shares` otherwise; a contributor counts as often as in the cells that are added up.
    """
    _, label = _labelled(released, statistic)
    whole = summed(released, statistic, [label])
    rows = spelled_out(released, whole.rows)
    return _shared(released, statistic, rows, label, [], groups, whole.draws)


def occasions(released: Released, pairs: Statistic) -> pl.DataFrame:
    """Return, for each first label, what part of its meetings is with each second label.

    Of contributors who show a brand together with a scene, so many show it in this one. `group` is
    the first label. A contributor who shows it in two scenes is in the sum twice.

    Raises `NotReleased` where the statistic counts no two kinds of labels that meet.
    """
    label, second = pairs.labelled, pairs.second
    if label is None or second is None or second.name == f"with_{label.name}":
        raise NotReleased(f"{pairs.id} counts no two kinds of labels that meet")
    cells = released.rows(pairs)
    kept = [label.name, second.name]
    rows = cells.group_by("statistic", *kept).agg(pl.col("value").sum())
    rows = spelled_out(released, rows).with_columns(pl.col(label.name).alias("group"))
    return _parts(released, pairs, rows, ["group"], cells.height // rows.height)


def _labelled(released: Released, statistic: Statistic) -> tuple[pl.DataFrame, str]:
    label = statistic.labelled
    if label is None or not isinstance(statistic.measure, (Contributors, Photos)):
        raise NotReleased(f"{statistic.id} counts no labels that could have a share")
    return released.rows(statistic), label.name


def _shared(
    released: Released,
    statistic: Statistic,
    rows: pl.DataFrame,
    label: str,
    over: Sequence[str],
    groups: Mapping[str, str] | None,
    draws: int,
) -> pl.DataFrame:
    rows = rows.with_columns(pl.lit(None, pl.String).alias("group"))
    if groups is not None:
        found = pl.col(label).replace_strict(dict(groups), default=None, return_dtype=pl.String)
        rows = rows.with_columns(found.alias("group")).filter(pl.col("group").is_not_null())
    return _parts(released, statistic, rows, ["group", *over], draws)


def _parts(
    released: Released, statistic: Statistic, rows: pl.DataFrame, over: Sequence[str], draws: int
) -> pl.DataFrame:
    """Return the share of each row, itself a sum of so many cells, in the rows of its group."""
    rows = rows.with_columns(
        pl.col("value").sum().over(over).alias("total"), pl.len().over(over).alias("labels")
    ).filter(pl.col("labels") > 1)
    parts = [
        _with_bounds(released, statistic, part, labels, draws)
        for (labels,), part in rows.group_by(["labels"], maintain_order=True)
    ]
    schema = pl.Schema({**released.keys, **NUMBERS})
    return stacked(parts, schema).sort(*released.keys)


def _with_bounds(
    released: Released, statistic: Statistic, rows: pl.DataFrame, labels: object, draws: int
) -> pl.DataFrame:
    assert isinstance(labels, int)
    value, total = rows["value"].to_numpy(), rows["total"].to_numpy()
    one, rest = released.law(statistic, draws), released.law(statistic, draws * (labels - 1))
    known = total > released.law(statistic, draws * labels).half_width(0.95)
    low, high = part_bounds(value, one, total - value, rest)
    share = np.clip(value / np.where(known, total, 1), low, high)
    return rows.with_columns(known_only(known, {"share": share, "low95": low, "high95": high}))
