"""The door of this package: a released table, checked against the study that it claims to be of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import polars as pl

from engine.insight.errors import NotReleased, TableRefused
from engine.insight.laws import Law, law
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Contributors, Measure, Photos, RunningTotal, Together, Top

NUMBERS: Final = pl.Schema(
    {
        "value": pl.Int64,
        "std": pl.Float64,
        "low95": pl.Int64,
        "high95": pl.Int64,
        "mechanism": pl.String,
        "rho": pl.String,
        "epsilon": pl.String,
        "delta": pl.String,
    }
)
"""A table's columns after `statistic` and the study's dimensions."""

INDEPENDENT: Final = (Contributors, Photos, Together)
"""Measures whose cells have independent noise of one law."""


@dataclass(frozen=True)
class Released:
    """A release's table and its study: public both, and all that this package ever sees."""

    study: Study
    table: pl.DataFrame

    @classmethod
    def of(cls, table: pl.DataFrame, study: Study) -> Self:
        """Check the table; the order of its rows and columns does not matter.

        Top lists are left out, as they have no numbers that anything could follow from; so are
        labels that were found in the data, of which only those that may be seen are there.

        Raises `TableRefused` where columns, types, statistics or cells are not the study's, or a
        statistic's cells have noise of several laws.
        """
        columns = {"statistic": pl.String, **dict.fromkeys(study.dimensions, pl.String), **NUMBERS}
        if dict(table.schema) != columns:
            raise TableRefused("the table's columns are not those of the study's release")
        found = [found.id for found in study.found]
        ids = {statistic.id for statistic in study.statistics} | set(found)
        if not set(table["statistic"]) <= ids:
            raise TableRefused("the table has statistics that the study does not")
        tops = [s.id for s in study.statistics if isinstance(s.measure, Top)]
        numbered = table.select(*columns).filter(~pl.col("statistic").is_in([*tops, *found]))
        released = cls(study, numbered.sort("statistic", *study.dimensions))
        for statistic in released.with_measure(*INDEPENDENT, RunningTotal):
            rows = released.rows(statistic)
            _require_its_grid(_so_far(statistic, rows), rows)
        for statistic in released.with_measure(*INDEPENDENT):
            released.law(statistic)
        return released

    def statistic(self, name: str) -> Statistic:
        """Return the statistic with this id; raises `NotReleased` where there is none."""
        for statistic in self.study.statistics:
            if statistic.id == name:
                return statistic
        raise NotReleased(f"the study has no statistic {name}")

    def with_measure(self, *measures: type[Measure]) -> Iterator[Statistic]:
        """Yield the statistics that measure one of these, in order of their ids."""
        for statistic in self.study.in_order():
            if isinstance(statistic.measure, measures):
                yield statistic

    def rows(self, statistic: Statistic) -> pl.DataFrame:
        """Return the rows of one statistic, with every column, sorted by key."""
        return self.table.filter(pl.col("statistic") == statistic.id)

    def law(self, statistic: Statistic, draws: int = 1) -> Law:
        """Return the law of the summed noise of so many cells of a statistic.

        Raises `TableRefused` where the cells' noise is not of one known law, and `NotReleased`
        for a measure whose cells are not independent.
        """
        if not isinstance(statistic.measure, INDEPENDENT):
            raise NotReleased(f"the numbers of {statistic.id} are not independent of each other")
        laws = self.rows(statistic).select("mechanism", "std").unique()
        if laws.height != 1:
            raise TableRefused(f"the cells of {statistic.id} have noise of several laws")
        return law(*laws.row(0), draws)

    @property
    def keys(self) -> pl.Schema:
        """`statistic` and the study's dimensions: the first columns of every derived table."""
        return pl.Schema(dict.fromkeys(("statistic", *self.study.dimensions), pl.String))


def stacked(parts: Sequence[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Return the parts as one table of exactly this schema; without parts, an empty one."""
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(*schema) for part in parts)])


def _so_far(statistic: Statistic, rows: pl.DataFrame) -> Statistic:
    """Return a running total cut to the stretch of periods that the rows are of.

    A continual study releases a running total piece by piece, and its study keeps the horizon.
    """
    period = statistic.period
    if period is None or not isinstance(statistic.measure, RunningTotal):
        return statistic
    found = set(rows[period.name])
    places = [place for place, key in enumerate(period.in_order) if key in found]
    if not places:
        raise TableRefused(f"the cells of {statistic.id} are not the study's")
    stretch = replace(period, keys=period.in_order[places[0] : places[-1] + 1])
    return replace(statistic, by=tuple(stretch if d is period else d for d in statistic.by))


def _require_its_grid(statistic: Statistic, rows: pl.DataFrame) -> None:
    others = [
        name for name in rows.columns if name not in (*statistic.names, "statistic", *NUMBERS)
    ]
    # A statistic that is priced in rho has no epsilon of its own.
    nulls = rows.drop("epsilon").null_count().row(0, named=True)
    if any(nulls[name] != (rows.height if name in others else 0) for name in nulls):
        raise TableRefused(f"cells of {statistic.id} lack a key or a number, or have one too many")
    if rows.height != statistic.cells or (statistic.by and not _same_keys(statistic, rows)):
        raise TableRefused(f"the cells of {statistic.id} are not the study's")


def _same_keys(statistic: Statistic, rows: pl.DataFrame) -> bool:
    schema = dict.fromkeys(statistic.names, pl.String)
    grid = pl.DataFrame(list(statistic.grid()), schema=schema, orient="row")
    return grid.sort(grid.columns).equals(rows.select(grid.columns).sort(grid.columns))
