"""The door: sightings in, a release out, once per reservation.

The order is the promise: the reservation is checked and used up before a row is counted, noise
is drawn once, and what leaves are integers on a grid that the policy fixed.
"""

import threading
from dataclasses import dataclass

import polars as pl

from audit import Reservation
from engine.statistics.accounting import cost, cost_of
from engine.statistics.bounding import bound
from engine.statistics.errors import BudgetRefused
from engine.statistics.interface import CountStatistic, Study
from engine.statistics.mechanism import GeometricMechanism, Mechanism

_used: set[tuple[str, int]] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Release:
    """What may leave: noisy values, their exactness and their cost. No field is exact data.

    Columns of `table`: `statistic`; the study's dimensions (null where a statistic has none of
    it); `value` (Int64, negative values stay); `std` (Float64); `low95`, `high95` (Int64);
    `mechanism`; `rho`, `epsilon`, `delta` (exact decimals of the whole statistic's cost, as
    text). Rows are sorted by statistic id, then by the statistic's own keys; the grid is
    complete. The bounds hold per cell, for the count after bounding.
    """

    run: str
    policy: str
    dataset: str
    study: Study
    table: pl.DataFrame


def release(sightings: pl.DataFrame, study: Study, budget: Reservation, key: bytes) -> Release:
    """Bound, count and noise every statistic of the study.

    Args:
        sightings: rows of `SIGHTING_SCHEMA`.
        study: what the policy asks for.
        budget: the reservation in the log, for exactly what each statistic costs; good for
            one call, even one that fails later on.
        key: the run's 32 secret bytes.

    Raises:
        BudgetRefused: the reservation is for other statistics or amounts, or was used before.
        SightingsInvalid: the rows have another schema.
    """
    _use(budget, study)
    parts = [_noisy(sightings, study, statistic, key) for statistic in study.in_order()]
    return Release(budget.run, budget.policy, budget.dataset, study, pl.concat(parts))


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


def _noisy(
    sightings: pl.DataFrame, study: Study, statistic: CountStatistic, key: bytes
) -> pl.DataFrame:
    mechanism: Mechanism = GeometricMechanism(statistic.epsilon, study.sensitivity(statistic))
    counted = bound(sightings, statistic, study.max_cells, key).count()
    values = pl.Series(mechanism.randomise(counted["count"].to_list()), dtype=pl.Int64)
    loss = cost_of(study, statistic)
    dimensions = [
        pl.col(name) if name in statistic.names else pl.lit(None, pl.String).alias(name)
        for name in study.dimensions
    ]
    return counted.select(
        pl.lit(statistic.id).alias("statistic"),
        *dimensions,
        values.alias("value"),
        pl.lit(mechanism.std).alias("std"),
        (values - mechanism.half_width).alias("low95"),
        (values + mechanism.half_width).alias("high95"),
        pl.lit(mechanism.name).alias("mechanism"),
        pl.lit(str(loss.rho())).alias("rho"),
        pl.lit(str(loss.epsilon)).alias("epsilon"),
        pl.lit(str(loss.delta)).alias("delta"),
    )
