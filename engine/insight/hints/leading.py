"""Which label of a group is seen most."""

from collections.abc import Iterator, Mapping
from functools import partial

import polars as pl

from engine.insight.balance import part_bounds
from engine.insight.hints.hint import Hint, Question, least_noisy, spoken
from engine.insight.ranking import spread
from engine.insight.released import Released
from engine.insight.sums import Summed, summed
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Photos

_PLURALS = {"category": "categories", "parent": "brand lines"}


def leaders(released: Released, categories: Mapping[str, str] | None) -> Iterator[Question]:
    """Yield one question for each kind of label; brands are compared within their categories."""
    measured = list(released.with_measure(Contributors)) or list(released.with_measure(Photos))
    for statistic in least_noisy(released, measured):
        if len(statistic.label.keys) > 1:
            asked = partial(_led, released, statistic, categories or {})
            yield Question(f"leaders in {statistic.id}", asked)


def _led(
    released: Released, statistic: Statistic, categories: Mapping[str, str], risk: float
) -> Iterator[Hint]:
    label = statistic.label.name
    sums = summed(released, statistic, [label])
    named = categories if label == "brand" else {}
    groups = pl.col(label).replace_strict(dict(named), default="", return_dtype=pl.String)
    rows = sums.rows.with_columns((groups if named else pl.lit("")).alias("group"))
    parts = [part for part in rows.partition_by("group") if part.height > 1]
    labels = sum(part.height for part in parts)
    for part in parts:
        # Half of the risk is for the order, half for the shares, any of which might be the first's.
        hint = _first(sums, part, 1 - risk / 2 / len(parts), 1 - risk / 2 / labels)
        if hint is not None:
            yield hint


def _first(sums: Summed, group: pl.DataFrame, ordered: float, bounded: float) -> Hint | None:
    label = sums.statistic.label.name
    group = group.sort("value", label, descending=[True, False])
    first, second = group["value"][0], group["value"][1]
    if first - second <= spread(sums.law(), group.height, ordered):
        return None
    rest, among = group["value"].sum() - first, group.height - 1
    if first + rest <= sums.law(group.height).half_width(bounded):
        return None
    value, others = group["value"].to_numpy()[:1], group["value"].to_numpy()[1:].sum(keepdims=True)
    low, high = part_bounds(value, sums.law(), others, sums.law(among), bounded)
    share = min(max(first / (first + rest), low[0]), high[0])
    name, among_words = group[label][0], _among(group["group"][0], label)
    return Hint(
        "leader",
        f"{spoken(name, label)} is seen most among {among_words}: its share of voice is "
        f"{100 * share:.0f} %, between {100 * low[0]:.0f} and {100 * high[0]:.0f} %.",
        float(share),
        float(low[0]),
        float(high[0]),
        f"{sums.statistic.id}: every {label} among {among_words}"
        + (f", {sums.draws} cells each" if sums.draws > 1 else ""),
    )


def _among(group: str, label: str) -> str:
    plural = _PLURALS.get(label, f"{label}s")
    return f"{plural} of the category {group}" if group else plural
