"""The public notice: complete, plain, the same each time, and deaf to markup in a policy."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine.notice import Notice, as_html, as_markdown, notice
from engine.notice.interface import Code, Listed, Points
from engine.notice.odds import one_in, sureness, surest
from engine.study import study_of
from policies.amounts import Delta
from policies.decision import StudyRules, load_rules
from policies.library import READY_MADE

LIBRARY = Path(__file__).parents[4] / "policies" / "library"
EXPERTS_WORDS = re.compile(
    r"\b(zcdp|rho|delta|dp|differential|mechanism|gaussian|laplace|geometric|noise|sensitivity|"
    r"contributor|sighting|cell|catalogue|L0|Linf|GDPR|art6\S*|dpv\S*|data subject|processing)\b",
    re.IGNORECASE,
)
"""What only somebody who knows the field understands; `epsilon` stands once, for experts."""


def rules(name: str) -> StudyRules:
    return load_rules(LIBRARY / f"{name}.yaml")


def sentences(made: Notice) -> list[str]:
    """Return every sentence that a person reads, without names and commands."""
    texts = [*made.lead]
    for section in made.sections:
        texts.append(section.title)
        for block in section.blocks:
            match block:
                case Points(points):
                    texts += points
                case Listed() | Code():
                    pass
                case _:
                    texts.append(block)
    found = [s for text in texts for s in re.split(r"(?<=[.!?:;])\s+", text)]
    return [s for s in found if len(s.split()) > 1]


def syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, groups - (word.lower().endswith("e") and groups > 1))


def reading_ease(found: list[str]) -> float:
    """Return Flesch's reading ease (1948): 60 to 70 is plain English, above 70 fairly easy."""
    words = [word for s in found for word in re.findall(r"[A-Za-z']+", s)]
    return (
        206.835 - 1.015 * len(words) / len(found) - 84.6 * sum(map(syllables, words)) / len(words)
    )


@pytest.mark.parametrize("name", READY_MADE)
def test_every_ready_made_policy_has_a_notice_that_anybody_understands(name: str) -> None:
    made = notice(rules(name))
    found = sentences(made)
    assert reading_ease(found) > 65
    assert max(len(sentence.split()) for sentence in found) <= 32
    own = rules(name).policy.purpose.statement
    experts = [s for s in found if s != own and "(For experts" not in s and "in all.)" not in s]
    assert [s for s in experts if EXPERTS_WORDS.search(s)] == []
    titles = [section.title for section in made.sections]
    assert len(titles) == 10
    assert all(title.endswith("?") for title in titles), "each is a question that somebody has"
    assert all(section.blocks for section in made.sections)


@pytest.mark.parametrize("name", READY_MADE)
def test_the_same_rules_make_the_same_page(name: str) -> None:
    once, again = notice(rules(name)), notice(rules(name))
    assert as_html(once) == as_html(again)
    assert as_markdown(once) == as_markdown(again)
    assert rules(name).policy.digest in as_html(once)


def test_it_says_what_the_policy_says() -> None:
    text = as_markdown(notice(rules("consented-panel")))
    for part in (
        "Measure how often brands are seen in the photos of a panel",
        "Members uploaded the photos themselves after they had agreed",
        "1 January 2026 to 30 June 2026",
        "**Brands:** Brightwater, Kestrel, Nimbus",
        "the research team",
        "within 7 days",
        "only photos whose owner said yes are opened",
        "For 365 days a secret is kept",
        "You can take that back at any time",
        "or to recognise faces",
    ):
        assert part in text, part


def test_it_says_that_a_computer_learns_only_where_one_does(tmp_path: Path) -> None:
    for file in LIBRARY.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    policy = tmp_path / "consented-panel.yaml"
    plain = as_markdown(notice(load_rules(policy)))
    for word in ("teaches", "learned", "program part"):
        assert word not in plain
    model = (
        "model_release: {id: head, kind: brand, contributors: 200, labels: [Kestrel],"
        ' rho: "0.02", figures: {rho: "0.002"}}\n'
    )
    policy.write_text(policy.read_text(encoding="utf-8") + model, encoding="utf-8")
    made = notice(load_rules(policy))
    text = as_markdown(made)
    for part in (
        "The study also teaches a computer by these photos.",
        "what a computer has learned, and nothing else",
        "**It learns to tell:** Kestrel\n",
        "After what a computer has learned once: right at most 73 times in 100.",
        "how many accounts it learned from",
        "encrypted). Then they are destroyed",
    ):
        assert part in text, part
    found = sentences(made)
    assert reading_ease(found) > 65
    assert max(len(sentence.split()) for sentence in found) <= 32
    learning = [s for s in found if "learn" in s or "teach" in s]
    assert len(learning) >= 6
    assert [s for s in learning if EXPERTS_WORDS.search(s)] == []


def test_it_says_what_of_places_is_read_and_what_photos_are_compared_with(tmp_path: Path) -> None:
    for file in LIBRARY.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    policy = tmp_path / "consented-panel.yaml"
    plain = as_markdown(notice(load_rules(policy)))
    asked = policy.read_text(encoding="utf-8")
    for old, new in (
        ("dimensions:\n", "dimensions:\n  region: {from: country, labels: [FR, DE]}\n"),
        ("contributions: {", "contributions: {near_duplicates: each, "),
    ):
        assert asked.count(old) == 1, old
        asked = asked.replace(old, new)
    policy.write_text(asked, encoding="utf-8")
    text = as_markdown(notice(load_rules(policy)))
    assert "one of these: DE, FR. The place itself is thrown away" in text
    assert "The place itself" not in plain
    # Its table of labels that meet is of photos.
    assert "Photos of two accounts never are" in plain
    assert "Photos of two accounts" not in text


def test_what_is_not_filled_in_makes_a_draft_and_shows_as_a_gap() -> None:
    made = notice(rules("public-posts"))
    assert made.draft
    assert "controller.name" in (made.warning or "")
    page = as_html(made)
    assert "<title>Draft: " in page
    assert "FILL IN" not in page
    assert "[to be filled in: where anybody can object]" in page
    test_class = notice(rules("classroom"))
    assert not test_class.draft
    assert (test_class.warning or "").startswith("This is a test.")


HOSTILE = "<script>alert(1)</script>&amp;\"'> ![x](javascript:y) [a](b) `c` *d* _e_ | # \\"


TAGS = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section"}
TAGS |= {"h1", "h2", "h3", "p", "ul", "li", "pre", "code"}


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "style")]


def hostile() -> Notice:
    real = rules("consented-panel")
    policy = real.policy
    changed = policy.model_copy(
        update={
            "purpose": policy.purpose.model_copy(update={"statement": HOSTILE}),
            "controller": policy.controller
            and policy.controller.model_copy(
                update={"name": HOSTILE, "contact": HOSTILE, "dpo": HOSTILE}
            ),
            "release": policy.release.model_copy(update={"recipients": [HOSTILE]}),
            "dataset": policy.dataset.model_copy(update={"acquisition": HOSTILE}),
        }
    )
    return notice(replace(real, policy=changed))


def test_nothing_of_a_policy_is_taken_for_markup() -> None:
    page = as_html(hostile())
    tags = Tags(page)
    assert tags.found <= TAGS
    assert tags.addresses == [], "and nothing is loaded from anywhere"
    assert html.escape(HOSTILE) in page
    text = as_markdown(hostile())
    assert "<script" not in text.replace("\\<script", "")
    assert re.search(r"(?<!\\)\[x\]|(?<!\\)\]\(", text) is None
    assert re.search(r"(?<!\\)[`_|]", text) is None


def test_the_page_needs_nobody_and_says_in_which_language_it_is() -> None:
    page = as_html(notice(rules("own-campaign")))
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<h1>") == 1
    assert "@media print" in page
    assert "prefers-color-scheme:dark" in page


@pytest.mark.parametrize(
    ("epsilon", "most"), [(0.0, 50), (0.1, 53), (1.0, 74), (2.0, 89), (4.0, 99), (6.0, 100)]
)
def test_how_sure_somebody_can_get_is_never_said_too_small(epsilon: float, most: int) -> None:
    assert surest(epsilon) == most
    assert ("certain" in sureness(epsilon)) == (most == 100)
    assert surest(1e6) == 100


def test_a_chance_is_never_said_too_rare() -> None:
    assert one_in(Delta.parse("1e-6")) == 1_000_000
    assert one_in(Delta.parse("1e-6"), Delta.parse("1e-6")) == 500_000
    assert one_in(Delta.parse("3e-7")) == 3_333_333
    assert one_in(Delta.zero()) is None


def test_the_numbers_are_those_of_the_plan() -> None:
    from engine.statistics.plan import plan

    real = rules("consented-panel")
    planned = plan(study_of(real), real.policy.budget.total.loss, real.policy.budget.stated_at)
    text = as_markdown(notice(real))
    for table in planned.statistics:
        assert table.half_width is not None
        assert f"Off by up to {table.half_width}, 95 times in 100" in text
