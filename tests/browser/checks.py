"""What can be wrong with a page; each check returns what it found, in words, or nothing.

`test_checks.py` shows of every check that it finds what it is for.
"""

import math
import re
from collections import Counter
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAPER = {"width": 718, "height": 1047}
"""A4 less margins of 10 mm, in CSS pixels."""

_NAME = """const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '')
  + (e.getAttribute('class') ? '.' + e.getAttribute('class').replaceAll(' ', '.') : '')
  + ' "' + (e.textContent || '').trim().slice(0, 40) + '"';
"""

_TOO_WIDE = (
    "() => {"
    + _NAME
    + """
  const root = document.documentElement, wide = [];
  const within = e => { for (let up = e.parentElement; up; up = up.parentElement)
    if (getComputedStyle(up).overflowX !== 'visible') return true; return false; };
  if (root.scrollWidth > root.clientWidth)
    wide.push(`the page is ${root.scrollWidth} pixels wide on ${root.clientWidth}`);
  for (const e of document.body.querySelectorAll('*')) {
    if (!e.checkVisibility()) continue;
    if (e.getBoundingClientRect().right > root.clientWidth + 1 && !within(e))
      wide.push(`${name(e)} sticks out`);
    const overflow = getComputedStyle(e).overflowX;
    const cuts = matchMedia('print').matches ? overflow !== 'visible'
      : overflow === 'hidden' || overflow === 'clip';
    if (cuts && !e.closest('svg') && e.scrollWidth > e.clientWidth + 1)
      wide.push(`${name(e)} is cut at ${e.clientWidth} of ${e.scrollWidth} pixels`);
  }
  return wide;
}"""
)

_CHARTS = (
    "() => {"
    + _NAME
    + """
  const wrong = [];
  const charts = [...document.querySelectorAll('svg')].filter(
    e => e.checkVisibility() && e.getAttribute('aria-hidden') !== 'true');
  for (const chart of charts) {
    const frame = chart.getBoundingClientRect();
    if (frame.width < 40 || frame.height < 20) wrong.push(`${name(chart)} has no size`);
    const shapes = [...chart.querySelectorAll('path,line,rect,circle,polyline,polygon,use')]
      .filter(e => e.checkVisibility() && !e.closest('defs'));
    const seen = shapes.filter(e => { const b = e.getBoundingClientRect();
      return b.width > 0.5 || b.height > 0.5; });
    if (!seen.length) wrong.push(`${name(chart)} is empty`);
    for (const e of [...shapes, ...chart.querySelectorAll('text')]) {
      const b = e.getBoundingClientRect();
      if (b.left < frame.left - 2 || b.right > frame.right + 2 || b.top < frame.top - 2
        || b.bottom > frame.bottom + 2) wrong.push(`${name(e)} leaves its chart`);
    }
    for (const e of chart.querySelectorAll('text')) {
      const scale = e.getScreenCTM().a, size = parseFloat(getComputedStyle(e).fontSize) * scale;
      if (size < 9) wrong.push(`${name(e)} is written ${size.toFixed(1)} pixels small`);
    }
    const words = [...chart.querySelectorAll('text')].filter(e => e.checkVisibility())
      .map(e => [e, e.getBoundingClientRect()]);
    for (let i = 0; i < words.length; i++) for (let j = i + 1; j < words.length; j++) {
      const [a, p] = words[i], [b, q] = words[j];
      if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1
        && q.top < p.bottom - 1) wrong.push(`${name(a)} lies on ${name(b)}`);
    }
  }
  return {charts: charts.length, wrong};
}"""
)

# Text in a drawing against what lies behind it: axe leaves it out.
_FAINT = (
    "() => {"
    + _NAME
    + """
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.04045
    ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
  const behind = e => { for (let up = e.closest('svg'); up; up = up.parentElement) {
    const c = rgba(getComputedStyle(up).backgroundColor); if (c[3] === 255) return c; }
    return rgba('Canvas'); };
  return [...document.querySelectorAll('svg text')].filter(e => e.checkVisibility()).flatMap(e => {
    const style = getComputedStyle(e);
    const [a, b] = [light(rgba(style.fill)), light(behind(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast < 4.5 ? [`${name(e)} has a contrast of ${contrast.toFixed(1)}`] : [];
  });
}"""
)

_MISSING = """() => [...document.images].filter(e => !e.complete || !e.naturalWidth)
  .map(e => `${e.getAttribute('src')} is not drawn`)"""

_HOW: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations", "incomplete"],
    "preload": False,
}
_SHORTEN = """() => document.querySelectorAll('tbody tr:nth-child(n+6)')
  .forEach(row => row.remove())"""

# Everything that works by key, in the order of the document.
_STOPS = """() => {
  window.stops = [...document.querySelectorAll(
    'a[href],summary,button,input,select,textarea,[tabindex]')].filter(
    e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility());
  return window.stops.length;
}"""

_AT = (
    "() => {"
    + _NAME
    + """
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const scrolls = e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight;
  // A picture in a link may be larger than the link's own box.
  const b = e.getBoundingClientRect();
  return {place: window.stops.indexOf(e), scrolls, name: name(e), kind: name(e).split(' "')[0],
    box: [b.left, b.top, b.right, b.bottom]};
}"""
)


def too_wide(page: Page) -> list[str]:
    """Find what does not fit the width, or is cut at it."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def broken_charts(page: Page, least: int) -> list[str]:
    """Find charts that are missing, empty, cut, or whose words lie on one another."""
    found: dict[str, Any] = page.evaluate(_CHARTS)
    short = [] if found["charts"] >= least else [f"{found['charts']} charts instead of {least}"]
    return [*short, *found["wrong"]]


def inaccessible(page: Page) -> list[str]:
    """Find what breaks axe-core's rules for WCAG 2 A and AA and for good practice.

    The first rows of each table stand for the others, which are taken off the page.
    """
    page.evaluate(_SHORTEN)
    found = Axe().run(page, options=_HOW).response
    broken = [
        f"{rule['id']}: {node['target']} {' '.join(node['failureSummary'].split())[:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    # Where axe can't tell what lies behind a text, it says so; a drawing's texts are seen to below.
    unsure = [
        f"{rule['id']} can't be told: {node['target']}"
        for rule in found["incomplete"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
        if not node["html"].startswith(("<text", "<tspan"))
    ]
    return [*broken, *unsure, *page.evaluate(_FAINT)]


def unreachable_by_keyboard(page: Page) -> list[str]:
    """Walk through the page with Tab; find what is passed over, out of order, or not shown.

    Whether the focus is shown is looked at three times for each kind of element.
    """
    count: int = page.evaluate(_STOPS)
    found, order = [], []
    looks: Counter[str] = Counter()
    for _ in range(count * 2 + 20):
        page.keyboard.press("Tab")
        at = page.evaluate(_AT)
        if at is None:
            break
        if at["place"] >= 0:
            order.append(at["place"])
        elif not at["scrolls"]:
            found.append(f"{at['name']} is a stop that does nothing")
        looks[at["kind"]] += 1
        if looks[at["kind"]] <= 3 and not _focus_shows(page, at["box"]):
            found.append(f"{at['name']} does not show that it has the focus")
    if order != list(range(count)):
        found.append(f"Tab reaches {order} of {count}")
    return found


def _focus_shows(page: Page, box: list[float]) -> bool:
    """Say whether the picture around the focus changes when the focus goes."""
    size = page.viewport_size
    assert size is not None
    left, top = max(0.0, box[0] - 8), max(0.0, box[1] - 8)
    right, bottom = min(float(size["width"]), box[2] + 8), min(float(size["height"]), box[3] + 8)
    if right - left < 1 or bottom - top < 1:
        return False
    clip: Any = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    focused = page.screenshot(clip=clip)
    page.evaluate("() => { window.left = document.activeElement; window.left.blur(); }")
    blurred = page.screenshot(clip=clip)
    page.evaluate("() => window.left.focus({preventScroll: true})")
    return focused != blurred


def stuck_details(page: Page) -> list[str]:
    """Open and shut the first `details` by Enter and by the space bar; find those that do not."""
    found = []
    for summary in page.locator("summary").all()[:6]:
        if not summary.is_visible():
            continue
        for key in ("Enter", "Space"):
            before = _is_open(summary)
            summary.focus()
            page.keyboard.press(key)
            if _is_open(summary) == before:
                found.append(f"{key} does nothing at {summary.inner_text()[:40]}")
    return found


def _is_open(summary: Locator) -> bool:
    return bool(summary.evaluate("e => e.parentElement.open"))


def off_the_paper(page: Page) -> list[str]:
    """Print the page, which was opened as paper of the size of `PAPER`; find what is cut."""
    found = too_wide(page)
    tall: int = page.evaluate("() => document.documentElement.scrollHeight")
    margin: Any = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    printed = page.pdf(format="A4", margin=margin)
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    # Rows and figures that stay whole leave gaps; more than that is a page that went wrong.
    least, most = 1, math.ceil(tall / PAPER["height"]) * 1.5 + 1
    if not least <= pages <= most:
        found.append(f"{tall} pixels are printed on {pages} pages")
    return [*found, *missing_pictures(page)]


def missing_pictures(page: Page) -> list[str]:
    """Find pictures that are not there, or not yet."""
    found: list[str] = page.evaluate(_MISSING)
    return found
