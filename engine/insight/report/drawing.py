"""Pieces of an SVG drawing: colours, scales, ticks and text, the same bytes for the same numbers.

Drawn here rather than by a chart library, for what the file is: a part of a release, whose digest
is in the log and which others make anew to compare. vl-convert carries a browser's engine (a wheel
of 33 MB) into a process that holds sightings, and matplotlib lays text out by the fonts that it
finds and leaves a cache on the disk; either gives other bytes on another machine.

Colours stand in the elements, for readers that know no style sheet; the page gives others by class
in the dark. Floats place marks on the screen and do nothing else.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import Final, Literal

WIDTH: Final = 360
"""Of every drawing: a phone shows it without making its letters smaller."""
COLOURS: Final = {
    "ink": "#1b1b1a",
    "soft": "#5c5c58",
    "line": "#d9d8d2",
    "mark": "#0072b2",
    "chance": "#9a6200",
}
_FONT: Final = 'font-family="system-ui,sans-serif"'
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Drawing:
    """One chart: what is drawn, what it says in words, and the numbers behind it."""

    name: str
    """A file's name without its ending; also the id of its figure."""
    title: str
    words: str
    """What a reader who can't see it is told."""
    height: int
    parts: tuple[str, ...]
    columns: tuple[str, ...] = field(default=())
    rows: tuple[tuple[str, ...], ...] = field(default=())
    note: str = ""
    about: str = ""
    """What a file of its own says below its title, where no page is around it."""

    def inline(self) -> str:
        """Return the SVG as it stands in a page."""
        return _svg(self.height, self.words, self.parts, 0)

    def file(self) -> str:
        """Return the SVG as a file of its own: with its title and what it is of, on white."""
        about = wrap(self.about, 48)
        top = 30 + 15 * len(about)
        parts = [f'<rect width="{WIDTH}" height="{self.height + top}" fill="#fff"/>']
        parts.append(text(2, 18, self.title, weight="bold", colour="ink"))
        parts += [text(2, 35 + 15 * number, words) for number, words in enumerate(about)]
        parts.append(f'<g transform="translate(0 {top})">{"".join(self.parts)}</g>')
        return _svg(self.height + top, self.words, parts, 2) + "\n"


def _svg(height: int, words: str, parts: Iterable[str], zoom: int) -> str:
    size = f' width="{WIDTH * zoom}" height="{height * zoom}"' if zoom else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"{size} '
        f'role="img" aria-label="{escape(words)}" {_FONT} font-size="13">{"".join(parts)}</svg>'
    )


def text(
    x: float,
    y: float,
    words: str,
    anchor: Anchor = "start",
    *,
    weight: str = "",
    colour: str = "soft",
) -> str:
    """Return one line of text, whose base lies at `y`."""
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text class="{colour}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{bold} '
        f'fill="{COLOURS[colour]}">{escape(words)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "line", width: float = 1) -> str:
    """Return a straight line; `kind` names its colour."""
    dashed = ' stroke-dasharray="3 3"' if kind == "chance" else ""
    return (
        f'<path class="{kind}" fill="none" stroke="{COLOURS[kind]}" stroke-width="{width:g}"'
        f'{dashed} d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'
    )


def dot(x: float, y: float, radius: float = 4) -> str:
    """Return a filled mark."""
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="#0072b2"/>'


@dataclass(frozen=True)
class Scale:
    """Where a number lies between two places; beyond its ends, at the end."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, number: float) -> float:
        """Return the place of a number."""
        kept = min(max(number, self.low), self.high)
        part = (
            math.log(kept / self.low) / math.log(self.high / self.low)
            if self.logarithmic
            else (kept - self.low) / (self.high - self.low)
        )
        return self.start + (self.end - self.start) * part


def ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Return round numbers (1, 2 or 5 times a power of ten apart) from `low` or before to `high`
    or after, at most about `most` of them."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * n for n in (1, 2, 5, 10, 20) if span / (power * n) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(n * step, 10) for n in range(first, last + 1))


def number(value: float) -> str:
    """Return a number of an axis, such as 1,500 or 0.5."""
    return f"{value:,.0f}" if value == round(value) else f"{value:.10g}"


def path(points: Sequence[tuple[float, float]]) -> str:
    """Return the points as a path's data."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
