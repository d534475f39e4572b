"""Which charts a release has: each from a derived table, its bounds drawn."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from engine.insight.hints.hint import least_noisy, stretch_words
from engine.insight.insights import Insights
from engine.insight.released import Released
from engine.insight.report.drawing import Drawing
from engine.insight.report.intervals import Interval, interval_chart
from engine.insight.report.subject import Subject
from engine.insight.report.trends import Point, trend_chart
from engine.statistics.dimensions import KIND_OF
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos, RunningTotal

MOST_CHARTS: Final = 6
"""Charts of one table; those of the labels with the largest numbers are drawn."""
MOST: Final = 12
"""Marks of one chart."""
_WHAT: Final = {
    "contributors": "contributors who show it",
    "photos": "photos that show it",
    "running-total": "contributors so far",
}


@dataclass(frozen=True)
class Group:
    """Charts that stand under one heading, and what is said of them."""

    title: str
    note: str
    drawings: tuple[Drawing, ...]
    left_out: int = 0
    """Labels for which there was no room; their numbers are in the tables."""


def voices(subject: Subject, found: Insights) -> Iterator[Group]:
    """Share of voice over the whole release, by category; of photos, too."""
    for statistic in _least_noisy(subject):
        rows = found.voice.filter(statistic=statistic.id)
        if rows.is_empty():
            continue
        label = statistic.label.name
        what = "photos" if isinstance(statistic.measure, Photos) else "contributors"
        drawings, left_out = [], 0
        for number, part in enumerate(rows.partition_by("group", maintain_order=True)):
            group = part["group"][0]
            largest = part.sort("value", label, descending=[True, False]).head(MOST)
            left_out += part.height - largest.height
            title = f"{group}: share of {what}" if group else f"Share of {what} by {label}"
            marks = _intervals(largest, pl.col(label), "share")
            drawings.append(
                interval_chart(
                    f"voice-{statistic.id}-{number}",
                    title,
                    marks,
                    "share",
                    (label.capitalize(), "Share"),
                )
            )
        yield Group(f"Share of {what} by {label} ({statistic.id})", "", tuple(drawings), left_out)


def trends(subject: Subject) -> Iterator[Group]:
    """Each label's numbers over the periods."""
    for statistic in _of(subject, Contributors, Photos, RunningTotal):
        period = statistic.period
        if period is None or (len(period.keys) < 2 and statistic.labelled is None):
            continue
        cells = subject.table.filter(pl.col("statistic") == statistic.id)
        over = [name for name in statistic.names if name != period.name]
        lines = cells.partition_by(over, maintain_order=True) if over else [cells]
        lines.sort(
            key=lambda line: (-line["value"].sum(), line.select(over).row(0) if over else ())
        )
        what = _WHAT[statistic.measured]
        drawings = [
            trend_chart(
                f"trend-{statistic.id}-{number}",
                ", ".join(line.select(over).row(0)) if over else "All who post",
                [
                    Point(*row)
                    for row in line.sort(period.name)
                    .select(period.name, "value", "low95", "high95")
                    .rows()
                ],
                what,
            )
            for number, line in enumerate(lines[:MOST_CHARTS])
        ]
        yield Group(
            f"{what.capitalize()} by {period.name} ({statistic.id})",
            "Each chart has a scale of its own.",
            tuple(drawings),
            len(lines) - len(drawings),
        )


def movers(subject: Subject, found: Insights) -> Iterator[Group]:
    """From the first third of the periods to the last, as a factor."""
    for statistic in _of(subject, Contributors, Photos):
        rows = found.movers.filter(statistic=statistic.id)
        if rows.is_empty() or statistic.period is None:
            continue
        over = [name for name in statistic.names if name != statistic.period.name]
        # By both stretches: what fell has small numbers in the last, what rose in the first.
        both = pl.col("value_before") + pl.col("value_after")
        down = [True, *(False for _ in over)]
        largest = rows.sort(both, *over, descending=down).head(MOST)
        marks = [
            Interval(
                ", ".join(row[name] for name in over),
                row["times"],
                row["times_low95"],
                row["times_high95"],
            )
            for row in largest.sort("times", *over, descending=down, nulls_last=True).iter_rows(
                named=True
            )
        ]
        before, after = (stretch_words(rows[name][0]) for name in ("before", "after"))
        yield Group(
            f"{after} against {before} ({statistic.id})",
            "The dashed line, 1, is no change; 2 is twice as often.",
            (
                interval_chart(
                    f"movers-{statistic.id}",
                    "How often it is seen, as a factor",
                    marks,
                    "times",
                    ("Label", "Factor"),
                ),
            ),
            max(0, rows.height - MOST),
        )


def quotients(subject: Subject, found: Insights, *, meetings: bool) -> Iterator[Group]:
    """With what, or where and when, each label is seen more than labels at large."""
    rows = found.concentrations.filter(pl.col("along").str.starts_with("with_") == meetings)
    for table in rows.partition_by("statistic", "along", maintain_order=True):
        statistic = next(s for s in subject.study.statistics if s.id == table["statistic"][0])
        label, along = statistic.label.name, table["along"][0].removeprefix("with_")
        parts = table.partition_by(label, maintain_order=True)
        parts.sort(key=lambda part: (-part["label_total"][0], part[label][0]))
        drawings = []
        for number, part in enumerate(parts[:MOST_CHARTS]):
            known = part.sort("place").head(MOST)
            marks = [
                Interval(row["part"], row["quotient"], row["low95"], row["high95"])
                for row in known.iter_rows(named=True)
            ]
            name = f"index-{statistic.id}-{_slug(along)}-{number}"
            drawings.append(
                interval_chart(
                    name,
                    f"{part[label][0]} by {along}",
                    marks,
                    "times",
                    (along.capitalize(), "Factor"),
                )
            )
        title = f"Lift by {along}" if meetings else f"Index by {along}"
        yield Group(
            f"{title} ({statistic.id})",
            "1, the dashed line, is as all together; 2 is twice as often.",
            tuple(drawings),
            max(0, len(parts) - MOST_CHARTS),
        )


def occasions(subject: Subject, found: Insights) -> Iterator[Group]:
    """Of all that a label is shown with, how much is each."""
    for table in found.occasions.partition_by("statistic", maintain_order=True):
        statistic = next(s for s in subject.study.statistics if s.id == table["statistic"][0])
        assert statistic.second is not None
        second = statistic.second.name
        parts = table.partition_by("group", maintain_order=True)
        parts.sort(key=lambda part: (-part["total"][0], part["group"][0]))
        drawings = []
        for number, part in enumerate(parts[:MOST_CHARTS]):
            rows = part.sort("value", second, descending=[True, False]).head(MOST)
            title = f"{part['group'][0]}: shown with"
            drawings.append(
                interval_chart(
                    f"occasion-{statistic.id}-{number}",
                    title,
                    _intervals(rows, pl.col(second), "share"),
                    "share",
                    (second.removeprefix("with_").capitalize(), "Share"),
                )
            )
        what = second.removeprefix("with_")
        yield Group(
            f"Occasions: shares of each {what} ({statistic.id})",
            "",
            tuple(drawings),
            max(0, len(parts) - MOST_CHARTS),
        )


def pairs(subject: Subject, found: Insights) -> Iterator[Group]:
    """Which labels of one kind meet in a photo."""
    for table in found.affinities.partition_by("statistic", maintain_order=True):
        statistic = next(s for s in subject.study.statistics if s.id == table["statistic"][0])
        assert statistic.second is not None
        if statistic.second.name != f"with_{statistic.label.name}":
            continue
        rows = table.sort(
            "together", *statistic.names, descending=[True, *(False for _ in statistic.names)]
        )
        marks = [
            Interval(
                " & ".join(row[name] for name in statistic.names),
                row["lift"],
                row["low95"],
                row["high95"],
            )
            for row in rows.head(MOST).iter_rows(named=True)
        ]
        yield Group(
            f"Which meet in one photo ({statistic.id})",
            "Lift against chance, the dashed line. Photos that each show one of the two lower it: "
            "below 1 it says nothing.",
            (
                interval_chart(
                    f"pairs-{statistic.id}",
                    "Lift of the pairs that meet most",
                    marks,
                    "times",
                    ("Pair", "Lift"),
                ),
            ),
            max(0, rows.height - MOST),
        )


def _least_noisy(subject: Subject) -> Iterator[Statistic]:
    """Of several tables that say the same, the one with the least noise in its sums."""
    released = Released.of(subject.table, subject.study)
    for measure in (Contributors, Photos):
        yield from least_noisy(released, _of(subject, measure))


def _of(subject: Subject, *measures: type) -> Iterator[Statistic]:
    """Return the statistics of these measures: brands first, and few dimensions before many."""
    found = [s for s in subject.study.in_order() if isinstance(s.measure, measures)]
    kinds = list(KIND_OF)
    return iter(
        sorted(
            found,
            key=lambda s: (
                kinds.index(s.labelled.name) if s.labelled is not None else len(kinds),
                isinstance(s.measure, RunningTotal),
                len(s.by),
                s.id,
            ),
        )
    )


def _intervals(rows: pl.DataFrame, label: pl.Expr, value: str) -> list[Interval]:
    return [Interval(*row) for row in rows.select(label, value, "low95", "high95").rows()]


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower())
