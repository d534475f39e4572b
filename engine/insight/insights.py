"""Everything that a release allows to be said, gathered."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from engine.insight import (
    affinity,
    caveats,
    changes,
    concentration,
    means,
    ranking,
    reading,
    shares,
)
from engine.insight.errors import NotReleased
from engine.insight.released import INDEPENDENT, Released, stacked
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Contributors, Photos, Together

TOP_SIZES: Final = (1, 3, 5, 10)
"""Sizes of the top sets that are looked at."""


@dataclass(frozen=True)
class Insights:
    """Derived tables, each with `statistic` and the study's dimensions first.

    A table that the study does not allow has no rows. The columns after the keys, and what their
    bounds promise, are described beside the `NUMBERS` (in `ranking`, `RANKS` and `TOPS`) of the
    module that each comes from.
    """

    reading: pl.DataFrame
    shares: pl.DataFrame
    voice: pl.DataFrame
    occasions: pl.DataFrame
    ranking: pl.DataFrame
    tops: pl.DataFrame
    changes: pl.DataFrame
    movers: pl.DataFrame
    affinities: pl.DataFrame
    concentrations: pl.DataFrame
    means: pl.DataFrame
    notes: tuple[str, ...]
    """What a report must print beside them: the caveats of every table that has rows."""


def insights(
    table: pl.DataFrame, study: Study, categories: Mapping[str, str] | None = None
) -> Insights:
    """Derive all that the release allows.

    Args:
        table: the release's table, in any order of rows and columns.
        study: what it is a release of. Releases of a continual study can be given as one table,
            with the study cut to the periods that they close between them.
        categories: of each brand that has one, the category that it is compared in; by default
            as the study's own dimension says.

    Raises:
        TableRefused: the table is not a release of the study.
    """
    released = Released.of(table, study)
    numbered = list(released.with_measure(*INDEPENDENT))
    labelled = [statistic for statistic in numbered if statistic.labelled is not None]
    alone = [s for s in labelled if isinstance(s.measure, (Contributors, Photos))]
    periodic = [statistic for statistic in numbered if statistic.period is not None]
    keys = dict(released.keys)
    found = {
        "shares": (
            [shares.shares(released, s, categories_of(study, s, categories)) for s in alone],
            shares.NUMBERS,
            caveats.SHARES,
        ),
        "voice": (
            [shares.voice(released, s, categories_of(study, s, categories)) for s in alone],
            shares.NUMBERS,
            caveats.SHARES,
        ),
        "occasions": (
            list(_each(shares.occasions, released, released.with_measure(Together))),
            shares.NUMBERS,
            caveats.OCCASIONS,
        ),
        "ranking": (
            [ranking.ranking(released, s) for s in labelled],
            ranking.RANKS,
            caveats.RANKING,
        ),
        "tops": (
            [ranking.top_sets(released, s, TOP_SIZES) for s in labelled],
            ranking.TOPS,
            caveats.RANKING,
        ),
        "changes": (
            [changes.changes(released, s) for s in periodic],
            changes.NUMBERS,
            caveats.CHANGES,
        ),
        "movers": (
            list(_each(changes.movers, released, periodic)),
            changes.NUMBERS,
            caveats.MOVERS,
        ),
        "affinities": (
            list(_each(affinity.affinities, released, released.with_measure(Together))),
            affinity.NUMBERS,
            caveats.AFFINITY,
        ),
        "concentrations": (
            [
                concentration.concentrations(released, s, along)
                for s in labelled
                for along in concentration.ways(s)
            ],
            concentration.NUMBERS,
            caveats.CONCENTRATION,
        ),
        "means": (
            [means.means(released, *pair) for pair in means.pairs_for_means(released)],
            means.NUMBERS,
            caveats.MEANS,
        ),
    }
    tables = {
        name: stacked(parts, pl.Schema({**keys, **numbers}))
        for name, (parts, numbers, _) in found.items()
    }
    said = [note for name, (_, _, note) in found.items() if tables[name].height]
    notes = tuple(dict.fromkeys((caveats.BIAS, caveats.READING, *said)))
    return Insights(reading=reading.reading(released), **tables, notes=notes)


def _each(
    derive: Callable[[Released, Statistic], pl.DataFrame],
    released: Released,
    statistics: Iterable[Statistic],
) -> Iterator[pl.DataFrame]:
    """Yield what follows from each statistic that something follows from."""
    for statistic in statistics:
        try:
            yield derive(released, statistic)
        except NotReleased:
            continue


def categories_of(
    study: Study, statistic: Statistic, categories: Mapping[str, str] | None = None
) -> Mapping[str, str] | None:
    """Return the category of each brand, where anybody knows of any; None for other labels."""
    assert statistic.labelled is not None
    if statistic.labelled.name != "brand":
        return None
    if categories:
        return categories
    dimensions = (dimension for other in study.in_order() for dimension in other.by)
    return next((dict(d.of) for d in dimensions if d.name == "category"), None)
