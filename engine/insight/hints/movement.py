"""What is seen more, or less, in the last third of the periods than in the first."""

from collections.abc import Iterator
from functools import partial

from engine.insight.balance import ratio_bounds
from engine.insight.changes import thirds
from engine.insight.hints.hint import (
    Hint,
    Question,
    between,
    factor,
    least_noisy,
    spoken,
    stretch_words,
)
from engine.insight.released import Released
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos


def movements(released: Released) -> Iterator[Question]:
    """Yield one question for each kind of label that is counted over periods."""
    measured = list(released.with_measure(Contributors)) or list(released.with_measure(Photos))
    periodic = [s for s in measured if s.period is not None and len(s.period.keys) > 1]
    for statistic in least_noisy(released, periodic):
        yield Question(f"movement in {statistic.id}", partial(_moved, released, statistic))


def _moved(released: Released, statistic: Statistic, risk: float) -> Iterator[Hint]:
    rows, (one, _) = thirds(released, statistic)
    counts = rows["value_after"].to_numpy(), rows["value_before"].to_numpy()
    low, high, known = ratio_bounds(counts[0], one, counts[1], one, 1 - risk / rows.height)
    for row, least, most, sure in zip(rows.iter_rows(named=True), low, high, known, strict=True):
        if not sure or least <= 1 <= most:
            continue
        period = statistic.period
        assert period is not None
        over = [name for name in statistic.names if name != period.name]
        keys, said = [row[name] for name in over], spoken(row[over[0]], over[0])
        before, after = stretch_words(row["before"]), stretch_words(row["after"])
        times = min(max(row["value_after"] / row["value_before"], least), most)
        more = least > 1
        yield Hint(
            "rise" if more else "fall",
            f"{said}{_where(keys[1:])} is seen {'more' if more else 'less'}: {factor(times)} "
            f"times as often in {after} as in {before}, {between(least, most)}.",
            times,
            float(least),
            float(most),
            f"{statistic.id}: {', '.join(keys)}, {row['before']} (sum {row['value_before']}) and "
            f"{row['after']} (sum {row['value_after']})",
        )


def _where(places: list[str]) -> str:
    return f" ({', '.join(places)})" if places else ""
