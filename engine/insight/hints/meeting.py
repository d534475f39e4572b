"""Which brands meet in one photo more than chance."""

from collections.abc import Iterator
from functools import partial

from engine.insight.affinity import Base, counted, level_of_all, lift_bounds
from engine.insight.errors import NotReleased
from engine.insight.hints.hint import Hint, Question, between, factor, spoken
from engine.insight.released import Released
from engine.statistics.interface import Statistic
from engine.statistics.measures import Together


def meetings(released: Released) -> Iterator[Question]:
    """Yield one question for each table of labels that meet their own kind.

    Of other tables `standing` asks: their lift among meetings is bent by less.
    """
    for statistic in released.with_measure(Together):
        if statistic.second is None or statistic.second.name != f"with_{statistic.label.name}":
            continue
        try:
            base = Base.of(released, statistic)
        except NotReleased:
            continue
        yield Question(f"meetings in {statistic.id}", partial(_met, released, statistic, base))


def _met(released: Released, pairs: Statistic, base: Base, risk: float) -> Iterator[Hint]:
    rows, counts, laws = counted(released, pairs, base)
    low, high, known = lift_bounds(counts, laws, level_of_all(released, pairs, base, risk))
    for row, least, most, sure in zip(rows.iter_rows(named=True), low, high, known, strict=True):
        # Photos that each show one of the two lower this lift, so that "less" would say nothing.
        if not sure or least <= 1:
            continue
        keys = [row[name] for name in pairs.names]
        lift = min(
            max(row["together"] * row["whole"] / (row["first"] * row["second"]), least), most
        )
        one, other = (spoken(key, pairs.label.name) for key in keys[:2])
        around = f" ({', '.join(keys[2:])})" if keys[2:] else ""
        yield Hint(
            "together",
            f"{one} and {other}{around} appear in one photo more than chance: lift "
            f"{factor(lift)}, {between(least, most)}.",
            lift,
            float(least),
            float(most),
            f"{pairs.id}: {', '.join(keys)} ({row['together']}), against {base.first.id}, "
            f"{base.second.id} and {base.whole.id}",
        )
