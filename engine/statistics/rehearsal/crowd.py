"""A made-up crowd and what it would show: public, seeded, of nobody.

Labels follow Zipf's law (the n-th is shown about 1/n as often as the first), photos a geometric
law with a long tail, and days are even. It is a plausible crowd and no forecast of a real one.
"""

from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.statistics.dimensions import KIND_OF, PLACES, WITH_KIND_OF
from engine.statistics.interface import Study
from engine.statistics.sightings import PHOTO_KIND, SIGHTING_SCHEMA

_SHOWN: Final = 0.7
"""Part of the photos that show a label of a kind; some of them show two."""
_TWO: Final = 0.3


def made_up(
    study: Study, days: tuple[date, date], contributors: int, photos_each: float, seed: int
) -> pl.DataFrame:
    """Return sightings of a crowd that could be the study's, as `SIGHTING_SCHEMA`.

    Args:
        study: whose labels, places and periods are shown.
        days: the first and the last day of its photos.
        contributors: how many there are; each posts once at least.
        photos_each: of the mean of photos a contributor.
        seed: the same gives the same crowd.
    """
    rng = np.random.default_rng(seed)
    each = rng.geometric(1 / max(1.0, photos_each), contributors)
    owner = np.repeat(np.arange(contributors), each)
    photos = len(owner)
    day = rng.integers(0, (days[1] - days[0]).days + 1, photos)
    places = {name: _places(study, name, contributors, rng) for name in PLACES}
    shown = [(np.arange(photos), PHOTO_KIND, np.full(photos, "", dtype=object))]
    for kind, labels in sorted(_labels(study).items()):
        order = rng.permutation(len(labels))
        weights = 1 / np.arange(1, len(labels) + 1)
        for part in (_SHOWN, _SHOWN * _TWO):
            which = np.flatnonzero(rng.random(photos) < part)
            picked = order[rng.choice(len(labels), len(which), p=weights / weights.sum())]
            shown.append((which, kind, np.array(labels, dtype=object)[picked]))
    dates = np.array([days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)])
    frames = [
        pl.DataFrame(
            {
                "contributor": [f"c{n}" for n in owner[which].tolist()],
                "photo": which.astype(np.uint64),
                "kind": [kind] * len(which),
                "label": list(label),
                "day": list(dates[day[which]]),
                **{name: list(values[owner[which]]) for name, values in places.items()},
            },
            schema=SIGHTING_SCHEMA,
        )
        for which, kind, label in shown
    ]
    return pl.concat(frames)


def _places(
    study: Study, name: str, contributors: int, rng: np.random.Generator
) -> NDArray[np.object_]:
    keys = sorted({k for s in study.statistics for d in s.by if d.name == name for k in d.keys})
    if not keys:
        return np.full(contributors, None, dtype=object)
    picked: NDArray[np.object_] = np.array(keys, dtype=object)[
        rng.integers(0, len(keys), contributors)
    ]
    return picked


def _labels(study: Study) -> dict[str, list[str]]:
    """Return the labels of each kind that any statistic counts."""
    found: dict[str, set[str]] = {}
    for statistic in study.statistics:
        for dimension in statistic.by:
            kind = KIND_OF.get(dimension.name) or WITH_KIND_OF.get(dimension.name)
            if kind is not None:
                labels = [brand for brand, _ in dimension.of] or dimension.keys
                found.setdefault(kind, set()).update(labels)
    return {kind: sorted(labels) for kind, labels in found.items()}
