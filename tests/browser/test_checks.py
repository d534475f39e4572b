"""Each check finds what it is for, on a page that has nothing else wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks
from tests.browser.opened import Opened, opened
from tests.browser.sheet import Sheet

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{font:16px sans-serif}a{display:inline-block;padding:4px}STYLE</style></head><body><main>
<h1>A page</h1><p id="p">Words of a page.</p><a href="#p">to the words</a>
<details><summary>More</summary><p>More words.</p></details>
<svg role="img" aria-label="a chart" viewBox="0 0 200 100" width="200" height="100">
<rect x="10" y="10" width="50" height="50" fill="#05a"/>
<text x="80" y="50" fill="#333">words</text></svg>BODY</main></body></html>"""
Check = Callable[[Page], list[str]]


@contextmanager
def page(
    browser: Browser, folder: Path, body: str = "", style: str = "", **how: object
) -> Iterator[Opened]:
    path = folder / "page.html"
    path.write_text(GOOD.replace("BODY", body).replace("STYLE", style), encoding="utf-8")
    with opened(browser, Sheet(path), **how) as look:  # type: ignore[arg-type]
        yield look


def charts(page: Page) -> list[str]:
    return checks.broken_charts(page, 1)


CHECKS: tuple[Check, ...] = (
    checks.too_wide,
    charts,
    checks.inaccessible,
    checks.unreachable_by_keyboard,
    checks.stuck_details,
)


def test_nothing_is_found_where_nothing_is_wrong(browser: Browser, tmp_path: Path) -> None:
    with page(browser, tmp_path, width=375, height=667) as look:
        assert [check(look.page) for check in CHECKS] == [[]] * len(CHECKS)
        assert look.faults == []
    with page(browser, tmp_path, **checks.PAPER, print_media=True) as look:
        assert checks.off_the_paper(look.page) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>console.error('oh')</script>", "console error: oh"),
        ("<script>console.warn('oh')</script>", "console warning: oh"),
        ("<script>throw new Error('oh')</script>", "error: oh"),
        ("<img alt='x' src='http://example.org/x.png'>", "asks for http://example.org/x.png"),
        ("<img alt='x' src='beside.png'>", "asks for file:"),
        ("<script>fetch('https://example.org/?count=3').catch(() => 0)</script>", "asks for http"),
        ("<script>navigator.sendBeacon('https://example.org/b', 'x')</script>", "asks for http"),
        ("<link rel='stylesheet' href='//example.org/x.css'>", "asks for"),
        ("<style>body{background:url(https://example.org/b.png)}</style>", "asks for http"),
        ("<script>new WebSocket('wss://example.org/w')</script>", "asks for wss"),
        ("<script>open('about:blank')</script>", "opens another page"),
        ("<iframe title='x' src='https://example.org/'></iframe>", "asks for http"),
    ],
)
def test_noise_and_requests_are_noticed(
    browser: Browser, tmp_path: Path, body: str, said: str
) -> None:
    (tmp_path / "beside.png").write_bytes(b"")
    with page(browser, tmp_path, body) as look:
        for _ in range(100):  # a busy machine may take its time to ask
            if look.faults:
                break
            look.page.wait_for_timeout(50)
        assert any(fault.startswith(said) for fault in look.faults), look.faults


CHART = "<svg role='img' aria-label='c' viewBox='0 0 200 100' width='200' height='100'>{}</svg>"


@pytest.mark.parametrize(
    ("check", "body", "style", "said"),
    [
        (checks.too_wide, "<p>" + "long" * 40 + "</p>", "", "pixels wide on 375"),
        (checks.too_wide, "<p>" + "long" * 40 + "</p>", "p{overflow:hidden}", "is cut at"),
        (checks.too_wide, "<div style='position:relative;left:300px'>Out of it</div>", "", "out"),
        (charts, "", "svg{display:none}", "0 charts instead of 1"),
        (charts, "", "svg{height:0}", "has no size"),
        (charts, "", "svg{width:80px}svg text{font-size:20px}", "is written 8.0 pixels small"),
        (charts, CHART.format("<text x='9' y='50'>nothing</text>"), "", "is empty"),
        (charts, CHART.format("<rect x='9' y='9' width='0' height='0'/>"), "", "is empty"),
        (
            charts,
            CHART.format("<path d='M0 0H99'/><text x='180' y='50'>far away</text>"),
            "",
            "leaves",
        ),
        (
            charts,
            CHART.format(
                "<path d='M0 0H99'/><text x='9' y='50'>a</text><text x='9' y='55'>b</text>"
            ),
            "",
            "lies on",
        ),
        (checks.inaccessible, "<p style='color:#aaa'>Faint</p>", "", "color-contrast"),
        (checks.inaccessible, "<img src='data:,'>", "", "image-alt"),
        (checks.inaccessible, "", "svg text{fill:#aaa}", "has a contrast of 2.3"),
        (checks.inaccessible, "<h4>Too deep</h4>", "", "heading-order"),
        (checks.unreachable_by_keyboard, "", "a:focus{outline:none}", "does not show"),
        (checks.unreachable_by_keyboard, "<a tabindex=2 href='#p'>first</a>", "", "Tab reaches"),
        (
            checks.unreachable_by_keyboard,
            "<button onfocus='this.blur()'>never</button><a href='#p'>last</a>",
            "",
            "Tab reaches",
        ),
        (
            checks.stuck_details,
            "<details><summary onkeydown='event.preventDefault()'>S</summary>x</details>",
            "",
            "Enter does nothing",
        ),
    ],
)
def test_what_is_wrong_is_found(
    browser: Browser, tmp_path: Path, check: Check, body: str, style: str, said: str
) -> None:
    with page(browser, tmp_path, body, style, width=375, height=667) as look:
        found = check(look.page)
        assert any(said in fault for fault in found), found


@pytest.mark.parametrize(
    ("body", "style", "said"),
    [
        ("<p>" + "long" * 70 + "</p>", "", "pixels wide on 718"),
        ("<pre>" + "long" * 70 + "</pre>", "pre{overflow:auto}", "is cut at"),
        ("<p>a</p>" * 40, "p{break-after:page}", "pages"),
        ("<img alt='x' src='data:,'>", "", "is not drawn"),
    ],
)
def test_what_does_not_fit_the_paper_is_found(
    browser: Browser, tmp_path: Path, body: str, style: str, said: str
) -> None:
    with page(browser, tmp_path, body, style, **checks.PAPER, print_media=True) as look:
        found = checks.off_the_paper(look.page)
        assert any(said in fault for fault in found), found
