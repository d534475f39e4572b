"""What a release's report shows, as a person sees it."""

import pytest
from playwright.sync_api import Browser

from tests.browser.opened import opened
from tests.browser.sheet import Sheet

pytestmark = pytest.mark.browser

# Of every number that is drawn as a dot: whether a line or a band of some length goes through it.
DOTS = """() => [...document.querySelectorAll('figure svg')].flatMap(chart => {
  const bounds = [...chart.querySelectorAll('path.mark, .band')].map(e => e.getBoundingClientRect())
    .filter(b => b.width > 3 || b.height > 3);
  return [...chart.querySelectorAll('.dot')].map(e => { const b = e.getBoundingClientRect();
    const x = (b.left + b.right) / 2, y = (b.top + b.bottom) / 2;
    return bounds.some(r => r.left - 1 <= x && x <= r.right + 1 && r.top - 1 <= y
      && y <= r.bottom + 1); });
})"""


def test_no_number_is_drawn_without_its_bounds(browser: Browser, report: Sheet) -> None:
    with opened(browser, report) as look:
        look.page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        drawn: list[bool] = look.page.evaluate(DOTS)
        assert len(drawn) > 100
        assert all(drawn)
        look.page.evaluate("document.querySelectorAll('path.mark, .band').forEach(e => e.remove())")
        assert not any(look.page.evaluate(DOTS)), "the question can be answered with no"
        assert look.page.locator("figure svg rect").count() == 0, "a bar says nothing of bounds"


def test_behind_every_chart_there_are_its_numbers(browser: Browser, report: Sheet) -> None:
    with opened(browser, report) as look:
        charts, tables = look.page.evaluate(
            """() => [document.querySelectorAll('figure svg').length,
            [...document.querySelectorAll('figure')].filter(
              e => e.querySelector('details table tbody td')).length]"""
        )
        assert charts == tables > 10


def test_contents_lead_to_their_sections(browser: Browser, report: Sheet) -> None:
    with opened(browser, report, width=375, height=667) as look:
        links = look.page.locator("nav a").all()
        assert len(links) > 5
        for link in links:
            link.click()
            section = look.page.locator(str(link.get_attribute("href")))
            box = section.bounding_box()
            assert box is not None
            # Its top is on the screen, or the page ends before it can be.
            end = look.page.evaluate("innerHeight + scrollY >= document.body.scrollHeight - 2")
            assert -5 <= box["y"] < 667 * (0.5 if not end else 1)
        assert look.faults == []
