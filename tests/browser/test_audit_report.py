"""What the auditor's report shows, as a person sees it."""

import io

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from engine.setup import Place
from tests.browser.opened import Scheme, opened
from tests.browser.sheet import Sheet

pytestmark = pytest.mark.browser


def test_the_budget_goes_down_a_step_and_a_filled_dot_for_each_release(
    browser: Browser, audit_report: Sheet
) -> None:
    with opened(browser, audit_report) as look:
        line = look.page.locator("svg polyline.step").evaluate(
            "e => [...e.points].map(p => [p.x, p.y])"
        )
        dots = look.page.locator("svg circle").evaluate_all(
            "all => all.map(e => [e.cy.baseVal.value, getComputedStyle(e).fill])"
        )
        heights = sorted({y for _, y in line})
        assert len(heights) == 4
        assert [y for _, y in line] == sorted(y for _, y in line)
        assert [y for y, _ in dots] == heights[1:]
        assert len({fill for _, fill in dots}) == 1
        assert look.page.locator("tr", has_text="epsilon 1, delta").count() == 3


def test_a_proof_opens_and_stays_within_the_page(browser: Browser, audit_report: Sheet) -> None:
    with opened(browser, audit_report, width=375, height=667) as look:
        proofs = look.page.locator("details", has_text="Its proof")
        assert proofs.count() == 3
        proofs.first.locator("summary").click()
        text = proofs.first.locator("pre")
        assert text.is_visible()
        assert text.inner_text().startswith("c2sp.org/tlog-proof@v1\n")
        box = text.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 375


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_reads_the_checkpoint_from_the_screen(
    browser: Browser, audit_report: Sheet, studied: Place, scheme: Scheme
) -> None:
    with opened(browser, audit_report, scheme=scheme) as look:
        code = look.page.locator("figure", has_text="The signed checkpoint.").first
        picture = Image.open(io.BytesIO(code.screenshot())).convert("L")
        (found,) = zxingcpp.read_barcodes(np.asarray(picture))
        assert found.bytes == (studied.log / "checkpoint").read_bytes()


def test_of_a_changed_log_nothing_is_shown_but_the_verdict(
    browser: Browser, audit_report_failed: Sheet
) -> None:
    with opened(browser, audit_report_failed) as look:
        assert look.page.locator(".verdict").inner_text().startswith("Not verified")
        assert look.page.locator("svg").count() == 0
        assert "kurz" not in look.page.content()
