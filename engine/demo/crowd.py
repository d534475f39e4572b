"""A made-up crowd: sightings of photos that never were, to look at statistics and reports with.

The one way for sightings to come into a run that were not seen in a redacted photo. It is kept so
narrow that no data of anybody can come in by it: a crowd is three whole numbers, and makes its rows
from them alone. The same numbers give the same rows; the noise of a release is never seeded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, final

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.demo.crowd_world import (
    AT_HOME,
    BRAND_PART,
    BRANDS,
    INTERESTS,
    PAIRS,
    PHOTOS_A_WEEK,
    PLATFORMS,
    REGIONS,
    SCENES,
    SECOND_PART,
)
from engine.sources.contributor import contributor_key
from engine.statistics.sightings import PHOTO_KIND, SIGHTING_SCHEMA
from policies.periods import monday, week_of, weeks_between

FIRST_WEEK: Final = "2026-W01"
MOST_CONTRIBUTORS: Final = 200_000
MOST_WEEKS: Final = 156

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


@final
@dataclass(frozen=True)
class Crowd:
    """So many contributors, over so many weeks from `FIRST_WEEK` on."""

    contributors: int
    weeks: int
    seed: int = 2026

    def __post_init__(self) -> None:
        # INVARIANT: three whole numbers and nothing else; nothing of a person fits in here.
        bounds = (MOST_CONTRIBUTORS, MOST_WEEKS, 2**32 - 1)
        for given, most in zip((self.contributors, self.weeks, self.seed), bounds, strict=True):
            if type(given) is not int or not 1 <= given <= most:
                raise ValueError("a crowd is made of whole numbers, none of them too large")

    @property
    def week_keys(self) -> tuple[str, ...]:
        """The ISO weeks, in order."""
        last = monday(FIRST_WEEK) + timedelta(weeks=self.weeks - 1)
        return weeks_between(FIRST_WEEK, week_of(last))

    def sightings(self, first: date, last: date, key: bytes) -> pl.DataFrame:
        """Return the rows of the days from first to last, contributors keyed under `key`.

        Each photo has its own row and one for each label, as what redacted photos become.
        """
        rng = np.random.default_rng(self.seed)
        people = _People.drawn(self.contributors, rng)
        parts, photos = [], 0
        for number, week in enumerate(self.week_keys):
            part = _week(people, monday(week), number / max(self.weeks - 1, 1), photos, rng)
            photos += part["photo"].n_unique()
            parts.append(part)
        keys = [contributor_key(f"made-up-{n}", key) for n in range(self.contributors)]
        rows = pl.concat(parts).filter(pl.col("day").is_between(first, last))
        return rows.with_columns(
            pl.lit(pl.Series(keys, dtype=pl.String)).gather(pl.col("who")).alias("contributor"),
            _named(pl.col("region"), tuple(REGIONS)),
            _named(pl.col("platform"), tuple(PLATFORMS)),
        ).select(*SIGHTING_SCHEMA)


def _named(column: pl.Expr, names: Sequence[str]) -> pl.Expr:
    return column.replace_strict(list(range(len(names))), list(names), return_dtype=pl.String)


@dataclass(frozen=True)
class _People:
    """What each contributor keeps: place, platform, how busy, and which categories they like."""

    region: _Ints
    platform: _Ints
    rate: _Floats
    """Photos a week."""
    taste: _Floats
    """One row a contributor, one column a brand: people keep to the brands they like."""

    @classmethod
    def drawn(cls, count: int, rng: np.random.Generator) -> "_People":
        return cls(
            _drawn(REGIONS, count, rng),
            _drawn(PLATFORMS, count, rng),
            rng.gamma(1.2, PHOTOS_A_WEEK / 1.2, count),
            rng.lognormal(0.0, 0.7, (count, len(BRANDS))),
        )


def _drawn(parts: Mapping[str, float], count: int, rng: np.random.Generator) -> _Ints:
    return rng.choice(len(parts), count, p=list(parts.values())).astype(np.int64)


def season(day: date, of: float) -> float:
    """Return how much a day of the year takes off or adds, for something of a season.

    1 on average over the year; `of` is 1 for what is of July alone, -1 for January alone.
    """
    turn = 2 * np.pi * (day.timetuple().tm_yday - 197) / 365.25
    return float(1 + of * np.cos(turn))


def _week(
    people: _People, begins: date, over: float, photos: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return one week's rows; `over` is how much of the study is over, 0 to 1."""
    who = np.repeat(np.arange(len(people.rate)), rng.poisson(people.rate))
    count, middle = len(who), begins + timedelta(days=3)
    scene_parts = np.array([part * season(middle, of) for part, of in SCENES.values()])
    scene = rng.choice(len(SCENES), count, p=scene_parts / scene_parts.sum())
    weights = _market(middle, over)[people.region[who]] * _SCENE_TIMES[scene] * people.taste[who]
    brand = np.where(rng.random(count) < BRAND_PART, _chosen(weights, rng), -1)
    others = weights * _PAIR_TIMES[brand]
    others[np.arange(count), brand] = 0
    second = np.where((brand >= 0) & (rng.random(count) < SECOND_PART), _chosen(others, rng), -1)
    labels: list[tuple[str, _Ints, tuple[str, ...]]] = [
        (PHOTO_KIND, np.zeros(count, np.int64), ("",)),
        ("brand", brand, _BRAND_NAMES),
        ("brand", second, _BRAND_NAMES),
        ("scene", scene, tuple(SCENES)),
    ]
    for interest, chances in _INTEREST_CHANCES.items():
        unlikely = (1 - chances[0][brand]) * (1 - chances[1][scene])
        shown = np.where(rng.random(count) < 1 - unlikely, 0, -1)
        labels.append(("interest", shown, (interest,)))
    base = pl.DataFrame(
        {
            "who": who,
            "photo": np.arange(photos, photos + count, dtype=np.uint64),
            "day": pl.Series(
                [begins + timedelta(days=int(d)) for d in rng.integers(7, size=count)]
            ),
            "region": people.region[who],
            "platform": people.platform[who],
        },
        schema_overrides={"day": pl.Date},
    )
    return pl.concat(
        [
            base.with_columns(pl.lit(kind).alias("kind"), pl.Series("number", numbers))
            .filter(pl.col("number") >= 0)
            .with_columns(_named(pl.col("number"), names).alias("label"))
            .drop("number")
            for kind, numbers, names in labels
        ]
    )


def _market(day: date, over: float) -> _Floats:
    """Return how often each brand is photographed: one row a region, one column a brand."""
    times = [brand.wanted(over) * season(day, brand.season) for brand in BRANDS]
    regions = [[b.regions.get(region, 1.0) for b in BRANDS] for region in REGIONS]
    return np.asarray(np.array(times) * np.array(regions), np.float64)


def _chosen(weights: _Floats, rng: np.random.Generator) -> _Ints:
    """Return one column for each row, drawn by the row's weights."""
    sums = weights.cumsum(axis=1)
    drawn = rng.random((len(weights), 1)) * sums[:, -1:]
    return np.asarray(np.minimum((sums <= drawn).sum(axis=1), weights.shape[1] - 1), np.int64)


_BRAND_NAMES: Final = tuple(brand.name for brand in BRANDS)
_SCENE_TIMES: Final = np.array(
    [[AT_HOME.get((brand.category, scene), 1.0) for brand in BRANDS] for scene in SCENES]
)
_PAIR_TIMES: Final = np.array(
    [[PAIRS.get((min(a, b), max(a, b)), 1.0) for b in _BRAND_NAMES] for a in _BRAND_NAMES]
)
_INTEREST_CHANCES: Final = {
    interest: (
        # One more, for a photo without a brand, which is looked up as -1.
        np.array([*(by_category.get(brand.category, 0.0) for brand in BRANDS), 0.0]),
        np.array([by_scene.get(scene, 0.0) for scene in SCENES]),
    )
    for interest, (by_category, by_scene) in INTERESTS.items()
}
