"""The door: sightings in, a release out, once per reservation.

The order is the promise: the reservation is checked and used up before a row is counted, noise
is drawn once, and what leaves are integers on a grid that the policy fixed.
"""

import threading
from dataclasses import dataclass

import polars as pl

from audit import Reservation
from engine.statistics.accounting import cost, cost_of, costs
from engine.statistics.bounding import bound, count_all, rank_seed
from engine.statistics.continual import Continuation, study_within
from engine.statistics.errors import BudgetRefused, StudyInvalid
from engine.statistics.found import DIMENSION as FOUND
from engine.statistics.found import FoundLabels, find
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import RunningTotal
from engine.statistics.noising import Noised, carried_on, noised
from engine.statistics.parts import Parts, Sightings
from policies.amounts import Delta, Loss

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
    but for a top's, of which the lists are. Labels that no catalogue names come last, in a column
    `hashtag`, only those that may be seen, and without bounds. The bounds hold per cell, for the
    count after bounding.
    """

    run: str
    policy: str
    dataset: str
    study: Study
    table: pl.DataFrame
    stated_at: Delta | None = None
    """The delta at which a loss in rho is put into an epsilon; None for one in epsilon."""
    paid: frozenset[str] = frozenset()
    """Running totals that an earlier release has paid for."""


def release(
    sightings: Sightings,
    study: Study,
    budget: Reservation,
    key: bytes,
    stated_at: Delta | None = None,
    continuation: Continuation | None = None,
) -> Release:
    """Bound, count and noise every statistic of the study.

    Args:
        sightings: rows of `SIGHTING_SCHEMA`, whole or in parts.
        study: what the policy asks for.
        budget: the reservation in the log, for exactly what each statistic costs; good for
            one call, even one that fails later on.
        key: the run's 32 secret bytes.
        stated_at: at which delta the release states an epsilon, where it is priced in rho.
        continuation: of a continual study, the periods that this run closes.

    Raises:
        BudgetRefused: the reservation is for other statistics or amounts, or was used before.
        SightingsInvalid: the rows have another schema.
        TrendStateUnusable: the state of a running total is missing, or not this one's.
    """
    paid = continuation.paid if continuation is not None else frozenset()
    if continuation is not None:
        study = study_within(study, continuation.window)
    _use(budget, study, paid, continuation)
    drawn = _drawn(sightings, study, key, continuation)
    parts = [_rows(study, s, drawn[s.id]) for s in study.in_order()]
    parts += [
        _found_rows(study, f, find(Parts.of(sightings).whole(), f, rank_seed(key, f.id)))
        for f in study.found
    ]
    table = pl.concat(parts)
    return Release(budget.run, budget.policy, budget.dataset, study, table, stated_at, paid)


def _drawn(
    sightings: Sightings,
    study: Study,
    key: bytes,
    continuation: Continuation | None,
) -> dict[str, Noised]:
    going_on = {
        s.id: s
        for s in study.in_order()
        if continuation is not None and isinstance(s.measure, RunningTotal)
    }
    fresh = tuple(s for s in study.in_order() if s.id not in going_on)
    counts = count_all(tuple(bound(sightings, s, study.bound(s), key) for s in fresh))
    drawn = {s.id: noised(study, s, n) for s, n in zip(fresh, counts, strict=True)}
    for name, statistic in going_on.items():
        assert continuation is not None
        if continuation.store is None:
            raise StudyInvalid("a running total that goes on needs a state to go on from")
        window = continuation.window
        state = continuation.store.advance(study, statistic, Parts.of(sightings).whole(), window)
        drawn[name] = carried_on(study, statistic, state, window.first, window.until)
    return drawn


def _use(
    budget: Reservation, study: Study, paid: frozenset[str], continuation: Continuation | None
) -> None:
    # Only the log makes a Reservation, so what looks like one is none.
    if type(budget) is not Reservation:
        raise BudgetRefused("noise is drawn against a reservation in the log alone")
    # INVARIANT: what is reserved is what is spent, statistic by statistic, to the last digit.
    parts = tuple(sorted(costs(study, paid).items()))
    if budget.statistics != parts or budget.loss != cost(study, paid):
        raise BudgetRefused("the reservation is not for exactly what the study costs")
    closed = continuation.window.closed if continuation is not None else ()
    if budget.periods != closed[:1] + closed[-1:]:
        raise BudgetRefused("the reservation is not for exactly the periods that the run closes")
    name = (budget.run, budget.entry_seq)
    with _lock:
        if name in _used:
            raise BudgetRefused(
                "the reservation has been used",
                hint="Noise is drawn once per reservation; reserve again, and pay again.",
            )
        _used.add(name)


def _rows(study: Study, statistic: Statistic, drawn: Noised) -> pl.DataFrame:
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
        *_priced(loss),
    )


def _found_rows(study: Study, found: FoundLabels, seen: pl.DataFrame) -> pl.DataFrame:
    loss = found.loss
    dimensions = [
        pl.col("label").alias(name) if name == FOUND else pl.lit(None, pl.String).alias(name)
        for name in study.dimensions
    ]
    return seen.select(
        pl.lit(found.id).alias("statistic"),
        *dimensions,
        "value",
        "std",
        pl.lit(None, pl.Int64).alias("low95"),
        pl.lit(None, pl.Int64).alias("high95"),
        pl.lit(found.law.name).alias("mechanism"),
        *_priced(loss),
    )


def _priced(loss: Loss) -> tuple[pl.Expr, ...]:
    epsilon = None if loss.epsilon is None else str(loss.epsilon)
    return (
        pl.lit(str(loss.concentrated())).alias("rho"),
        pl.lit(epsilon, pl.String).alias("epsilon"),
        pl.lit(str(loss.delta)).alias("delta"),
    )


def _keys(statistic: Statistic, drawn: Noised) -> pl.DataFrame:
    names = dict.fromkeys(statistic.names, pl.String)
    grid = list(statistic.grid())
    rows = grid if drawn.cells is None else [grid[place] for place in drawn.cells]
    if not names:
        return pl.DataFrame(height=len(rows))
    return pl.DataFrame(rows, schema=names, orient="row")
