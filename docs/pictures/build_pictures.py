"""Draw the documents' pictures: the four zones, the example's released table, trained heads.

    python docs/pictures/build_pictures.py

Writes SVG files beside itself, each once for light and once for dark. A test holds them against
what this draws.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from engine.learning.expected import CROWDS, EPSILONS, EXPECTED, WITHOUT

HERE: Final = Path(__file__).parent
TABLE: Final = HERE.parent / "example" / "release.csv"
WIDTH: Final = 880
_FONT: Final = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"

Colours = Mapping[str, str]
THEMES: Final[Mapping[str, Colours]] = {
    "light": {
        "ink": "#1b1b1a",
        "soft": "#55554f",
        "line": "#d0d0ca",
        "mark": "#0067a3",
        "band": "#cfe3f1",
        "raw": "#fbe3dd",
        "raw-line": "#c2502f",
        "redacted": "#fdf1d6",
        "redacted-line": "#b07d12",
        "sightings": "#e6eef9",
        "sightings-line": "#3f6fb5",
        "public": "#e0f2e6",
        "public-line": "#2c8a55",
        "log": "#f1f0ec",
    },
    "dark": {
        "ink": "#ecebe6",
        "soft": "#b4b3ab",
        "line": "#44443f",
        "mark": "#7cc0f0",
        "band": "#1d3a4e",
        "raw": "#3a211b",
        "raw-line": "#e27f62",
        "redacted": "#382d13",
        "redacted-line": "#d9a73a",
        "sightings": "#1b2a41",
        "sightings-line": "#7ba6e6",
        "public": "#17321f",
        "public-line": "#5dbf88",
        "log": "#262624",
    },
}


def drawn() -> dict[str, str]:
    """Return every picture's SVG, by file name."""
    rows = released(TABLE)
    return {
        f"{name}-{theme}.svg": svg
        for theme, colours in THEMES.items()
        for name, svg in (
            ("zones", zones(colours)),
            ("crowd", crowd(rows, colours)),
            ("training", training(colours)),
        )
    }


def text(x: float, y: float, words: str, fill: str, size: int = 15, more: str = "") -> str:
    """Return one line of text whose base lies at `y`."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}"{more}>{escape(words)}</text>'
    )


_BOLD: Final = ' font-weight="600"'
_MIDDLE: Final = ' text-anchor="middle"'
_END: Final = ' text-anchor="end"'


def page(height: int, title: str, words: str, parts: Sequence[str]) -> str:
    """Return the whole SVG: named, described, without a ground of its own."""
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" aria-labelledby="title words" font-family="{_FONT}">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="words">{escape(words)}</desc>\n'
        f"{inside}\n</svg>\n"
    )


@dataclass(frozen=True)
class Zone:
    """One zone and what lies in it."""

    name: str
    colour: str
    lines: tuple[str, ...]


ZONES: Final = (
    Zone("1 Raw", "raw", ("the photo's bytes,", "in memory,", "inside redaction/", "alone")),
    Zone(
        "2 Redacted",
        "redacted",
        (
            "faces, codes, plates",
            "and free text veiled,",
            "metadata is gone,",
            "or it is withheld",
        ),
    ),
    Zone(
        "3 Sightings",
        "sightings",
        ("rows without pixels:", "who, when, what;", "encrypted on disk,", "then gone"),
    ),
    Zone(
        "4 Public",
        "public",
        ("noisy tables, with", "their bounds;", "a report, a label,", "a proof"),
    ),
)
DOORS: Final = ("redact", "recognise", "release")
_BOX: Final = 181
_GAP: Final = (WIDTH - 4 * _BOX - 4) / 3


def zones(colours: Colours) -> str:
    """Return the diagram: four zones, three doors, and the log below."""
    parts = []
    for number, zone in enumerate(ZONES):
        left, line = 2 + number * (_BOX + _GAP), colours[f"{zone.colour}-line"]
        parts.append(
            f'<rect x="{left:g}" y="2" width="{_BOX}" height="152" rx="12"'
            f' fill="{colours[zone.colour]}" stroke="{line}" stroke-width="2"/>'
        )
        parts.append(text(left + 16, 36, zone.name, colours["ink"], 19, _BOLD))
        for row, words in enumerate(zone.lines):
            parts.append(text(left + 16, 66 + 22 * row, words, colours["ink"]))
    for number, door in enumerate(DOORS):
        left = 2 + (number + 1) * _BOX + number * _GAP
        middle, ink = left + _GAP / 2, colours["ink"]
        parts.append(
            f'<path d="M{left + 6:g} 78H{left + _GAP - 8:g}m-9 -7l9 7l-9 7" fill="none"'
            f' stroke="{ink}" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/>'
        )
        parts.append(
            f'<path d="M{middle:g} 90V170M{middle:g} 200V222" stroke="{colours["soft"]}"'
            ' stroke-width="1.5" stroke-dasharray="2 4" fill="none"/>'
        )
        parts.append(text(middle, 191, f"door: {door}", ink, 16, _BOLD + _MIDDLE))
    parts.append(
        f'<rect x="2" y="222" width="{WIDTH - 4}" height="70" rx="12" fill="{colours["log"]}"'
        f' stroke="{colours["line"]}" stroke-width="2"/>'
    )
    parts.append(text(18, 250, "Audit log", colours["ink"], 17, _BOLD))
    said = "policy, approvals, code and models by digest, budget spent, each release by digest"
    parts.append(text(112, 250, said, colours["ink"]))
    never = "never a count, a file name, an account, a photo's digest or a time of day"
    parts.append(text(112, 276, never, colours["soft"]))
    return page(
        294,
        "Four zones and three doors",
        "A photo goes one way. In zone 1 it is raw, in memory, inside redaction alone. The door"
        " redact leads to zone 2, pixels without faces, codes, plates, text and metadata. The door"
        " recognise leads to zone 3, rows without pixels. The door release leads to zone 4, tables"
        " with noise, which is all that is public. The audit log records every step, and never a"
        " count, a file name, an account, a photo's digest or a time of day.",
        parts,
    )


@dataclass(frozen=True)
class Value:
    """A released number and its bounds."""

    month: str
    value: int
    low: int
    high: int


BRANDS: Final = ("Brightwater", "Kestrel", "Gelavia", "Voltessa")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")


def released(table: Path) -> dict[str, list[Value]]:
    """Return the numbers of `brands_by_month`, by brand, from a release's table."""
    found: dict[str, list[Value]] = {}
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["statistic"] == "brands_by_month":
                numbers = (int(row[name]) for name in ("value", "low95", "high95"))
                found.setdefault(row["brand"], []).append(Value(row["month"], *numbers))
    return {brand: sorted(values, key=lambda v: v.month) for brand, values in found.items()}


def crowd(rows: Mapping[str, Sequence[Value]], colours: Colours) -> str:
    """Return the chart: four brands, month by month, every bound drawn."""
    left, top, wide, high, gap = 44, 62, 187, 168, 26
    shown = [v for brand in BRANDS for v in rows[brand]]
    step = 100
    ceiling = -(-max(v.high for v in shown) // step) * step
    floor = min(0, *(v.low for v in shown))
    parts = [
        text(2, 20, "Made-up contributors who showed a brand, by month", colours["ink"], 18, _BOLD)
    ]

    def at(value: float) -> float:
        return top + high * (ceiling - value) / (ceiling - floor)

    for number, brand in enumerate(BRANDS):
        begins = left + number * (wide + gap)
        parts.append(text(begins, top - 14, brand, colours["ink"], 16, _BOLD))
        for tick in range(0, ceiling + 1, step):
            parts.append(
                f'<path d="M{begins} {at(tick):.1f}h{wide}" stroke="{colours["line"]}"'
                ' stroke-width="1"/>'
            )
            if number == 0:
                parts.append(text(begins - 8, at(tick) + 5, str(tick), colours["soft"], 14, _END))
        values = rows[brand]
        places = [begins + wide * (index + 0.5) / len(values) for index in range(len(values))]
        points = list(zip(places, values, strict=True))
        band = [f"{x:.1f},{at(v.high):.1f}" for x, v in points]
        band += [f"{x:.1f},{at(v.low):.1f}" for x, v in reversed(points)]
        parts.append(f'<polygon points="{" ".join(band)}" fill="{colours["band"]}"/>')
        line = " ".join(f"{x:.1f},{at(v.value):.1f}" for x, v in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colours["mark"]}" stroke-width="1.5"/>'
        )
        for x, v in points:
            parts.append(
                f'<path d="M{x - 4:.1f} {at(v.high):.1f}h8M{x:.1f} {at(v.high):.1f}'
                f'V{at(v.low):.1f}m-4 0h8" stroke="{colours["mark"]}" stroke-width="2"'
                ' fill="none"/>'
                f'<circle cx="{x:.1f}" cy="{at(v.value):.1f}" r="4" fill="{colours["mark"]}"/>'
            )
            name = _MONTHS[int(v.month[5:]) - 1]
            parts.append(text(x, top + high + 20, name, colours["soft"], 13, _MIDDLE))
    below = (
        "Dot: the number as released. Bar: where the count before noise lies, 95 times in 100."
        " Below zero is noise."
    )
    parts.append(text(2, top + high + 52, below, colours["soft"], 14))
    told = "; ".join(
        f"{brand}: " + ", ".join(f"{v.month} {v.value} ({v.low} to {v.high})" for v in rows[brand])
        for brand in BRANDS
    )
    return page(
        top + high + 62,
        "Made-up contributors who showed a brand, by month, with 95 % bounds",
        f"Four line charts of released numbers with their bounds. {told}.",
        parts,
    )


def training(colours: Colours) -> str:
    """Return the chart: how good a head is, by epsilon, for crowds of several sizes."""
    left, top, wide, high = 60, 62, 560, 240
    places = [left + wide * (n + 0.5) / len(EPSILONS) for n in range(len(EPSILONS))]
    across = places[-1] - left + 4
    parts = [
        text(2, 20, "F1 of a head of 27 brands, by epsilon", colours["ink"], 18, _BOLD),
    ]

    def at(value: float) -> float:
        return top + high * (1 - value)

    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        parts.append(
            f'<path d="M{left} {at(tick):.1f}h{across:g}" stroke="{colours["line"]}"'
            ' stroke-width="1"/>'
        )
        parts.append(text(left - 8, at(tick) + 5, f"{tick:g}", colours["soft"], 14, _END))
    for x, epsilon in zip(places, EPSILONS, strict=True):
        parts.append(text(x, top + high + 22, f"epsilon {epsilon}", colours["soft"], 14, _MIDDLE))
    shown = [number for number in CROWDS if number >= CROWDS[2]]
    name_at = float(top + high)
    for number in shown:
        points = list(zip(places, (EXPECTED[number, e] for e in EPSILONS), strict=True))
        line = " ".join(f"{x:.1f},{at(value):.1f}" for x, value in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colours["mark"]}" stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{at(value):.1f}" r="4" fill="{colours["mark"]}"/>'
            for x, value in points
        ]
        x, value = points[-1]
        # Names of lines that end together stand one above the other.
        name_at = min(name_at - 17, at(value) + 5)
        parts.append(text(x + 14, name_at, f"{number} contributors", colours["ink"], 14))
    without = WITHOUT[CROWDS[2]]
    parts.append(
        f'<path d="M{left} {at(without):.1f}h{across:g}" stroke="{colours["soft"]}"'
        ' stroke-width="1.5" stroke-dasharray="6 5"/>'
    )
    parts.append(text(left, at(without) - 8, "no privacy", colours["soft"], 14))
    told = "; ".join(
        f"{number} contributors: "
        + ", ".join(f"{EXPECTED[number, e]:.2f} at {e}" for e in EPSILONS)
        for number in shown
    )
    return page(
        top + high + 40,
        "F1 of a head of 27 brands, by epsilon and number of contributors",
        "A line chart of how good heads are that were trained within a budget, against epsilon."
        f" {told}. Without privacy: {without:.2f}.",
        parts,
    )


if __name__ == "__main__":
    for name, svg in drawn().items():
        (HERE / name).write_text(svg, encoding="utf-8")
