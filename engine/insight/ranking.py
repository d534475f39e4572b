"""Which labels lead, and how sure their ranks are.

The noise of m cells of one law is nowhere further apart than its range, max - min. Where two
released values differ by more than the range reaches in 95 % of draws, their counts are in that
order, for all pairs together: Tukey's honest significant difference (1953), with the exact law of
the range in place of the normal one. Counting the cells that are surely above and below gives
each rank's bounds, all of them together at 95 % (Mohamad, Goeman, van Zwet 2022).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl

from engine.insight.errors import NotReleased
from engine.insight.laws import Floats, Ints, Law
from engine.insight.released import INDEPENDENT, Released, stacked
from engine.statistics.interface import Statistic

RANKS: Final = pl.Schema(
    {"value": pl.Int64, "rank": pl.Int64, "best": pl.Int64, "worst": pl.Int64, "sure": pl.Boolean}
)
"""Columns after the keys, for `ranking`. `rank` is by released value, 1 the largest, ties by key;
`best` and `worst` are its bounds; `sure` says that they are equal."""

TOPS: Final = pl.Schema(
    [
        ("k", pl.Int64()),
        ("members", pl.List(pl.String)),
        ("gap", pl.Int64()),
        ("doubt", pl.Float64()),
        ("sure", pl.Boolean()),
    ]
)
"""Columns after the keys, for `top_sets`; the label's keys are null. `members` are the k labels
with the largest values, in order, two that meet joined by " & "; `gap` is how far the next one
is; `doubt` is the chance that noise spreads further than that; `sure` says that `doubt` is at
most 5 %."""


def ranking(released: Released, statistic: Statistic) -> pl.DataFrame:
    """Return the rank of every label among those of the same period and place.

    With 95 %, all ranks of a group are within their bounds; labels with equal counts may take
    each other's ranks.

    Raises `NotReleased` where the statistic has no labels, or no independent noise.
    """
    rows, size = _ordered(released, statistic)
    law = released.law(statistic)
    groups = rows["value"].to_numpy().reshape(-1, size)
    apart = spread(law, size)
    # A rank starts after those that are surely above, and ends before those surely below.
    above = [size - np.searchsorted(g[::-1], g + apart, side="right") for g in groups]
    below = [np.searchsorted(g[::-1], g - apart, side="left") for g in groups]
    ranked = rows.with_columns(
        pl.Series("rank", np.tile(np.arange(1, size + 1), len(groups)), pl.Int64),
        pl.Series("best", np.concatenate(above) + 1, pl.Int64),
        pl.Series("worst", size - np.concatenate(below), pl.Int64),
    ).with_columns((pl.col("best") == pl.col("worst")).alias("sure"))
    return stacked([ranked], pl.Schema({**released.keys, **RANKS}))


def top_sets(released: Released, statistic: Statistic, sizes: Sequence[int]) -> pl.DataFrame:
    """Return the first k labels of every period and place, for each k that leaves one out.

    Where `sure` is true, no label outside has a larger count than one inside, but in at most 5 %
    of releases, for all k together.

    Raises `NotReleased` where the statistic has no labels, or no independent noise.
    """
    rows, size = _ordered(released, statistic)
    labels = _labels(statistic)
    groups = rows["value"].to_numpy().reshape(-1, size)
    names = rows.select(pl.concat_str(labels, separator=" & ")).to_series().to_list()
    alike = rows.gather_every(size).with_columns(pl.lit(None, pl.String).alias(n) for n in labels)
    parts = []
    for k in (k for k in sizes if 0 < k < size):
        gaps, where = np.unique(groups[:, k - 1] - groups[:, k], return_inverse=True)
        doubt = spreads_beyond(released.law(statistic), size, gaps)[where]
        members = [names[start : start + k] for start in range(0, len(names), size)]
        parts.append(
            alike.with_columns(
                pl.lit(k, pl.Int64).alias("k"),
                pl.Series("members", members, pl.List(pl.String)),
                pl.Series("gap", gaps[where], pl.Int64),
                pl.Series("doubt", doubt, pl.Float64),
                pl.Series("sure", doubt <= 0.05, pl.Boolean),
            )
        )
    return stacked(parts, pl.Schema({**released.keys, **TOPS})).sort(*released.keys, "k")


@lru_cache(maxsize=256)
def spread(law: Law, cells: int, level: float = 0.95) -> int:
    """Return the smallest g so that the noise of so many cells has a range above g in 1 - level."""
    low, high = -1, 2 * (law.reach + 2) * law.step
    while high - low > 1:
        middle = (low + high) // 2
        beyond = spreads_beyond(law, cells, np.array([middle]))[0] > 1 - level
        low, high = (middle, high) if beyond else (low, middle)
    return high


def spreads_beyond(law: Law, cells: int, gaps: Ints) -> Floats:
    """Return the chance that the noise of so many cells has a range above each gap.

    P(range <= g) sums, over the least value x, P(all in x..x + g) - P(all in x + 1..x + g).
    """
    least = np.arange(-law.reach, law.reach + 1, dtype=np.float64)
    # On a lattice of several counts, one step of it is given away.
    steps = gaps // law.step - (law.step > 1)
    below = law.at_most(least - 1)
    within = [
        ((top - below) ** cells - (top - law.at_most(least)) ** cells).sum() if gap >= 0 else 0.0
        for gap, top in ((gap, law.at_most(least + gap)) for gap in steps.astype(np.float64))
    ]
    chances: Floats = np.clip(1 - np.array(within, dtype=np.float64), 0, 1)
    return chances


def _labels(statistic: Statistic) -> list[str]:
    if statistic.labelled is None or not isinstance(statistic.measure, INDEPENDENT):
        raise NotReleased(f"{statistic.id} has no labels to rank")
    found = (statistic.labelled, statistic.second)
    return [dimension.name for dimension in found if dimension is not None]


def _ordered(released: Released, statistic: Statistic) -> tuple[pl.DataFrame, int]:
    """Return the rows group after group, the largest first, and how many a group has.

    INVARIANT: a grid has every label in every period and place, so that groups are of one size.
    """
    labels = _labels(statistic)
    over = [name for name in statistic.names if name not in labels]
    descending = [name == "value" for name in (*over, "value", *labels)]
    rows = released.rows(statistic).sort(*over, "value", *labels, descending=descending)
    return rows, rows.height // rows.select(*over).n_unique() if over else rows.height
