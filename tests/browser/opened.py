"""A page opened from the disk, watched: what it says on the console, and what it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Route

from tests.browser.sheet import Sheet

Scheme = Literal["light", "dark"]
SIZES = {
    "desktop": {"width": 1280, "height": 800},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 375, "height": 667},
}


@dataclass
class Opened:
    """A page in a browser."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """Errors and warnings on the console, and every request for anything but the page's files."""


@contextmanager
def opened(
    browser: Browser,
    sheet: Sheet,
    *,
    width: int = 1280,
    height: int = 800,
    scheme: Scheme = "light",
    scripts: bool = True,
    print_media: bool = False,
) -> Iterator[Opened]:
    """Open the page in a profile of its own, as on a screen of this size, or on paper."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=width < 600,
        has_touch=width < 600,
        color_scheme=scheme,
        java_script_enabled=scripts,
        reduced_motion="reduce",
        service_workers="block",
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    look = Opened(page)
    allowed = {file.as_uri() for file in (sheet.path, *sheet.beside)}

    def ask(route: Route) -> None:
        url = route.request.url.partition("#")[0]
        if url in allowed:
            route.continue_()
        else:
            look.faults.append(f"asks for {url[:200]}")
            route.abort()

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            look.faults.append(f"console {message.type}: {message.text}")

    context.route("**/*", ask)
    page.on("console", said)
    page.on("pageerror", lambda error: look.faults.append(f"error: {error.message}"))
    page.on("websocket", lambda socket: look.faults.append(f"asks for {socket.url[:200]}"))
    context.on("page", lambda _: look.faults.append("opens another page"))
    try:
        if print_media:
            page.emulate_media(media="print")
        page.goto(sheet.path.as_uri(), wait_until="load")
        yield look
    finally:
        context.close()
