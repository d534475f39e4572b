"""What audits of releases share: many neighbours in one release, and limits on what they tell.

A release over many regions holds many independent draws of one mechanism: each region has a person
of its own, a canary, who is there or not, and nobody else. So every draw goes through the whole
door, bounding and counting included, and a release of many draws costs one call.
"""

import itertools
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from audit.runs import _MADE_HERE, Reservation
from engine.statistics import SIGHTING_SCHEMA, Dimension, Study, cost, cost_of, release

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAYS = tuple(date(2026, 6, day) for day in range(1, 5))
DAY = Dimension("day", tuple(day.isoformat() for day in DAYS))
BRAND = Dimension("brand", ("a", "b", "c"))
_sequence = itertools.count()


def regions(number: int) -> Dimension:
    """Return as many keys, in order."""
    return Dimension("region", tuple(f"r{n:07d}" for n in range(number)))


def reserved(study: Study) -> Reservation:
    """Return what the log hands out after writing a spend."""
    return Reservation(
        run="test-audit",
        dataset="panel",
        policy="sha256:" + "0" * 64,
        loss=cost(study),
        statistics=tuple((s.id, cost_of(study, s)) for s in study.in_order()),
        entry_seq=next(_sequence),
        token=_MADE_HERE,
    )


def canaries(
    present: Bools,
    *,
    kind: str = "photo",
    labels: tuple[str, ...] = ("",),
    days: int = 1,
    photos: int = 1,
    accounts: int = 1,
) -> pl.DataFrame:
    """Return the sightings of one canary a region, where `present`.

    Each shows every label in so many photos, on each of so many days, under each of its accounts.
    """
    at = np.flatnonzero(present)
    each = list(itertools.product(range(accounts), range(days), range(photos), labels))
    region = np.repeat(at, len(each))
    account, day, photo, label = (list(part) * len(at) for part in zip(*each, strict=True))
    who = [f"c{n}-{one}" for n, one in zip(region.tolist(), account, strict=True)]
    number = np.array(day) * photos + np.array(photo) if len(at) else []
    frame = {
        "contributor": who,
        "photo": number,
        "kind": [kind] * len(who),
        "label": label,
        "day": [DAYS[n] for n in day],
        "region": [f"r{n:07d}" for n in region.tolist()],
        "platform": [None] * len(who),
    }
    return pl.DataFrame(frame, schema=SIGHTING_SCHEMA)


def released(frame: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Return the table of one release."""
    return release(frame, study, reserved(study), np.random.default_rng().bytes(32)).table


def epsilon_below(
    likely: Floats, unlikely: Floats, delta: float, alarm: float, least: float = 0.0
) -> float:
    """Return a lower bound on epsilon, too high with a probability of at most `alarm`.

    Of the events "score at or above a threshold", the best is picked on one half of the scores; on
    the other half it gets Clopper-Pearson limits: log((p - delta) / q), with p at its lower and q
    at its upper limit of alarm / 2 each.
    """
    halves = [(s[: len(s) // 2], s[len(s) // 2 :]) for s in (likely, unlikely)]
    (p_pick, p_test), (q_pick, q_test) = halves
    levels = np.linspace(0, 1, 2001)
    thresholds = np.unique(np.quantile(np.concatenate([p_pick, q_pick]), levels, method="higher"))
    picked = _limits(p_pick, q_pick, thresholds, delta, alarm)
    best = thresholds[int(np.argmax(picked))]
    return max(least, float(_limits(p_test, q_test, np.array([best]), delta, alarm)[0]))


def _limits(p: Floats, q: Floats, thresholds: Floats, delta: float, alarm: float) -> Floats:
    p_hits = len(p) - np.searchsorted(np.sort(p), thresholds, side="left")
    q_hits = len(q) - np.searchsorted(np.sort(q), thresholds, side="left")
    low = np.nan_to_num(stats.beta.ppf(alarm / 2, p_hits, len(p) - p_hits + 1))
    high = np.nan_to_num(stats.beta.ppf(1 - alarm / 2, q_hits + 1, len(q) - q_hits), nan=1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(low > delta, np.log((low - delta) / high), -np.inf)
    return found


def right_guesses(scores: Floats, there: Bools, guesses: int) -> tuple[int, int]:
    """Return of how many coins an outsider guesses, surest of both ends, and how many rightly."""
    order = np.argsort(scores, kind="stable")
    out, into = order[: guesses // 2], order[-(guesses // 2) :]
    return guesses, int(np.sum(~there[out]) + np.sum(there[into]))


def p_value(number: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """Return the largest probability of so many right guesses under (epsilon, delta)-DP.

    Of so many canaries; Theorem 5.2 of Steinke, Nasr and Jagielski (2023, arXiv 2305.08846).
    """
    chance = 1 / (1 + np.exp(-epsilon))
    pure = float(stats.binom.sf(right - 1, guesses, chance))
    fewer = np.arange(1, right + 1)
    sums = np.cumsum(stats.binom.pmf(right - fewer, guesses, chance))
    worst = float(np.max(sums / fewer, initial=0.0))
    return min(1.0, pure + worst * delta * 2 * number)


def epsilon_of_guesses(number: int, guesses: int, right: int, delta: float, alarm: float) -> float:
    """Return the largest epsilon that so many right guesses rule out; 0 where they rule out none.

    Too high with a probability of at most `alarm`. Every smaller one is ruled out too, as the
    p-value grows with epsilon.
    """
    if p_value(number, guesses, right, 0.0, delta) > alarm:
        return 0.0
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if p_value(number, guesses, right, middle, delta) > alarm:
            high = middle
        else:
            low = middle
    return low
