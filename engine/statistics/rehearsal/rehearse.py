"""How far a study's tables would be from the truth, on a crowd whose truth is known."""

import secrets
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.statistics.bounding import KEY_BYTES, bound, count_all
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import LARGEST_CLIP, Photos, RunningTotal, Top
from engine.statistics.noising import Noised, noised


@dataclass(frozen=True)
class Rehearsed:
    """One statistic on a made-up crowd. All of it is public."""

    id: str
    measures: str
    cells: int
    noise_error: float | None
    """Mean distance of a value to the count after the bound; None for a top."""
    bound_error: float
    """Mean distance of the count after the bound to the one without any bound."""
    error: float | None
    """Mean distance of a value to the count without any bound."""
    kept: float
    """Part of what contributors showed that the bound leaves in."""
    covered: float | None
    """Part of the values whose 95 % bounds hold the count after the bound."""
    told_from_zero: float | None
    """Part of the cells that are not empty whose bounds leave zero out."""
    right: float | None
    """Of a top: part of its labels that belong in it."""


def rehearse(sightings: pl.DataFrame, study: Study, repeats: int) -> tuple[Rehearsed, ...]:
    """Release made-up sightings `repeats` times, each with a key and noise of its own.

    The noise is the real one, from the operating system's generator, and can't be seeded.
    """
    statistics = study.in_order()
    free = tuple(_unbounded(statistic) for statistic in statistics)
    anyone = bytes(KEY_BYTES)
    truths = count_all(tuple(bound(sightings, s, s.units, anyone) for s in free))
    return tuple(
        _one(sightings, study, statistic, truth, repeats)
        for statistic, truth in zip(statistics, truths, strict=True)
    )


def _unbounded(statistic: Statistic) -> Statistic:
    if isinstance(statistic.measure, Photos):
        return replace(statistic, measure=Photos(LARGEST_CLIP))
    if isinstance(statistic.measure, RunningTotal):
        periods = len(statistic.period.keys) if statistic.period else 1
        return replace(statistic, measure=replace(statistic.measure, participations=periods))
    return statistic


def _one(
    sightings: pl.DataFrame,
    study: Study,
    statistic: Statistic,
    truth: NDArray[np.int64],
    repeats: int,
) -> Rehearsed:
    drawn: list[Noised] = []
    bounded: list[NDArray[np.int64]] = []
    for _ in range(repeats):
        key = secrets.token_bytes(KEY_BYTES)
        counts = bound(sightings, statistic, study.bound(statistic), key).count()
        drawn.append(noised(study, statistic, counts))
        bounded.append(_added_up(statistic, counts))
    whole = _added_up(statistic, truth)
    lost = np.mean([np.abs(counts - whole).mean() for counts in bounded])
    kept = np.mean([counts.sum() for counts in bounded]) / max(1, whole.sum())
    plain = (statistic.id, statistic.measured, statistic.cells)
    if isinstance(statistic.measure, Top):
        right = float(np.mean([_right(statistic, noisy, whole) for noisy in drawn]))
        return Rehearsed(*plain, None, float(lost), None, float(kept), None, None, right)
    values = np.array([noisy.values for noisy in drawn])
    lows, highs = (np.array([getattr(n, name) for n in drawn]) for name in ("lows", "highs"))
    exact = np.array(bounded)
    there = exact > 0
    return Rehearsed(
        *plain,
        float(np.abs(values - exact).mean()),
        float(lost),
        float(np.abs(values - whole).mean()),
        float(kept),
        float(((lows <= exact) & (exact <= highs)).mean()),
        float((lows > 0)[there].mean()) if there.any() else None,
        None,
    )


def _added_up(statistic: Statistic, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what the values are of: of a running total, the sums up to each period."""
    if not isinstance(statistic.measure, RunningTotal) or statistic.period is None:
        return counts
    shape = [len(dimension.keys) for dimension in statistic.by]
    sums: NDArray[np.int64] = counts.reshape(shape).cumsum(
        axis=statistic.names.index(statistic.period.name)
    )
    return sums.ravel()


def _right(statistic: Statistic, drawn: Noised, truth: NDArray[np.int64]) -> float:
    """Return which part of a top's labels have scores no lower than the true k-th."""
    assert isinstance(statistic.measure, Top)
    assert drawn.cells is not None
    k = statistic.measure.k
    shape = [len(dimension.keys) for dimension in statistic.by]
    lines = np.moveaxis(truth.reshape(shape), statistic.names.index(statistic.label.name), -1)
    least = np.sort(lines.reshape(-1, lines.shape[-1]), axis=1)[:, -k]
    picked = truth[np.array(drawn.cells)].reshape(-1, k)
    return float((picked >= least[:, None]).mean())
