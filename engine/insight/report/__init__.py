"""The report of a release: one HTML file for people, that loads nothing and runs nothing.

A function of released numbers, the privacy label, the policy and facts of the log, and of nothing
else: the same release gives the same bytes, whoever writes the page.
"""

from collections.abc import Iterator

from engine.insight.hints import hints, questions
from engine.insight.insights import Insights, insights
from engine.insight.released import Released
from engine.insight.report import charts, promise
from engine.insight.report.charts import Group
from engine.insight.report.drawing import Drawing
from engine.insight.report.findings import findings, guide
from engine.insight.report.numbers import hashtags, numbers, tops
from engine.insight.report.page import (
    figures,
    heading,
    listing,
    page,
    paragraph,
    section,
)
from engine.insight.report.subject import LogFacts, Subject


def report_html(subject: Subject) -> str:
    """Return the page. Raises `TableRefused` where the table is not of the study."""
    found = insights(subject.table, subject.study, subject.categories)
    sections = list(_sections(subject, found))
    title = f"{subject.policy.id}{': ' + subject.span if subject.span else ''}"
    return page(
        title,
        [(name, words) for name, words, _ in sections],
        _top(subject),
        "\n".join(section(*parts) for parts in sections),
    )


def drawings(subject: Subject) -> tuple[Drawing, ...]:
    """Return every chart of the report, in its order."""
    found = insights(subject.table, subject.study, subject.categories)
    return tuple(
        drawing
        for _, _, groups in _charts(subject, found)
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


def _sections(subject: Subject, found: Insights) -> Iterator[tuple[str, str, list[str]]]:
    released = Released.of(subject.table, subject.study)
    said = hints(released, subject.categories)
    asked = len(questions(released, subject.categories))
    yield "findings", "Findings", list(findings(said, asked))
    yield "guide", "How to read this", list(guide())
    for name, title, groups in _charts(subject, found):
        body = [html for group in groups for html in _group(group)]
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


def _charts(subject: Subject, found: Insights) -> Iterator[tuple[str, str, list[Group]]]:
    yield "voice", "Share of voice", list(charts.voices(subject, found))
    moved = [*charts.movers(subject, found), *charts.trends(subject)]
    yield "movement", "What rises and falls", moved
    met = [*charts.quotients(subject, found, meetings=True), *charts.pairs(subject, found)]
    yield "together", "What goes together", met
    yield "occasions", "Occasions", list(charts.occasions(subject, found))
    yield "places", "Where and when", list(charts.quotients(subject, found, meetings=False))


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


__all__ = ["LogFacts", "Subject", "drawings", "report_html"]
