"""Which released counts can't be above which others, whatever the data were.

A contributor in the smaller count is in the larger one too: with a brand among those who post,
with a pair among those with either label, with a brand among those with its parent. The counts
that are released are bounded, though, each statistic on its own, and where a contributor's cells
in the larger one were cut, it may end up below. So a pair is listed only where K, the contribution
bound of the larger statistic, is all of its cells, and nothing of it can have been cut.

Nothing adds up: a contributor may count in several periods, places or labels, and photos are
clipped cell by cell, so that no sum over cells equals a coarser cell.
"""

from collections.abc import Iterator
from itertools import permutations, product

import polars as pl

from engine.insight.laws import Ints
from engine.insight.released import INDEPENDENT, Released
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic
from engine.statistics.measures import Contributors, Measure, Photos, Together

Source = tuple[str, dict[str, str] | None]
"""Where a larger cell's key comes from: the smaller one's dimension, and what its keys become."""


def containments(released: Released) -> list[tuple[Ints, Ints]]:
    """Return pairs of row numbers of `released.table`: each smaller cell, and the one above it.

    Within one entry of the list no smaller cell stands twice, and none is a larger one.
    """
    numbered = released.table.with_row_index("row")
    found = []
    for lower, upper in permutations(released.with_measure(*INDEPENDENT), 2):
        whole = released.study.bound(upper) == upper.cells
        if not (whole and _counts_within(lower.measure, upper.measure)):
            continue
        for sources in _sources(lower, upper):
            pairs = _pairs(numbered, lower, upper, sources)
            if pairs.height:
                found.append((pairs["row"].to_numpy(), pairs["above"].to_numpy()))
    return [(rows.astype("int64"), above.astype("int64")) for rows, above in found]


def _counts_within(lower: Measure, upper: Measure) -> bool:
    """Say whether what the one counts is counted by the other, over dimensions that contain it."""
    match upper:
        case Contributors() | Together():
            return isinstance(lower, (Contributors, Together))
        case Photos(clip):
            # A contributor's photos of a cell are also photos of the larger one, up to its clip.
            return not isinstance(lower, Photos) or lower.clip <= clip
        case _:
            return False


def _sources(lower: Statistic, upper: Statistic) -> Iterator[tuple[Source, ...]]:
    yield from product(*(list(_sources_of(dimension, lower)) for dimension in upper.by))


def _sources_of(dimension: Dimension, lower: Statistic) -> Iterator[Source]:
    for name in lower.names:
        label = name.removeprefix("with_")
        if dimension.name in (name, label):
            yield name, None
        elif label == "brand" and dimension.of:
            yield name, dict(dimension.of)


def _pairs(
    numbered: pl.DataFrame, lower: Statistic, upper: Statistic, sources: tuple[Source, ...]
) -> pl.DataFrame:
    theirs = numbered.filter(pl.col("statistic") == upper.id)
    rows = numbered.filter(pl.col("statistic") == lower.id)
    keys = [
        pl.col(name) if of is None else pl.col(name).replace_strict(of, default=None)
        for name, of in sources
    ]
    key_names = [f"key{number}" for number in range(len(keys))]
    ours = rows.select("row", *(key.alias(n) for key, n in zip(keys, key_names, strict=True)))
    above = theirs.select(
        pl.col("row").alias("above"),
        *(pl.col(d.name).alias(n) for d, n in zip(upper.by, key_names, strict=True)),
    )
    return ours.join(above, on=key_names) if keys else ours.join(above, how="cross")
