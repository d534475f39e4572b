"""The page: whole, offline, escaped, and nothing but what its numbers say."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from engine.insight.report import Analysis, drawings, report_html
from engine.insight.report.drawing import WIDTH
from engine.insight.report.findings import GUIDE, findings
from engine.insight.report.intervals import Interval, interval_chart
from engine.statistics.dimensions import Dimension
from engine.statistics.measures import Photos, RunningTotal, Top
from policies.amounts import Epsilon
from tests.unit.engine.insight.made import BRAND, WEEK, everything, statistic, study, table
from tests.unit.engine.insight.made_releases import a_real_release
from tests.unit.engine.insight.report.subjects import FACTS, policy, subject

VOID = {"meta", "path", "circle", "rect"}
SECTIONS = ("findings", "guide", "voice", "movement", "together", "occasions", "tops", "numbers")
PROMISES = ("privacy", "budget", "study", "proof", "notes")


class Reader(HTMLParser):
    """Collects text and ids, and refuses what loads, runs or does not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert not set(named) & {"src", "srcset", "onload", "onclick", "action", "style"}
        assert tag not in {"script", "link", "img", "iframe", "object", "form", "base", "use"}
        self.tags.append((tag, named))
        if (name := named.get("id")) is not None:
            self.ids.append(name)
        if (link := named.get("href")) is not None:
            assert link.startswith("#")
            self.links.append(link[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            assert "url(" not in data
            assert "@import" not in data
            return
        self.text.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    made = a_real_release(Epsilon.parse("4"), people=2_000)
    return report_html(Analysis.of(subject(made.table, made.study)))


def said(html: str) -> str:
    return " ".join(" ".join(Reader(html).text).replace("\u00a0", " ").split())


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    read = Reader(page)
    assert "default-src 'none'" in page
    assert len(set(read.ids)) == len(read.ids)
    assert set(read.links) <= set(read.ids)
    for name in (*SECTIONS, *PROMISES):
        assert name in read.ids
    assert "http://www.w3.org/2000/svg" in page
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}


def test_every_chart_has_words_and_its_numbers_behind_it(page: str) -> None:
    read = Reader(page)
    charts = [attrs for tag, attrs in read.tags if tag == "svg"]
    assert len(charts) > 5
    assert all(c["role"] == "img" and len(c["aria-label"] or "") > 20 for c in charts)
    assert page.count("<figure") == len(charts)
    for figure in page.split("<figure")[1:]:
        inside = figure.split("</figure>")[0]
        assert "<table>" in inside
        assert "<caption>" in inside
        assert '<th scope="col"' in inside


def test_no_number_of_a_chart_stands_without_its_bounds(page: str) -> None:
    made = a_real_release(Epsilon.parse("4"), people=2_000)
    for chart in drawings(Analysis.of(subject(made.table, made.study))):
        marks = sum(part.count('class="dot"') for part in chart.parts)
        whole = sum(part.count('stroke-width="3"') for part in chart.parts)
        whole += sum(part.count('class="band"') for part in chart.parts)
        assert marks == 0 or whole > 0, chart.name
        assert chart.columns[-2:] == ("At least", "At most")
        assert all(row[-2] and row[-1] for row in chart.rows)


def test_it_says_what_was_promised_by_whom_and_what_is_left(page: str) -> None:
    words = said(page)
    for sentence in GUIDE:
        assert sentence in words
    assert policy().purpose.statement in words
    assert policy().digest in words
    assert "May be lost in all 10" in words
    assert "Left 5" in words
    assert "steward" in words
    assert FACTS.log in words
    assert FACTS.run in words
    assert "crowdlens audit verify --log LOG" in words
    assert "People shown in other people's photos." in words


def test_epsilon_in_words_is_the_bound_on_a_guess() -> None:
    whole = subject()
    label = {**whole.labels[0], "epsilon": "1.0986", "delta": "0"}
    words = said(report_html(Analysis.of(replace(whole, labels=(label,)))))
    # e^epsilon is 3, so that a toss-up becomes 3 in 4 at most.
    assert "can be at most 75 % sure" in words


def test_several_releases_are_priced_together() -> None:
    whole = subject()
    labels = tuple({**whole.labels[0], "epsilon": "0.5", "delta": "0"} for _ in range(2))
    words = said(report_html(Analysis.of(replace(whole, labels=labels))))
    assert "Loss of these 2 releases epsilon 1" in words
    assert "can be at most 73 % sure after reading these 2 releases" in words


def test_a_loss_that_protects_little_is_not_made_to_look_better() -> None:
    whole = subject()
    label = {**whole.labels[0], "epsilon": "40", "delta": "0"}
    words = said(report_html(Analysis.of(replace(whole, labels=(label,)))))
    assert "can be all but certain (more than 99.9 %)" in words


def test_without_a_log_it_says_so_and_names_no_budget() -> None:
    words = said(report_html(Analysis.of(subject(log=None))))
    assert "was made without the audit log" in words
    assert "May be lost in all" not in words


def test_a_test_says_that_it_is_one() -> None:
    words = said(report_html(Analysis.of(subject())))
    assert ("A test:" in words) == (policy().policy_class == "test")


def test_what_is_quoted_is_escaped() -> None:
    evil = '<script>alert(1)</script>"&'
    brands = Dimension("brand", (evil, "Nike"))
    of = study(statistic("brands", brands, WEEK), statistic("photos", brands, measure=Photos(2)))
    html = report_html(
        Analysis.of(subject(table(of, lambda *_: 300), of, categories={evil: "<b>"}))
    )
    Reader(html)
    assert "<script" not in html
    assert "<b>&" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "of",
    [
        study(statistic("posters")),
        study(statistic("posters", WEEK)),
        study(statistic("one", Dimension("brand", ("Nike",)))),
        study(statistic("one", Dimension("brand", ("Nike",)), WEEK)),
        study(statistic("brands", BRAND, Dimension("week", ("2026-W23",)))),
        study(statistic("totals", BRAND, WEEK, measure=RunningTotal())),
        study(
            statistic(
                "brands",
                BRAND,
                Dimension("day", tuple(f"2026-07-{day:02}" for day in range(1, 29))),
            )
        ),
        study(statistic("where", BRAND, Dimension("region", ("DE", "FR")), WEEK)),
        study(statistic("best", BRAND, measure=Top(2)), statistic("posters")),
        everything(),
    ],
    ids=lambda of: "+".join(f"{s.id}-{'-'.join(s.names)}" for s in of.statistics)[:60],
)
@pytest.mark.parametrize("counts", [0, 400])
def test_every_study_has_a_page(of: object, counts: int) -> None:
    made = table(of, lambda *_: counts)  # type: ignore[arg-type]
    words = said(report_html(Analysis.of(subject(made, of))))  # type: ignore[arg-type]
    assert "Privacy label" in words
    assert "All numbers" in words


def test_where_nothing_stands_out_the_page_says_so() -> None:
    of = study(statistic("brands", BRAND, WEEK))
    words = said(report_html(Analysis.of(subject(table(of, lambda *_: 0), of))))
    assert "Nothing stands out of the noise." in words


def test_what_fell_most_is_in_the_chart_of_what_moves() -> None:
    brands = Dimension("brand", tuple(f"brand {n:02}" for n in range(20)))
    of = study(statistic("brands", brands, WEEK))
    last = WEEK.keys[-1]

    def counts(_: object, key: tuple[str, ...]) -> int:
        fell, rose = key[0] == "brand 17", key[0] == "brand 18"
        if key[1] == last:
            return 20 if fell else 1_500 if rose else 190
        return 2_000 if fell else 200

    charts = drawings(Analysis.of(subject(table(of, counts), of)))
    rows = [row[0] for row in next(c for c in charts if c.name == "movers-brands").rows]
    assert len(rows) == 12
    assert (rows[0], rows[-1]) == ("brand 18", "brand 17")


def test_one_of_a_thing_is_not_said_as_many() -> None:
    words = " ".join(findings([], 1))
    assert "0 sentences, from 1 question that" in words


def test_the_last_percent_on_an_axis_is_not_cut() -> None:
    made = interval_chart("a", "A", [Interval("x", 0.9, 0.8, 1.0)], "share").inline()
    x = re.search(r'x="([\d.]+)"[^>]*>100.%', made)
    assert x is not None
    # In DejaVu Sans, the widest of the fonts that are likely, it is 42 wide at this size.
    assert float(x[1]) + 21 <= WIDTH


def test_a_study_that_compares_nothing_is_not_said_to_have_been_asked() -> None:
    of = study(statistic("posters"))
    words = said(report_html(Analysis.of(subject(table(of, lambda *_: 9), of))))
    assert "they compare nothing" in words
    assert "The charts below" not in words
    assert "posters: contributors, 1 cell " in words


def test_long_names_that_begin_alike_are_told_apart_in_a_chart() -> None:
    names = [f"The Long Named and Sons Company of Somewhere {n}" for n in (11, 12)]
    made = interval_chart("a", "A", [Interval(n, 0.5, 0.4, 0.6) for n in names], "share")
    drawn = re.findall(r">([^<]*…[^<]*)<", made.inline())
    assert len(set(drawn)) == 2
    assert max(map(len, drawn)) <= 28


def test_a_long_table_says_how_much_of_it_is_elsewhere() -> None:
    brands = Dimension("brand", tuple(f"brand {n:04}" for n in range(500)))
    of = study(statistic("brands", brands))
    words = said(report_html(Analysis.of(subject(table(of, lambda *_: 50), of))))
    assert "100 more rows" in words
    assert "488 more, with smaller numbers" in words


def test_the_order_of_rows_changes_no_byte() -> None:
    made = a_real_release(Epsilon.parse("4"))
    one = report_html(Analysis.of(subject(made.table, made.study)))
    shuffled = made.table.sample(fraction=1, shuffle=True, seed=4).select(
        *sorted(made.table.columns)
    )
    assert report_html(Analysis.of(subject(shuffled, made.study))) == one
    other = made.table.with_columns(pl.col("value") + 1)
    assert report_html(Analysis.of(subject(other, made.study))) != one


def test_a_bound_beyond_the_scale_is_an_arrow_and_no_end() -> None:
    inside, beyond = (
        interval_chart("name", "Title", [Interval("Nike", 2.0, 1.5, high)], "times")
        for high in (3.0, 80.0)
    )
    assert "".join(inside.parts).count('stroke-width="2"') == 2
    # One end of one stroke, and an arrow of two.
    assert "".join(beyond.parts).count('stroke-width="2"') == 3
    assert beyond.rows == (("Nike", "2.00", "1.50", "80.0"),)


def test_what_is_not_known_has_no_mark_and_says_so() -> None:
    chart = interval_chart("name", "Title", [Interval("Nike", None, None, None)], "share")
    assert not any('class="dot"' in part for part in chart.parts)
    assert "not known" in chart.words
    assert chart.rows == (("Nike", "not known", "not known", "not known"),)
