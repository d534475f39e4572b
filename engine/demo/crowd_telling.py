"""The story of a crowd that never was: everything but the photos is the real thing."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.demo.crowd import Crowd
from engine.demo.crowd_study import CrowdStudy
from engine.demo.studying import Studied, studied
from engine.insight import Insights, insights
from engine.insight.changes import FALL, RISE
from engine.observer import Observer
from engine.setup import set_up
from engine.workers import LocalWorkers


@dataclass(frozen=True)
class CrowdTold:
    """A crowd's study, and what follows from its release alone."""

    done: Studied
    insights: Insights

    @property
    def ranks(self) -> pl.DataFrame:
        """The brands over the whole study, the most shown first, with the bounds of their ranks."""
        table = self.insights.ranking
        return table.filter(statistic="brands").sort("rank")

    @property
    def moves(self) -> pl.DataFrame:
        """The rises and falls of brands from month to month that noise can't explain."""
        table = self.insights.changes
        named = table.filter(pl.col("verdict").is_in([RISE, FALL]))
        return named.filter(statistic="brands_by_month").sort("verdict", "brand", "before")


def tell_of_a_crowd(out: Path, crowd: Crowd, today: date, observer: Observer) -> CrowdTold:
    """Set up, approve, run on the crowd and verify; raise `PlaceTaken` where `out` is taken."""
    place = set_up(out, today, CrowdStudy(crowd))
    done = studied(place, crowd, LocalWorkers(1), today, observer)
    observer.stage("read the release")
    return CrowdTold(done, insights(done.table, done.study))
