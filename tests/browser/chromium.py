"""Which browser the tests of pages use, and what becomes of them where there is none.

CROWDLENS_CHROMIUM names a Chromium; without it, one on the path is taken, then Playwright's own.
With CROWDLENS_BROWSER=required (as in CI) a missing browser fails the tests instead of skipping.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Beside what Playwright turns off by itself: no name is ever looked up.
SILENT = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking")


def _missing(why: str) -> NoReturn:
    reason = f"THE PAGES WERE NOT TESTED IN A BROWSER: {why} (CONTRIBUTING.md, Browser tests)"
    if os.environ.get("CROWDLENS_BROWSER") == "required":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def on_this_machine() -> str | None:
    """Return the path of a Chromium, None where only Playwright's own could be."""
    named = os.environ.get("CROWDLENS_CHROMIUM")
    if named:
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Start a headless browser that can reach nobody; skip the test, or fail it, without one."""
    with sync_playwright() as playwright:
        path = on_this_machine() or playwright.chromium.executable_path
        if not Path(path).exists():
            _missing("no Chromium was found")
        try:
            browser = playwright.chromium.launch(executable_path=path, args=SILENT)
        except Error as error:
            _missing(f"{path} does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()
