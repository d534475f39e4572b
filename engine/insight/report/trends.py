"""A chart of one number over the periods, with the band of its bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.insight.report.drawing import (
    COLOURS,
    WIDTH,
    Drawing,
    Scale,
    dot,
    line,
    number,
    path,
    text,
    ticks,
)

_HEIGHT, _LEFT, _RIGHT, _TOP, _FLOOR = 168, 46, 14, 12, 140
_MOST_DOTS = 40


@dataclass(frozen=True)
class Point:
    """A period's released number and its bounds."""

    period: str
    value: int
    low: int
    high: int


def trend_chart(name: str, title: str, points: Sequence[Point], what: str) -> Drawing:
    """Return the chart of points in their order; zero is always on its scale."""
    steps = ticks(min(0, *(p.low for p in points)), max(1, *(p.high for p in points)), 4)
    up = Scale(steps[0], steps[-1], _FLOOR, _TOP)
    across = Scale(0, max(1, len(points) - 1), _LEFT + 6, WIDTH - _RIGHT)
    if len(points) == 1:
        across = Scale(0, 2, _LEFT + 6, WIDTH - _RIGHT)
    first = 1 if len(points) == 1 else 0
    xs = [across.at(place + first) for place in range(len(points))]
    parts = []
    for at in steps:
        parts.append(line(_LEFT, up.at(at), WIDTH - _RIGHT, up.at(at), "line"))
        parts.append(text(_LEFT - 6, up.at(at) + 4, number(at), "end"))
    if steps[0] < 0:
        parts.append(line(_LEFT, up.at(0), WIDTH - _RIGHT, up.at(0), "soft"))
    upper = [(x, up.at(p.high)) for x, p in zip(xs, points, strict=True)]
    lower = [(x, up.at(p.low)) for x, p in zip(xs, points, strict=True)]
    middle = [(x, up.at(p.value)) for x, p in zip(xs, points, strict=True)]
    if len(points) > 1:
        band = path([*upper, *reversed(lower)])
        parts.append(f'<path class="band" fill="#0072b2" fill-opacity="0.22" d="{band}Z"/>')
        parts.append(
            f'<path class="mark" fill="none" stroke="{COLOURS["mark"]}" stroke-width="2" '
            f'stroke-linejoin="round" d="{path(middle)}"/>'
        )
    if len(points) <= _MOST_DOTS:
        for (x, y), (_, above), (_, below) in zip(middle, upper, lower, strict=True):
            parts += [line(x, above, x, below, "mark", 1), dot(x, y, 2.5)]
    parts += _periods(xs, points)
    last = points[-1]
    said = (
        f"{title}: {what}. {points[0].period}: {points[0].value}, between {points[0].low} and "
        f"{points[0].high}. {last.period}: {last.value}, between {last.low} and {last.high}."
    )
    rows = tuple((p.period, f"{p.value:,}", f"{p.low:,}", f"{p.high:,}") for p in points)
    columns = ("Period", "Number", "At least", "At most")
    return Drawing(name, title, said, _HEIGHT, tuple(parts), columns, rows)


def _periods(xs: Sequence[float], points: Sequence[Point]) -> list[str]:
    """Return the first and the last period's names, and one between where there is room."""
    y = _FLOOR + 18
    if len(points) == 1:
        return [text(xs[0], y, points[0].period, "middle")]
    ends = [text(xs[0] - 6, y, points[0].period), text(xs[-1], y, points[-1].period, "end")]
    if len(points) < 5:
        return ends
    half = len(points) // 2
    return [*ends, text(xs[half], y, points[half].period, "middle")]
