"""The report of a release: one HTML file for people, that loads nothing and runs nothing.

A function of released numbers, the privacy label, the policy and facts of the log, and of nothing
else: the same release gives the same bytes, whoever writes the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from engine.insight.hints import Hint, hints, questions
from engine.insight.insights import Insights, insights
from engine.insight.released import Released
from engine.insight.report import charts, promise
from engine.insight.report.charts import Group
from engine.insight.report.drawing import Drawing
from engine.insight.report.findings import findings, guide
from engine.insight.report.numbers import hashtags, numbers, tops
from engine.insight.report.page import (
    details,
    figures,
    heading,
    listing,
    page,
    paragraph,
    section,
)
from engine.insight.report.subject import LogFacts, Subject

_BOUNDS = "Lines and bands are 95 % bounds of the noise."


@dataclass(frozen=True)
class Analysis:
    """All that follows from a subject's numbers, worked out once."""

    subject: Subject
    found: Insights
    said: tuple[Hint, ...]
    asked: int
    """Questions that the tables were asked for sentences."""

    @classmethod
    def of(cls, subject: Subject) -> Self:
        """Work it out. Raises `TableRefused` where the table is not of the study."""
        released = Released.of(subject.table, subject.study)
        return cls(
            subject,
            insights(subject.table, subject.study, subject.categories),
            hints(released, subject.categories),
            len(questions(released, subject.categories)),
        )


def report_html(analysis: Analysis) -> str:
    """Return the page."""
    subject = analysis.subject
    sections = list(_sections(analysis))
    title = f"{subject.policy.id}{': ' + subject.span if subject.span else ''}"
    return page(
        title,
        [(name, words) for name, words, _ in sections],
        _top(subject),
        "\n".join(section(*parts) for parts in sections),
    )


def drawings(analysis: Analysis) -> tuple[Drawing, ...]:
    """Return every chart of the report, in its order, each with what it is of."""
    return tuple(
        replace(drawing, about=f"{group.title}. {group.note or _BOUNDS}")
        for _, _, groups, _ in _charts(analysis)
        for group in groups
        for drawing in group.drawings
    )


def _top(subject: Subject) -> Iterator[str]:
    policy = subject.policy
    yield paragraph("Crowdlens report: what the crowd shows, and nobody in it", "kicker")
    name = f"{policy.id}, {subject.span}" if subject.span else policy.id
    yield heading(name).replace("h3>", "h1>")
    yield paragraph(policy.purpose.statement, "lead")
    if policy.policy_class == "test":
        yield paragraph(
            "A test: this study's photos are test photos or made up. Its numbers say nothing about "
            "the world.",
            "note",
        )
    yield paragraph(
        "On paper stands what is unfolded on the screen; the tables behind the charts are in the "
        "file.",
        "paper",
    )


def _sections(analysis: Analysis) -> Iterator[tuple[str, str, list[str]]]:
    subject, found = analysis.subject, analysis.found
    yield "findings", "Findings", list(findings(analysis.said, analysis.asked))
    yield "guide", "How to read this", list(guide())
    for name, title, groups, shown in _charts(analysis):
        body = [html for group in groups[:shown] for html in _group(group)]
        body += [
            details(group.title, "".join([*_group(group)][1:]), "more") for group in groups[shown:]
        ]
        if body:
            yield name, title, body
    for name, title, lines in (
        ("tops", "Most shown", tops(subject)),
        ("hashtags", "Hashtags", hashtags(subject)),
        ("numbers", "All numbers", numbers(subject, found)),
        ("privacy", "Privacy label", promise.privacy(subject)),
        ("budget", "Budget left", promise.budget(subject)),
        ("study", "The study", promise.study(subject)),
        ("proof", "Proof, and how to check this", promise.proof(subject)),
        ("notes", "What the bounds leave out", iter([listing(found.notes)])),
    ):
        body = list(lines)
        if body:
            yield name, title, body


def _charts(analysis: Analysis) -> Iterator[tuple[str, str, list[Group], int]]:
    """Yield each section's id, title and groups of charts, and how many are unfolded at first."""
    subject, found = analysis.subject, analysis.found
    yield "voice", "Share of voice", list(charts.voices(subject, found)), 1
    # What moved stands before how: of each, the first.
    moved, lines = list(charts.movers(subject, found)), list(charts.trends(subject))
    yield "movement", "What rises and falls", [*moved[:1], *lines[:1], *moved[1:], *lines[1:]], 2
    met = [*charts.quotients(subject, found, meetings=True), *charts.pairs(subject, found)]
    yield "together", "What goes together", met, 1
    yield "occasions", "Occasions", list(charts.occasions(subject, found)), 1
    stood = list(charts.quotients(subject, found, meetings=False))
    yield "places", "Where and when", stood, 1


def _group(group: Group) -> Iterator[str]:
    yield heading(group.title)
    if group.note:
        yield paragraph(group.note, "soft")
    yield figures(group.drawings)
    if group.left_out:
        yield paragraph(
            f"{group.left_out} more, with smaller numbers, are in the tables under All numbers.",
            "soft",
        )


__all__ = ["Analysis", "LogFacts", "Subject", "drawings", "report_html"]
