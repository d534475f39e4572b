"""A study that runs period by period: what one run of it releases.

Each run is a study of its own over the periods that it closes, at the price of each statistic. A
running total is one mechanism over the whole horizon: its price is paid by the first run, and its
state goes on from run to run (`running`).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from engine.statistics.accounting import law_of
from engine.statistics.cells import CELL, CONTRIBUTOR, touched
from engine.statistics.errors import StudyInvalid
from engine.statistics.interface import Statistic, Study, strategy_of
from engine.statistics.measures import RunningTotal
from engine.statistics.running import ROW_SCHEMA, Trend, TrendState, held, load_state, save_state


@dataclass(frozen=True)
class Window:
    """The periods that one run closes: `first` up to, and without, `until`, of the horizon's."""

    keys: tuple[str, ...]
    """Every period of the study, in order."""
    first: int
    until: int

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.until <= len(self.keys):
            raise StudyInvalid("a run closes periods of the study, one at least")

    @property
    def closed(self) -> tuple[str, ...]:
        """The periods that the run closes."""
        return self.keys[self.first : self.until]


def study_within(study: Study, window: Window) -> Study:
    """Return the study with its tables cut to the window; running totals keep their horizon."""
    return replace(study, statistics=tuple(_within(s, window) for s in study.statistics))


def study_between(study: Study, keys: tuple[str, ...], table: pl.DataFrame) -> Study:
    """Return the study cut to the periods that a table of its releases is of."""
    periods = {s.period.name for s in study.statistics if s.period is not None}
    there = {key for name in periods if name in table.columns for key in table[name].to_list()}
    places = [place for place, key in enumerate(keys) if key in there]
    if not places:
        return study
    return study_within(study, Window(keys, places[0], places[-1] + 1))


def _within(statistic: Statistic, window: Window) -> Statistic:
    if isinstance(statistic.measure, RunningTotal):
        return statistic
    by = tuple(replace(d, keys=window.closed) if d is statistic.period else d for d in statistic.by)
    return replace(statistic, by=by)


@dataclass(frozen=True)
class Continuation:
    """What a run of a continual study needs beside the study."""

    window: Window
    paid: frozenset[str] = frozenset()
    """Running totals that an earlier run has paid for."""
    store: "TrendStore | None" = None
    """None where the study has no running totals."""


@dataclass(frozen=True)
class TrendStore:
    """Where the states of a study's running totals lie, and the key that opens them."""

    directory: Path
    key: bytes
    policy: str
    dataset: str

    @contextmanager
    def taken(self, study: Study) -> Iterator[None]:
        """Keep other runs away from every running total of the study."""
        with ExitStack() as stack:
            for statistic in study.in_order():
                if isinstance(statistic.measure, RunningTotal):
                    stack.enter_context(held(self._file(statistic)))
            yield

    def closed(self, study: Study, published: int) -> dict[str, int]:
        """Return, of each running total, how many periods its state has closed.

        That may be more than are published: a run that died keeps what it drew. Raises
        `TrendStateUnusable` where a state is missing, or older than what is out.
        """
        return {
            s.id: load_state(self._file(s), self._trend(study, s), self.key, published).closed
            for s in study.in_order()
            if isinstance(s.measure, RunningTotal)
        }

    def advance(
        self, study: Study, statistic: Statistic, sightings: pl.LazyFrame, window: Window
    ) -> TrendState:
        """Close the window's periods, on the disk when this returns; draws for none twice."""
        trend, law = self._trend(study, statistic), law_of(study, statistic)
        file = self._file(statistic)
        state = load_state(file, trend, self.key, window.first)
        after = state.advance(_rows(sightings, statistic), window.until, law.draw)
        if after is not state:
            # INVARIANT: saved before any of its totals leaves.
            save_state(file, after, self.key)
        return after

    def _trend(self, study: Study, statistic: Statistic) -> Trend:
        assert isinstance(statistic.measure, RunningTotal)
        law = law_of(study, statistic)
        exactly = f"{law.name} {statistic.price.unit} {statistic.price} accounts {study.accounts}"
        return Trend(
            policy=self.policy,
            dataset=self.dataset,
            statistic=statistic.id,
            series=series_of(statistic),
            strategy=strategy_of(statistic),
            participations=statistic.measure.participations,
            max_series=study.bound(statistic),
            noise=exactly,
        )

    def _file(self, statistic: Statistic) -> Path:
        return self.directory / f"{statistic.id}.trend"


def series_of(statistic: Statistic) -> tuple[str, ...]:
    """Return a name for each series of a running total: its keys in the grid's order."""
    names = [""]
    for dimension in statistic.by:
        if dimension is not statistic.period:
            names = [f"{name}\0{key}" for name in names for key in dimension.in_order]
    return tuple(names)


def _rows(sightings: pl.LazyFrame, statistic: Statistic) -> pl.DataFrame:
    """Return who shows up in which series in which period, unbounded, as `ROW_SCHEMA`."""
    period = statistic.period
    assert period is not None
    stride = 1
    for dimension in reversed(statistic.by):
        if dimension is period:
            break
        stride *= len(dimension.keys)
    width = stride * len(period.keys)
    cell = pl.col(CELL)
    return (
        touched(sightings, statistic)
        .select(
            # A run's key for an account is 16 bytes, as hex (`sources.contributor_key`).
            pl.col(CONTRIBUTOR).str.decode("hex").alias("contributor"),
            ((cell // width) * stride + cell % stride).cast(pl.UInt32).alias("series"),
            ((cell % width) // stride).cast(pl.UInt32).alias("period"),
        )
        .collect(engine="streaming")
        .select(ROW_SCHEMA.names())
        .cast({"contributor": pl.Binary, "series": pl.UInt32, "period": pl.UInt32})
    )
