"""What an outsider can tell from whole releases of two neighbouring datasets.

The outsider sees only tables, and looks at the smallest value: both values at or above the larger
dataset's counts is the event in which the neighbours part most, by e^epsilon. On one half of the
tables it picks the threshold; on the other half it takes Clopper-Pearson limits, so that its
lower bound on epsilon is wrong with a probability of at most ALARM. It must not exceed the stated
epsilon; and it must exceed it where the noise is made for half the contribution (the control).
"""

import itertools
import math
import os
from datetime import date

import numpy as np
import polars as pl
from scipy import stats

from audit.runs import _MADE_HERE, Reservation
from engine.statistics import SIGHTING_SCHEMA, Dimension, Statistic, Study, cost, release
from engine.statistics.noise import GeometricLaw, randomise
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon

ALARM = 1e-6
"""Probability of a false alarm of one test."""
EPSILON = Epsilon.parse("1.5")
STATISTIC = Statistic("brands", (Dimension("brand", ("Adidas", "Nike")),), EPSILON)
STUDY = Study((STATISTIC,), max_cells=2)
DELTA = float(cost(STUDY).delta.value)
DAY = date(2026, 6, 1)
_sequence = itertools.count()


def _reserved(study: Study = STUDY) -> Reservation:
    return Reservation(
        run="test-black-box",
        dataset="panel",
        policy="sha256:" + "0" * 64,
        loss=cost(study),
        statistics=((study.statistics[0].id, cost(study)),),
        entry_seq=next(_sequence),
        token=_MADE_HERE,
    )


def _rows(people: int) -> pl.DataFrame:
    """Everybody shows both brands, in five photos each."""
    rows = [
        (f"c{n}", photo, "brand", brand, DAY, None, None)
        for n in range(people)
        for brand in ("Adidas", "Nike")
        for photo in range(5)
    ]
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _limit(more: np.ndarray, fewer: np.ndarray, threshold: int, alarm: float) -> float:
    """Return log((p - delta) / q) for P(value >= threshold), p at its lower and q at its upper
    Clopper-Pearson limit of `alarm / 2` each.
    """
    hits_more, hits_fewer = int(np.sum(more >= threshold)), int(np.sum(fewer >= threshold))
    low = stats.beta.ppf(alarm / 2, hits_more, len(more) - hits_more + 1) if hits_more else 0.0
    misses = len(fewer) - hits_fewer
    high = stats.beta.ppf(1 - alarm / 2, hits_fewer + 1, misses) if misses else 1.0
    return float(math.log((low - DELTA) / high)) if low > DELTA else -math.inf


def _lower_bound(more: np.ndarray, fewer: np.ndarray) -> float:
    """Return a lower bound on epsilon from samples of two neighbours."""
    half = len(more) // 2
    thresholds = range(int(fewer.min()) + 1, int(more.max()) + 1)
    best = max(thresholds, key=lambda t: _limit(more[:half], fewer[:half], t, ALARM))
    return _limit(more[half:], fewer[half:], best, ALARM)


def _released(people: int, times: int) -> np.ndarray:
    frame, key = _rows(people), os.urandom(32)
    return np.array(
        [release(frame, STUDY, _reserved(), key).table["value"].min() for _ in range(times)]
    )


def _drawn(people: int, times: int, sensitivity: int) -> np.ndarray:
    law = GeometricLaw(EPSILON, Sensitivity.of(sensitivity, 1))
    values = np.array(randomise(law, [people] * 2 * times))
    return values.reshape(times, 2).min(axis=1)


def test_neighbouring_counts_are_no_easier_to_tell_apart_than_epsilon() -> None:
    found = _lower_bound(_drawn(21, 15_000, 2), _drawn(20, 15_000, 2))
    assert found <= float(EPSILON.value)
    # The look is sharp: it finds most of what there is to find.
    assert found > 0.7 * float(EPSILON.value)


def test_control_noise_for_half_the_contribution_is_found_out() -> None:
    found = _lower_bound(_drawn(21, 15_000, 1), _drawn(20, 15_000, 1))
    assert found > float(EPSILON.value)


def test_a_releases_noise_is_as_wide_as_the_contribution_demands() -> None:
    # 20,000 empty cells: their values are the noise alone. The control above shows what a
    # sensitivity of 1 would do; here it would halve the spread.
    brands = Dimension("brand", tuple(f"brand {n}" for n in range(20_000)))
    study = Study((Statistic("wide", (brands,), EPSILON),), max_cells=2)
    values = release(_rows(0), study, _reserved(study), bytes(32)).table["value"].to_numpy()
    law = GeometricLaw(EPSILON, Sensitivity.of(2, 1))
    squares = values.astype(float) ** 2
    # 5.2 sigma of the mean of the squares: about one false alarm in five million.
    assert abs(squares.mean() - law.std**2) < 5.2 * squares.std() / math.sqrt(len(values))


def test_neighbouring_releases_are_no_easier_to_tell_apart_than_epsilon() -> None:
    more, fewer = _released(21, 3000), _released(20, 3000)
    found = _lower_bound(more, fewer)
    assert found <= float(EPSILON.value)
    assert found > 0.4 * float(EPSILON.value)
