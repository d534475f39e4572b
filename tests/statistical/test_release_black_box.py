"""What an outsider can tell from whole releases of two neighbouring datasets.

The outsider sees only tables. On one half of them it picks the threshold at which the neighbours
part best; on the other half it takes Clopper-Pearson limits, so that its lower bound on epsilon
is wrong with a probability of at most ALARM. It must not exceed the stated epsilon; and it must
exceed it where the noise is made for half the contribution (the control).
"""

import itertools
import math
import os
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pytest
from scipy import stats

from engine.statistics import SIGHTING_SCHEMA, CountStatistic, Dimension, Study, cost, release
from engine.statistics.mechanism import GeometricMechanism
from policies.amounts import Epsilon, Loss

ALARM = 1e-6
"""Probability of a false alarm of one test."""
EPSILON = Epsilon.parse("1.5")
STATISTIC = CountStatistic("brands", (Dimension("brand", ("Adidas", "Nike")),), EPSILON)
STUDY = Study((STATISTIC,), max_cells=2)
_sequence = itertools.count()


@dataclass(frozen=True)
class Reserved:
    loss: Loss = field(default_factory=lambda: cost(STUDY))
    run: str = "run-of-test-black-box"
    dataset: str = "panel"
    policy: str = "sha256:" + "0" * 64
    entry_seq: int = field(default_factory=lambda: next(_sequence))


def _rows(people: int) -> pl.DataFrame:
    """Everybody shows both brands, in five photos each."""
    rows = [
        (f"c{n}", "brand", brand, "2026-W23", None, None)
        for n in range(people)
        for brand in ("Adidas", "Nike") * 5
    ]
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _lower_bound(more: np.ndarray, fewer: np.ndarray, delta: float) -> float:
    """Return a lower bound on epsilon from samples (sums over the cells) of two neighbours."""
    half_more, half_fewer = len(more) // 2, len(fewer) // 2

    def guess(threshold: int) -> float:
        p = np.mean(more[:half_more] >= threshold)
        q = np.mean(fewer[:half_fewer] >= threshold)
        return math.log((p + 1e-3) / (q + 1e-3))

    threshold = max(range(int(fewer.min()), int(more.max()) + 1), key=guess)
    hits_more = int(np.sum(more[half_more:] >= threshold))
    hits_fewer = int(np.sum(fewer[half_fewer:] >= threshold))
    n_more, n_fewer = len(more) - half_more, len(fewer) - half_fewer
    low = stats.beta.ppf(ALARM / 2, hits_more, n_more - hits_more + 1) if hits_more else 0.0
    high = stats.beta.ppf(1 - ALARM / 2, hits_fewer + 1, n_fewer - hits_fewer)
    return float(math.log((low - delta) / high)) if low > delta else -math.inf


def _released(people: int, times: int) -> np.ndarray:
    frame, key = _rows(people), os.urandom(32)
    return np.array(
        [release(frame, STUDY, Reserved(), key).table["value"].sum() for _ in range(times)]
    )


def _drawn(people: int, times: int, sensitivity: int) -> np.ndarray:
    mechanism = GeometricMechanism(EPSILON, sensitivity)
    values = np.array(mechanism.randomise([people] * 2 * times))
    return values.reshape(times, 2).sum(axis=1)


def test_neighbouring_counts_are_no_easier_to_tell_apart_than_epsilon() -> None:
    found = _lower_bound(
        _drawn(21, 15_000, 2), _drawn(20, 15_000, 2), float(cost(STUDY).delta.value)
    )
    assert found <= float(EPSILON.value)
    # The look is sharp: it finds most of what there is to find.
    assert found > 0.5 * float(EPSILON.value)


def test_control_noise_for_half_the_contribution_is_found_out() -> None:
    found = _lower_bound(
        _drawn(21, 15_000, 1), _drawn(20, 15_000, 1), float(cost(STUDY).delta.value)
    )
    assert found > float(EPSILON.value)


@pytest.mark.slow
def test_neighbouring_releases_are_no_easier_to_tell_apart_than_epsilon() -> None:
    more, fewer = _released(21, 6000), _released(20, 6000)
    found = _lower_bound(more, fewer, float(cost(STUDY).delta.value))
    assert found <= float(EPSILON.value)
    assert found > 0.4 * float(EPSILON.value)
