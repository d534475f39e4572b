"""Rows without pixels -> a differentially private release.

The door is `release(sightings, study, budget, key)`. `cost` and `expected_error` say what a study
costs and how exact it will be before any data is read; `write` turns a release into files.
"""

from engine.statistics.accounting import (
    ExpectedError,
    cost,
    cost_of,
    costs,
    expected_error,
    stated_epsilon,
)
from engine.statistics.continual import (
    Continuation,
    TrendStore,
    Window,
    study_between,
    study_within,
)
from engine.statistics.dimensions import Dimension
from engine.statistics.errors import StatisticsError
from engine.statistics.files import privacy_label, write
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Contributors, Photos, RunningTotal, Together, Top
from engine.statistics.near_duplicates import FINGERPRINT_SCHEMA, counted_once
from engine.statistics.parts import Parts, Sightings
from engine.statistics.release import Release, release
from engine.statistics.sightings import HASHTAG_KIND, PHOTO_KIND, SIGHTING_SCHEMA

__all__ = [
    "FINGERPRINT_SCHEMA",
    "HASHTAG_KIND",
    "PHOTO_KIND",
    "SIGHTING_SCHEMA",
    "Continuation",
    "Contributors",
    "Dimension",
    "ExpectedError",
    "Parts",
    "Photos",
    "Release",
    "RunningTotal",
    "Sightings",
    "Statistic",
    "StatisticsError",
    "Study",
    "Together",
    "Top",
    "TrendStore",
    "Window",
    "cost",
    "cost_of",
    "costs",
    "counted_once",
    "expected_error",
    "privacy_label",
    "release",
    "stated_epsilon",
    "study_between",
    "study_within",
    "write",
]
