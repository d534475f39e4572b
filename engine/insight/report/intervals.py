"""A chart of numbers with their bounds, one below the other: a dot on a line, and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from engine.insight.report.drawing import (
    WIDTH,
    Drawing,
    Scale,
    dot,
    line,
    number,
    text,
    ticks,
)

_ROW, _AXIS, _EDGE = 36, 26, 12
_TIMES: Final = (1 / 16, 16.0)
_TIMES_TICKS: Final = (
    (1 / 8, "⅛"),
    (1 / 4, "¼"),
    (1 / 2, "½"),
    (1, "1"),
    (2, "2"),
    (4, "4"),
    (8, "8"),
)

Unit = Literal["share", "times"]


@dataclass(frozen=True)
class Interval:
    """One number and its bounds; the three are None where nothing is known of it."""

    label: str
    value: float | None
    low: float | None
    high: float | None

    def words(self, unit: Unit) -> str:
        """Return it as it is written beside its mark."""
        if self.value is None or self.low is None or self.high is None:
            return "not known: too few"
        if unit == "share":
            return f"{percent(self.value)} ({percent(self.low)} to {percent(self.high)})"
        return f"{times(self.value)} ({times(self.low)} to {times(self.high)})"


def percent(part: float) -> str:
    """Return a share in percent: with a decimal below 10."""
    return f"{100 * part:.1f} %" if part < 0.0995 else f"{100 * part:.0f} %"


def times(factor: float) -> str:
    """Return a factor, such as 1.80."""
    return f"{factor:.2f}" if factor < 9.995 else f"{factor:.1f}"


def interval_chart(
    name: str,
    title: str,
    intervals: Sequence[Interval],
    unit: Unit,
    columns: tuple[str, str] = ("Label", "Share"),
    note: str = "",
) -> Drawing:
    """Return the chart. Shares start at 0; factors are on a doubling scale around 1."""
    scale, marks = _axis(intervals, unit)
    floor = len(intervals) * _ROW + 6
    parts = []
    for at, words in marks:
        parts.append(line(scale.at(at), 4, scale.at(at), floor, "line"))
        parts.append(text(scale.at(at), floor + 16, words, "middle"))
    if unit == "times":
        parts.append(line(scale.at(1), 4, scale.at(1), floor, "chance", 1.5))
    for place, interval in enumerate(intervals):
        parts += _row(interval, unit, scale, place * _ROW)
    said = "; ".join(f"{i.label} {i.words(unit)}" for i in intervals)
    return Drawing(
        name,
        title,
        f"{title}. {said}.",
        floor + _AXIS,
        tuple(parts),
        (columns[0], columns[1], "At least", "At most"),
        tuple(_cells(interval, unit) for interval in intervals),
        note,
    )


def _axis(intervals: Sequence[Interval], unit: Unit) -> tuple[Scale, Sequence[tuple[float, str]]]:
    # Half of "100 %" stands to the right of the last tick.
    ends = _EDGE, WIDTH - _EDGE - 14
    if unit == "times":
        return Scale(*_TIMES, *ends, logarithmic=True), _TIMES_TICKS
    most = max([i.high for i in intervals if i.high is not None], default=1.0)
    steps = ticks(0, max(100 * most, 1), 5)
    return Scale(0, steps[-1] / 100, *ends), [(at / 100, f"{number(at)} %") for at in steps]


def _row(interval: Interval, unit: Unit, scale: Scale, top: int) -> list[str]:
    parts = [
        text(2, top + 15, _short(interval.label), colour="ink"),
        text(WIDTH - 2, top + 15, interval.words(unit), "end"),
    ]
    if interval.value is None or interval.low is None or interval.high is None:
        return parts
    y = top + 26
    x1, x2 = scale.at(interval.low), scale.at(interval.high)
    parts.append(line(x1, y, x2, y, "mark", 3))
    for x, bound, out in ((x1, interval.low, -1), (x2, interval.high, 1)):
        if scale.low <= bound <= scale.high:
            parts.append(line(x, y - 5, x, y + 5, "mark", 2))
        else:
            # It goes on beyond the scale: an arrow, and no end.
            parts += [line(x, y, x - 6 * out, y + side, "mark", 2) for side in (-5, 5)]
    parts.append(dot(scale.at(interval.value), y))
    return parts


def _short(label: str) -> str:
    # Its end tells names apart that begin alike; the table behind the chart has it whole.
    return label if len(label) <= 28 else f"{label[:17]}…{label[-10:]}"


def _cells(interval: Interval, unit: Unit) -> tuple[str, ...]:
    words = percent if unit == "share" else times
    parts = (interval.value, interval.low, interval.high)
    return (interval.label, *("not known" if part is None else words(part) for part in parts))
