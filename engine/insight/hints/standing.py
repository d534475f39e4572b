"""Where, when and with what a label is seen more, or less, than labels at large."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby

from engine.insight.concentration import SEASONS, Along, level_of_all, quotients, ways
from engine.insight.hints.hint import Hint, Kind, Question, between, factor, least_noisy, spoken
from engine.insight.released import Released
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos, Together

_PLURALS = {"category": "categories", "parent": "brand lines"}


def standings(released: Released) -> Iterator[Question]:
    """Yield one question for each kind of label and way to part its cells."""
    added = list(released.with_measure(Contributors)) or list(released.with_measure(Photos))
    found = [
        (along.name, statistic)
        for statistic in (*added, *released.with_measure(Together))
        for along in ways(statistic)
    ]
    found.sort(key=lambda pair: pair[0])
    for name, pairs in groupby(found, key=lambda pair: pair[0]):
        for statistic in least_noisy(released, [statistic for _, statistic in pairs]):
            along = next(way for way in ways(statistic) if way.name == name)
            asked = partial(_stood, released, statistic, along)
            yield Question(f"{name} in {statistic.id}", asked)


def _stood(released: Released, statistic: Statistic, along: Along, risk: float) -> Iterable[Hint]:
    rows = quotients(released, statistic, along, level_of_all(statistic, along, risk))
    label = statistic.label.name
    for row in rows.filter(known=True).iter_rows(named=True):
        low, high, value = row["low"], row["high"], row["quotient"]
        if low <= 1 <= high:
            continue
        kind: Kind = "season" if along.name in SEASONS else "place"
        kind = "together" if along.name.startswith("with_") else kind
        yield Hint(
            kind,
            _words(
                kind,
                spoken(row[label], label),
                spoken(row["part"], along.name),
                "more" if low > 1 else "less",
                label,
            )
            + f"{factor(value)}, {between(low, high)}.",
            value,
            low,
            high,
            f"{statistic.id}: {row[label]}, {row['part']} ({row['value']} of "
            f"{row['label_total']}), against every {label}",
        )


def _words(kind: Kind, label: str, part: str, how: str, dimension: str) -> str:
    others = _PLURALS.get(dimension, f"{dimension}s")
    match kind:
        case "together":
            return f"{label} appears with {part} {how} than chance: lift "
        case "season":
            return f"{label} is seen {how} in {part} than {others} at large: index "
        case _:
            return f"{label} is seen {how} in {part} than {others} at large: index "
