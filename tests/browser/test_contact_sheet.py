"""What the sheet of redacted copies shows, as a person sees it."""

import pytest
from playwright.sync_api import Browser

from tests.browser import checks
from tests.browser.opened import opened
from tests.browser.sheet import Sheet

pytestmark = pytest.mark.browser


def test_every_copy_is_drawn_with_its_veils_upon_it(browser: Browser, contact_sheet: Sheet) -> None:
    with opened(browser, contact_sheet) as look:
        photos = look.page.locator("main figure:has(img)")
        assert photos.count() == len(contact_sheet.beside) == 4
        for photo in photos.all():
            photo.scroll_into_view_if_needed()
            picture = photo.locator("img")
            picture.evaluate("e => e.decode()")
            frame, size, drawing = photo.evaluate(
                """e => { const i = e.querySelector('img'), s = e.querySelector('svg');
                const m = s.getScreenCTM(), v = s.viewBox.baseVal, b = i.getBoundingClientRect();
                return [[b.left, b.top, b.right, b.bottom], [i.naturalWidth, i.naturalHeight],
                  [m.e, m.f, m.e + m.a * v.width, m.f + m.d * v.height]]; }"""
            )
            # The picture stands in the middle of its frame, as large as it fits.
            scale = min((frame[2] - frame[0]) / size[0], (frame[3] - frame[1]) / size[1])
            middle = ((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)
            drawn = [
                *(middle[0] - scale * size[0] / 2, middle[1] - scale * size[1] / 2),
                *(middle[0] + scale * size[0] / 2, middle[1] + scale * size[1] / 2),
            ]
            assert drawing == pytest.approx(drawn, abs=1.5)
        assert checks.missing_pictures(look.page) == []


def test_kinds_and_patterns_are_switched_by_the_space_bar(
    browser: Browser, contact_sheet: Sheet
) -> None:
    with opened(browser, contact_sheet) as look:
        faces, texts = (look.page.locator(f"main .veil.{kind}") for kind in ("face", "text"))
        assert faces.count() >= 2
        fill = "e => getComputedStyle(e).fill"
        assert "pattern-face" in faces.first.evaluate(fill)
        look.page.locator("#show-face").focus()
        look.page.keyboard.press("Space")
        assert not any(face.is_visible() for face in faces.all())
        assert all(text.is_visible() for text in texts.all())
        assert look.page.locator(".swatch .veil.face").is_visible()
        look.page.keyboard.press("Space")
        look.page.locator("#show-patterns").focus()
        look.page.keyboard.press("Space")
        assert all(face.is_visible() for face in faces.all())
        assert faces.first.evaluate(fill) == "none"


def test_a_copy_opens_by_enter(browser: Browser, contact_sheet: Sheet) -> None:
    with opened(browser, contact_sheet) as look:
        look.page.locator("main a").first.focus()
        look.page.keyboard.press("Enter")
        look.page.wait_for_url("**/000001.png")
        assert look.faults == []
