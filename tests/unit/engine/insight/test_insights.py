"""The face: everything that a release allows, and nothing that it does not."""

import dataclasses

import polars as pl
import pytest

from engine.insight import (
    BIAS,
    Insights,
    TableRefused,
    affinity,
    changes,
    concentration,
    insights,
    means,
    ranking,
    reading,
    shares,
)
from tests.unit.engine.insight.made import BRAND, everything, statistic, study, table

NUMBERS = {
    "reading": reading.NUMBERS,
    "shares": shares.NUMBERS,
    "voice": shares.NUMBERS,
    "occasions": shares.NUMBERS,
    "ranking": ranking.RANKS,
    "tops": ranking.TOPS,
    "changes": changes.NUMBERS,
    "movers": changes.NUMBERS,
    "affinities": affinity.NUMBERS,
    "concentrations": concentration.NUMBERS,
    "means": means.NUMBERS,
}


def _tables(found: Insights) -> dict[str, pl.DataFrame]:
    return {name: getattr(found, name) for name in NUMBERS}


def test_a_study_with_everything_gives_everything() -> None:
    of = everything()
    found = insights(table(of, lambda *_: 200), of)
    for name, derived in _tables(found).items():
        assert derived.height > 0, name
        keys = {"statistic": pl.String, **dict.fromkeys(of.dimensions, pl.String)}
        assert dict(derived.schema) == {**keys, **NUMBERS[name]}, name
    assert found.notes[0] == BIAS
    assert len(found.notes) == 10


def test_a_study_of_little_gives_little_and_says_less() -> None:
    of = study(statistic("brands", BRAND))
    found = insights(table(of, lambda *_: 200), of)
    heights = {name: derived.height for name, derived in _tables(found).items()}
    assert heights == {
        "reading": 3,
        "shares": 3,
        "voice": 3,
        "occasions": 0,
        "ranking": 3,
        "tops": 1,
        "changes": 0,
        "movers": 0,
        "affinities": 0,
        "concentrations": 0,
        "means": 0,
    }
    assert len(found.notes) == 4


def test_categories_are_those_of_the_study() -> None:
    of = everything()
    found = insights(table(of, lambda *_: 200), of)
    assert set(found.shares.filter(statistic="brands")["group"]) == {"sport"}
    assert set(found.shares.filter(statistic="scenes")["group"]) == {None}


def test_another_table_is_refused() -> None:
    of = everything()
    with pytest.raises(TableRefused):
        insights(table(of, lambda *_: 200).drop("delta"), of)


def test_what_was_found_cannot_be_changed() -> None:
    of = study(statistic("brands", BRAND))
    found = insights(table(of, lambda *_: 200), of)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.notes = ()  # type: ignore[misc]
