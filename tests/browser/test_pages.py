"""What holds of every page, at every size, in the light and in the dark, and on paper."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import checks
from tests.browser.opened import SIZES, Opened, Scheme, opened
from tests.browser.sheet import Sheet

pytestmark = pytest.mark.browser

CHARTS = {
    "report": 4,
    "report_of_noise": 1,
    "notice": 0,
    "notice_draft": 0,
    "audit_report": 1,
    "audit_report_failed": 0,
    "contact_sheet": 0,
}
"""Every page, by its fixture, with the charts that it has at least."""
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PICTURES = os.environ.get("CROWDLENS_SCREENSHOTS")
"""A folder for pictures of every page, for people to look at."""


@dataclass(frozen=True)
class Named:
    """A page with the name of its fixture."""

    name: str
    sheet: Sheet

    def picture(self, look: Opened, size: str, scheme: str) -> None:
        if PICTURES:
            path = Path(PICTURES) / f"{self.name}-{size}-{scheme}.png"
            # Chromium draws no picture taller than this.
            tall = min(16_000, look.page.evaluate("document.documentElement.scrollHeight"))
            clip = {"x": 0, "y": 0, "width": look.page.viewport_size["width"], "height": tall}
            look.page.screenshot(path=path, full_page=True, clip=clip)


@pytest.fixture(scope="module", params=CHARTS)
def named(request: pytest.FixtureRequest) -> Named:
    return Named(request.param, request.getfixturevalue(request.param))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_it_is_quiet_fits_and_can_be_read_by_everybody(
    browser: Browser, named: Named, size: str, scheme: Scheme
) -> None:
    with opened(browser, named.sheet, **SIZES[size], scheme=scheme) as look:
        named.picture(look, size, scheme)
        assert checks.too_wide(look.page) == []
        assert checks.broken_charts(look.page, CHARTS[named.name]) == []
        # Colours do not depend on the size, and a tablet has nothing that the others have not.
        if (size, scheme) in (("desktop", "light"), ("desktop", "dark"), ("phone", "light")):
            assert checks.inaccessible(look.page) == []
        assert look.faults == []


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_it_works_by_keyboard(browser: Browser, named: Named, size: str, scheme: Scheme) -> None:
    with opened(browser, named.sheet, **SIZES[size], scheme=scheme) as look:
        assert checks.unreachable_by_keyboard(look.page) == []
        assert checks.stuck_details(look.page) == []
        assert look.faults == []


def test_it_fits_a_screen_of_320_pixels(browser: Browser, named: Named) -> None:
    with opened(browser, named.sheet, width=320, height=568) as look:
        named.picture(look, "320", "light")
        assert checks.too_wide(look.page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_prints_whole(browser: Browser, named: Named, scheme: Scheme) -> None:
    with opened(browser, named.sheet, **checks.PAPER, scheme=scheme, print_media=True) as look:
        named.picture(look, "paper", scheme)
        assert checks.off_the_paper(look.page) == []
        # Dark ink on white paper, whatever the screen's colours are.
        assert scheme == "light" or checks.inaccessible(look.page) == []
        assert look.faults == []


def test_it_says_the_same_without_scripts(browser: Browser, named: Named) -> None:
    with (
        opened(browser, named.sheet) as with_them,
        opened(browser, named.sheet, scripts=False) as without,
    ):
        text = without.page.inner_text("body")
        assert len(text) > 200
        assert text == with_them.page.inner_text("body")
        assert checks.broken_charts(without.page, CHARTS[named.name]) == []
        assert without.faults == []
