"""Bounds of what is added up over cells: voice, occasions, movers and quotients.

As in `test_insight_coverage`: counts that are known here, noise of the published law by seeds
that are fixed. With a fresh seed, bounds that hold with exactly 95 % would measure below `LEAST`
in about 1 of 100 runs. The control: bounds half as wide must not pass; of quotients, whose two
parts are each taken at their worst, bounds a quarter as wide.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl
import pytest

from engine.insight.changes import movers
from engine.insight.concentration import concentrations, ways
from engine.insight.shares import occasions, voice
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Together
from tests.unit.engine.insight.made import released, statistic, study

LEAST = 0.935
MANY = 150
NOISE = [("geometric", 5.0), ("discrete-gaussian", 5.0)]
BRANDS, SCENES = ("a", "b", "c"), ("x", "y", "z")
MONTHS = tuple(f"2026-{month:02}" for month in range(1, 7))
BRAND, MONTH = Dimension("brand", BRANDS), Dimension("month", MONTHS)


def _study() -> Study:
    return study(
        statistic("months", BRAND, MONTH),
        statistic("met", BRAND, Dimension("with_scene", SCENES), measure=Together()),
    )


def _count(one: Statistic, cell: tuple[str, ...]) -> int:
    brand = (BRANDS.index(cell[0]) + 1) * 40
    if one.id == "months":
        return brand + 12 * MONTHS.index(cell[1]) * BRANDS.index(cell[0])
    return brand + (60 if cell == ("a", "x") else 0)


@cache
def _exact(name: str) -> dict[tuple[str, ...], float]:
    one = next(s for s in _study().statistics if s.id == name)
    return {cell: float(_count(one, cell)) for cell in one.grid()}


def _brand(brand: str) -> float:
    return sum(_exact("months")[brand, month] for month in MONTHS)


TRUTHS: dict[str, Callable[..., float]] = {
    "voice": lambda brand: _brand(brand) / sum(map(_brand, BRANDS)),
    "occasions": lambda brand, scene: (
        _exact("met")[brand, scene] / sum(_exact("met")[brand, s] for s in SCENES)
    ),
    "movers": lambda brand: (
        sum(_exact("months")[brand, m] for m in MONTHS[-2:])
        / sum(_exact("months")[brand, m] for m in MONTHS[:2])
    ),
    "quotients": lambda brand, scene: (
        TRUTHS["occasions"](brand, scene)
        / (sum(_exact("met")[b, scene] for b in BRANDS) / sum(_exact("met").values()))
    ),
}


def _rows(name: str, law: tuple[str, float], rng: np.random.Generator) -> pl.DataFrame:
    one = released(_study(), _count, law, rng)
    months, met = one.statistic("months"), one.statistic("met")
    match name:
        case "voice":
            return voice(one, months).select("brand", "low95", "high95")
        case "occasions":
            return occasions(one, met).select("brand", "with_scene", "low95", "high95")
        case "movers":
            return movers(one, months).select("brand", "times_low95", "times_high95")
        case _:
            (along,) = ways(met)
            return concentrations(one, met, along).select("brand", "part", "low95", "high95")


@pytest.mark.parametrize("law", NOISE, ids=lambda law: law[0])
@pytest.mark.parametrize("name", TRUTHS)
def test_sums_are_within_their_bounds(name: str, law: tuple[str, float]) -> None:
    rng = np.random.default_rng(2027)
    narrow = 0.25 if name == "quotients" else 0.5
    within = {1.0: 0, narrow: 0}
    numbers = 0
    for _ in range(MANY):
        for *keys, low, high in _rows(name, law, rng).rows():
            truth, middle = TRUTHS[name](*keys), (low + high) / 2
            numbers += 1
            for part in within:
                reach = (high - low) / 2 * part + 1e-9
                within[part] += abs(truth - middle) <= reach
    assert within[1.0] / numbers >= LEAST
    assert within[narrow] / numbers < 0.9
