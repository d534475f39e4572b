"""Where, when and with what a label is seen more than labels at large.

The location quotient of regional science, which market research calls an index: the part of a
label's mentions that falls to a region, platform, season or scene, over the part of all labels'
mentions that does. 1 is as all labels are. One statistic's own cells are all that it takes: of a
table of meetings it is the lift among meetings, which a contributor of many photos does not bend
as it bends the lift of `affinity`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from engine.insight.balance import known_only, part_bounds
from engine.insight.errors import NotReleased
from engine.insight.laws import Bools, Floats, Ints
from engine.insight.released import Released, stacked
from engine.insight.sums import ADDED, spelled_out
from engine.statistics.dimensions import PLACES
from engine.statistics.interface import Statistic
from engine.statistics.measures import Together
from policies.periods import days_of

MORE: Final = "more than all labels"
LESS: Final = "less than all labels"
NO_DIFFERENCE: Final = "no detectable difference"
NOT_KNOWN: Final = "not known"
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
WEEKDAYS: Final = (*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),)
SEASONS: Final = ("month of the year", "day of the week")
NUMBERS: Final = pl.Schema(
    {
        "along": pl.String,
        "part": pl.String,
        "place": pl.Int64,
        "value": pl.Int64,
        "label_total": pl.Int64,
        "quotient": pl.Float64,
        "low95": pl.Float64,
        "high95": pl.Float64,
        "known": pl.Boolean,
        "verdict": pl.String,
    }
)
"""Columns after the keys. `along` is region, platform, month of the year, day of the week or a
second label's dimension; `part` is one of them, `place` its place in their order; `value` is the
label's number there, and `label_total` everywhere. `quotient` and its bounds are null where
`known` is false."""


@dataclass(frozen=True)
class Along:
    """One way to part a statistic's cells: of each key of one dimension, the part it is in."""

    name: str
    dimension: str
    parts: Mapping[str, str]

    @property
    def in_order(self) -> tuple[str, ...]:
        """The parts: months and weekdays as they come, others by code point."""
        found = set(self.parts.values())
        named = {SEASONS[0]: MONTHS, SEASONS[1]: WEEKDAYS}.get(self.name, tuple(sorted(found)))
        return tuple(part for part in named if part in found)


def ways(statistic: Statistic) -> Iterator[Along]:
    """Yield every way to part the statistic: what it meets, places, months, days of the week.

    Only ways with two parts or more. A week is of the month that its Thursday is in.
    """
    label, second = statistic.labelled, statistic.second
    if label is None or not isinstance(statistic.measure, (*ADDED, Together)):
        return
    if second is not None and second.name != f"with_{label.name}" and len(second.keys) > 1:
        yield Along(second.name, second.name, {key: key for key in second.keys})
    if second is not None or len(label.keys) < 2:
        return
    for dimension in statistic.by:
        if dimension.name in PLACES and len(dimension.keys) > 1:
            yield Along(dimension.name, dimension.name, {key: key for key in dimension.keys})
    period = statistic.period
    if period is None:
        return
    days = {key: _middle(period.name, key) for key in period.keys}
    months = {key: MONTHS[day.month - 1] for key, day in days.items()}
    if len(set(months.values())) > 1:
        yield Along(SEASONS[0], period.name, months)
    if period.name == "day" and len(period.keys) >= 14:
        yield Along(SEASONS[1], "day", {key: WEEKDAYS[d.weekday()] for key, d in days.items()})


def _middle(kind: str, key: str) -> date:
    first, last = days_of(kind, key)
    return first + (last - first) / 2


def concentrations(released: Released, statistic: Statistic, along: Along) -> pl.DataFrame:
    """Return each label's quotient in each part, with 95 % bounds; verdicts hold together.

    Of labels that somebody shows, each quotient is not known or within its bounds with 95 %; with
    95 % none of the verdicts is wrong. Raises `NotReleased` where there are no two labels.
    """
    level = level_of_all(statistic, along, 0.05)
    rows = quotients(released, statistic, along, 0.95)
    wide = quotients(released, statistic, along, level)
    low, high, known = (wide[name].to_numpy() for name in ("low", "high", "known"))
    verdict = np.select([~known, low > 1, high < 1], [NOT_KNOWN, MORE, LESS], NO_DIFFERENCE)
    certain = rows["known"].to_numpy()
    columns = {"quotient": "quotient", "low95": "low", "high95": "high"}
    parts = {name: rows[column].to_numpy() for name, column in columns.items()}
    named = rows.drop("known", "quotient").with_columns(
        *known_only(certain, parts), pl.Series("verdict", verdict.tolist(), pl.String)
    )
    schema = pl.Schema({**released.keys, **NUMBERS})
    return stacked([spelled_out(released, named)], schema).sort(*released.keys, "place")


def level_of_all(statistic: Statistic, along: Along, risk: float) -> float:
    """Return the level at which all quotients are within their bounds but for a chance of `risk`.

    A quotient is made of two parts: one of its label, and one that all labels of a part share.
    """
    parts = len(along.in_order)
    return 1 - risk * 2 / (parts * len(statistic.label.keys) + parts)


def quotients(released: Released, statistic: Statistic, along: Along, level: float) -> pl.DataFrame:
    """Return the quotients and their bounds (`low`, `high`, `known`) at one level, row by row."""
    label = statistic.labelled
    if label is None or len(label.keys) < 2 or along not in ways(statistic):
        raise NotReleased(f"{statistic.id} has no labels to compare with each other")
    cells = released.rows(statistic).with_columns(
        pl.col(along.dimension).replace_strict(dict(along.parts)).alias("part")
    )
    totals = cells.group_by(label.name).agg(label_total=pl.col("value").sum()).sort(label.name)
    whole = len(cells) // totals.height
    parts = [
        _of_part(released, statistic, cells.filter(part=part), totals, whole, level).with_columns(
            pl.lit(along.name).alias("along"),
            pl.lit(part).alias("part"),
            pl.lit(place, pl.Int64).alias("place"),
        )
        for place, part in enumerate(along.in_order)
    ]
    return pl.concat(parts)


def _of_part(
    released: Released,
    statistic: Statistic,
    cells: pl.DataFrame,
    totals: pl.DataFrame,
    whole: int,
    level: float,
) -> pl.DataFrame:
    name, each = statistic.label.name, 1 - (1 - level) / 2
    rows = cells.group_by("statistic", name).agg(pl.col("value").sum()).join(totals, on=name)
    rows = rows.sort(name)
    here, labels = len(cells) // rows.height, rows.height

    def part(first: Ints, second: Ints, draws: int) -> tuple[Floats, Floats, Bools]:
        laws = [released.law(statistic, draws * cells) for cells in (here, whole - here, whole)]
        low, high = part_bounds(first, laws[0], second - first, laws[1], each)
        return low, high, second > laws[2].half_width(each)

    value, total = rows["value"].to_numpy(), rows["label_total"].to_numpy()
    all_here, everything = value.sum(keepdims=True), total.sum(keepdims=True)
    low, high, known = part(value, total, 1)
    all_low, all_high, all_known = part(all_here, everything, labels)
    known = known & all_known & (all_low > 0)
    low, high = low / all_high, high / np.where(all_low > 0, all_low, 1)
    of_all = np.maximum(all_here / np.maximum(everything, 1), 1e-9)
    middle = (value / np.where(known, total, 1)) / of_all
    return rows.with_columns(
        pl.Series("quotient", np.clip(middle, low, high)),
        pl.Series("low", low),
        pl.Series("high", high),
        pl.Series("known", known),
    )
