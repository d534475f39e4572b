"""The door: sightings in, a release out, once per reservation.

The order is the promise: the reservation is checked and used up before a row is counted, noise
is drawn once, and what leaves are integers on a grid that the policy fixed.
"""

import threading
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from audit import Reservation
from engine.statistics.accounting import cost, cost_of
from engine.statistics.bounding import bound, count_all
from engine.statistics.errors import BudgetRefused
from engine.statistics.interface import Statistic, Study
from engine.statistics.noising import Noised, noised
from policies.amounts import Delta

_used: set[tuple[str, int]] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Release:
    """What may leave: noisy values, their exactness and their cost. No field is exact data.

    Columns of `table`: `statistic`; the study's dimensions (null where a statistic has none of
    it); `value` (Int64, negative values stay; of a top, the place in its list); `std` (Float64);
    `low95`, `high95` (Int64; these three null in a top); `mechanism`; `rho`, `epsilon`, `delta`
    (exact decimals of the whole statistic's cost, as text; `epsilon` null where it is priced in
    rho). Rows are sorted by statistic id, then by the statistic's own keys; the grid is complete,
    but for a top's, of which the lists are. The bounds hold per cell, for the count after bounding.
    """

    run: str
    policy: str
    dataset: str
    study: Study
    table: pl.DataFrame
    stated_at: Delta | None = None
    """The delta at which a loss in rho is put into an epsilon; None for one in epsilon."""


def release(
    sightings: pl.DataFrame | pl.LazyFrame,
    study: Study,
    budget: Reservation,
    key: bytes,
    stated_at: Delta | None = None,
) -> Release:
    """Bound, count and noise every statistic of the study.

    Args:
        sightings: rows of `SIGHTING_SCHEMA`.
        study: what the policy asks for.
        budget: the reservation in the log, for exactly what each statistic costs; good for
            one call, even one that fails later on.
        key: the run's 32 secret bytes.
        stated_at: at which delta the release states an epsilon, where it is priced in rho.

    Raises:
        BudgetRefused: the reservation is for other statistics or amounts, or was used before.
        SightingsInvalid: the rows have another schema.
    """
    _use(budget, study)
    statistics = study.in_order()
    sealed = tuple(bound(sightings, s, study.bound(s), key) for s in statistics)
    counts = count_all(sealed)
    parts = [_rows(study, s, n) for s, n in zip(statistics, counts, strict=True)]
    return Release(budget.run, budget.policy, budget.dataset, study, pl.concat(parts), stated_at)


def _use(budget: Reservation, study: Study) -> None:
    # Only the log makes a Reservation, so what looks like one is none.
    if type(budget) is not Reservation:
        raise BudgetRefused("noise is drawn against a reservation in the log alone")
    # INVARIANT: what is reserved is what is spent, statistic by statistic, to the last digit.
    parts = tuple((statistic.id, cost_of(study, statistic)) for statistic in study.in_order())
    if budget.statistics != parts or budget.loss != cost(study):
        raise BudgetRefused("the reservation is not for exactly what the study costs")
    name = (budget.run, budget.entry_seq)
    with _lock:
        if name in _used:
            raise BudgetRefused(
                "the reservation has been used",
                hint="Noise is drawn once per reservation; reserve again, and pay again.",
            )
        _used.add(name)


def _rows(study: Study, statistic: Statistic, counts: NDArray[np.int64]) -> pl.DataFrame:
    drawn = noised(study, statistic, counts)
    loss = cost_of(study, statistic)
    cells = _keys(statistic, drawn)
    dimensions = [
        pl.col(name) if name in statistic.names else pl.lit(None, pl.String).alias(name)
        for name in study.dimensions
    ]
    return cells.with_columns(
        value=pl.Series(drawn.values, dtype=pl.Int64),
        std=pl.Series(drawn.stds, dtype=pl.Float64),
        low95=pl.Series(drawn.lows, dtype=pl.Int64),
        high95=pl.Series(drawn.highs, dtype=pl.Int64),
    ).select(
        pl.lit(statistic.id).alias("statistic"),
        *dimensions,
        "value",
        "std",
        "low95",
        "high95",
        pl.lit(drawn.mechanism).alias("mechanism"),
        pl.lit(str(loss.concentrated())).alias("rho"),
        pl.lit(None if loss.epsilon is None else str(loss.epsilon), pl.String).alias("epsilon"),
        pl.lit(str(loss.delta)).alias("delta"),
    )


def _keys(statistic: Statistic, drawn: Noised) -> pl.DataFrame:
    names = dict.fromkeys(statistic.names, pl.String)
    grid = list(statistic.grid())
    rows = grid if drawn.cells is None else [grid[place] for place in drawn.cells]
    if not names:
        return pl.DataFrame(height=len(rows))
    return pl.DataFrame(rows, schema=names, orient="row")
