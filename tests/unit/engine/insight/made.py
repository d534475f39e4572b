"""Releases made by hand: counts of our own, and noise of the published law."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.insight.laws import law
from engine.insight.released import Released
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import (
    Contributors,
    Measure,
    Photos,
    RunningTotal,
    Together,
    Top,
)
from policies.amounts import Epsilon

EPSILON = Epsilon.parse("1")
BRANDS = ("Adidas", "Nike", "Puma")
WEEKS = ("2026-W23", "2026-W24", "2026-W25")
BRAND = Dimension("brand", BRANDS)
WEEK = Dimension("week", WEEKS)
SCENE = Dimension("scene", ("beach", "street"))
WITH_SCENE = Dimension("with_scene", ("beach", "street"))
CATEGORY = Dimension(
    "category", ("shoes", "sport"), (("Adidas", "sport"), ("Nike", "sport"), ("Puma", "shoes"))
)
PARENT = Dimension("parent", ("A", "N"), (("Adidas", "A"), ("Nike", "N"), ("Puma", "A")))

Counts = Callable[[Statistic, tuple[str, ...]], int]
LAWS = [("geometric", 0.3), ("geometric", 4.0), ("discrete-gaussian", 0.6)]
LAWS += [("discrete-gaussian", 4.0)]


def statistic(
    name: str, *by: Dimension, measure: Measure | None = None, max_cells: int | None = None
) -> Statistic:
    return Statistic(name, by, EPSILON, measure or Contributors(), max_cells)


def study(*statistics: Statistic, max_cells: int = 1000) -> Study:
    return Study(statistics, max_cells)


def everything() -> Study:
    """Return a study with one of each measure, in which nothing can be cut."""
    return study(
        statistic("posters", WEEK),
        statistic("brands", BRAND, WEEK),
        statistic("brand_photos", BRAND, WEEK, measure=Photos(5)),
        statistic("categories", CATEGORY, WEEK),
        statistic("scenes", SCENE, WEEK),
        statistic("pairs", BRAND, WITH_SCENE, WEEK, measure=Together()),
        statistic("totals", BRAND, WEEK, measure=RunningTotal()),
        statistic("leaders", BRAND, measure=Top(2)),
    )


def noise(mechanism: str, std: float, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw from the published law; this is a simulation, no release."""
    if mechanism == "geometric":
        stop = 1 - np.exp(-2 * np.arcsinh(1 / (np.sqrt(2) * std)))
        return (rng.geometric(stop, size) - rng.geometric(stop, size)).astype(np.int64)
    ks = np.arange(-400, 401)
    masses = np.exp(-(ks**2) / (2 * scale_of(std) ** 2))
    return rng.choice(ks, size, p=masses / masses.sum())


def scale_of(std: float) -> float:
    """Return the discrete Gaussian's scale by a search of its own, coarse and then fine."""
    ks = np.arange(-400, 401)
    grid = np.linspace(std, std + 0.3, 30_001) if std < 2 else np.array([std])
    off = []
    for scale in grid:
        masses = np.exp(-(ks[360:441] ** 2) / (2 * scale**2))
        off.append(abs((ks[360:441] ** 2 * masses).sum() / masses.sum() - std**2))
    return float(grid[int(np.argmin(off))])


def table(
    of: Study,
    counts: Counts,
    noisy: Mapping[str, tuple[str, float]] | tuple[str, float] = ("geometric", 4.0),
    rng: np.random.Generator | None = None,
) -> pl.DataFrame:
    """Return the study's release of these counts; without a generator, noise happens to be 0."""
    parts = []
    for one in of.in_order():
        if isinstance(one.measure, Top):
            continue
        mechanism, std = noisy if isinstance(noisy, tuple) else noisy[one.id]
        cells = list(one.grid())
        values = np.array([counts(one, cell) for cell in cells], dtype=np.int64)
        if rng is not None:
            values = values + noise(mechanism, std, len(values), rng)
        half = law(mechanism, std).half_width(0.95)
        named = "running-total" if isinstance(one.measure, RunningTotal) else mechanism
        parts.append(rows(of, one, cells, values.tolist(), named, std, half))
    return pl.concat(parts)


def rows(
    of: Study,
    one: Statistic,
    cells: Sequence[tuple[str, ...]],
    values: Sequence[int],
    mechanism: str,
    std: float,
    half: int,
) -> pl.DataFrame:
    keys = {
        name: [cell[one.names.index(name)] if name in one.names else None for cell in cells]
        for name in of.dimensions
    }
    series = [pl.Series("statistic", [one.id] * len(cells), pl.String)]
    series += [pl.Series(name, column, pl.String) for name, column in keys.items()]
    return pl.DataFrame(series).with_columns(
        pl.Series("value", values, pl.Int64),
        pl.lit(std).alias("std"),
        pl.Series("low95", [value - half for value in values], pl.Int64),
        pl.Series("high95", [value + half for value in values], pl.Int64),
        pl.lit(mechanism).alias("mechanism"),
        pl.lit("0.5").alias("rho"),
        pl.lit("1").alias("epsilon"),
        pl.lit("0").alias("delta"),
    )


def released(
    of: Study,
    counts: Counts,
    noisy: Mapping[str, tuple[str, float]] | tuple[str, float] = ("geometric", 4.0),
    rng: np.random.Generator | None = None,
) -> Released:
    return Released.of(table(of, counts, noisy, rng), of)
