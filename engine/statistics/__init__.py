"""Rows without pixels -> a differentially private release.

The door is `release(sightings, study, budget, key)`. `cost` and `expected_error` say what a study
costs and how exact it will be before any data is read; `write` turns a release into files.
"""

from engine.statistics.accounting import ExpectedError, cost, cost_of, expected_error
from engine.statistics.errors import StatisticsError
from engine.statistics.files import privacy_label, write
from engine.statistics.interface import SIGHTING_SCHEMA, CountStatistic, Dimension, Study
from engine.statistics.release import Release, release

__all__ = [
    "SIGHTING_SCHEMA",
    "CountStatistic",
    "Dimension",
    "ExpectedError",
    "Release",
    "StatisticsError",
    "Study",
    "cost",
    "cost_of",
    "expected_error",
    "privacy_label",
    "release",
    "write",
]
