"""The tables of the release themselves, and lists that have no bounds to draw."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from engine.insight.insights import Insights
from engine.insight.report.page import details, paragraph, table
from engine.insight.report.subject import Subject
from engine.statistics.measures import Top

_READ: Final = ("value", "low95", "high95")
_PLACED: Final = ("known", "place")


def tops(subject: Subject) -> Iterator[str]:
    """Lists of labels without numbers, in the order that was drawn."""
    for statistic in subject.study.in_order():
        if not isinstance(statistic.measure, Top):
            continue
        rows = subject.table.filter(pl.col("statistic") == statistic.id)
        label = statistic.label.name
        over = [name for name in statistic.names if name != label]
        rows = rows.sort(*over, "value")
        yield paragraph(
            f"{statistic.id}: the {statistic.measure.k} labels that most contributors show. The "
            "order is drawn with noise, and no numbers were released, so it has no bounds."
        )
        cells = [tuple(map(str, row)) for row in rows.select("value", label, *over).rows()]
        yield table(f"Places in {statistic.id}", ("Place", label, *over), cells, texts=2)


def hashtags(subject: Subject) -> Iterator[str]:
    """Hashtags that the data brought, above their threshold."""
    for found in subject.study.found:
        rows = subject.table.filter(pl.col("statistic") == found.id)
        rows = rows.sort("value", "hashtag", descending=[True, False])
        yield paragraph(
            f"{found.id}: hashtags that no catalogue names, above the threshold of "
            f"{found.threshold}. Rarer ones can't be seen. There are no bounds: of a hashtag that "
            "few use, only numbers that are too high are ever shown."
        )
        cells = [(tag, f"{value:,}") for tag, value in rows.select("hashtag", "value").rows()]
        yield table(f"Hashtags in {found.id}", ("Hashtag", "Number with noise"), cells)


def numbers(subject: Subject, found: Insights) -> Iterator[str]:
    """Every table of the release as it left, and what was derived of them, folded up."""
    yield paragraph(
        "The numbers as they were released, each with its 95 % bounds. One may be below zero: the "
        "noise goes both ways, and numbers that were cut off at zero could not be added up. "
        "reading.csv has the same numbers made easier to read."
    )
    for statistic in subject.study.in_order():
        if isinstance(statistic.measure, Top):
            continue
        rows = subject.table.filter(pl.col("statistic") == statistic.id).sort(
            *statistic.names or ["value"]
        )
        cells = [
            (*row[: len(statistic.names)], *(f"{n:,}" for n in row[len(statistic.names) :]))
            for row in rows.select(*statistic.names, *_READ).rows()
        ]
        names = statistic.names or ("cell",)
        if not statistic.names:
            cells = [("all", *cell) for cell in cells]
        cell = "cell" if rows.height == 1 else "cells"
        title = f"{statistic.id}: {statistic.measured}, {rows.height:,} {cell}"
        columns = (*names, "Number", "At least", "At most")
        yield details(title, table(title, columns, cells, texts=len(names)))
    yield from _derived(found)


def _derived(found: Insights) -> Iterator[str]:
    neighbours = found.changes.filter(pl.col("verdict").is_in(["rise", "fall"]))
    for title, rows, left_out in (
        ("Shares of voice in the whole release", found.voice, ("known",)),
        ("From the first third of the periods to the last", found.movers, ("p_value",)),
        ("Where, when and with what, against labels at large", found.concentrations, _PLACED),
        ("Occasions", found.occasions, ("known", "group")),
        ("Which labels meet in one photo, against chance", found.affinities, ("known",)),
        ("Ranks, and the best and worst that they may be", found.ranking, ("sure",)),
        ("Rises and falls between neighbouring periods", neighbours, ("p_value",)),
        ("Photos a contributor", found.means.filter(pl.col("known")), ("known",)),
    ):
        for part in rows.partition_by("statistic", maintain_order=True):
            kept = [
                name
                for name in part.columns
                if part[name].null_count() < part.height and name not in ("statistic", *left_out)
            ]
            texts = len([name for name in kept if part.schema[name] == pl.String])
            # Words first, as a table's first columns are.
            kept.sort(key=lambda name: part.schema[name] != pl.String)
            cells = [tuple(map(_cell, row)) for row in part.select(kept).rows()]
            name = f"{title} ({part['statistic'][0]})"
            columns = [column.replace("_", " ") for column in kept]
            yield details(name, table(name, columns, cells, texts, "crowdlens insight --json"))


def _cell(value: object) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
