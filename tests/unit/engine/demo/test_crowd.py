"""A made-up crowd: the same each time, of the structure it was given, and room for no more."""

import ast
import dataclasses
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.demo.crowd import Crowd
from engine.demo.crowd_study import CrowdStudy
from engine.demo.crowd_world import BRANDS, INTERESTS, PLATFORMS, REGIONS, SCENES
from engine.statistics import PHOTO_KIND, SIGHTING_SCHEMA

ENGINE = Path(__file__).parents[4] / "engine"
YEAR = (date(2025, 1, 1), date(2027, 12, 31))
KEY = bytes(32)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return Crowd(2000, 26).sightings(*YEAR, KEY)


def test_rows_are_sightings_of_public_labels(rows: pl.DataFrame) -> None:
    assert rows.schema == SIGHTING_SCHEMA
    assert set(rows["region"]) == set(REGIONS)
    assert set(rows["platform"]) == set(PLATFORMS)
    labels = {
        kind: set(part["label"]) for (kind,), part in rows.group_by(["kind"], maintain_order=True)
    }
    assert labels == {
        PHOTO_KIND: {""},
        "brand": {brand.name for brand in BRANDS},
        "scene": set(SCENES),
        "interest": set(INTERESTS),
    }
    assert rows.filter(kind=PHOTO_KIND)["photo"].is_unique().all()
    of_one = rows.group_by("photo").agg(pl.col("contributor", "day", "region").n_unique())
    assert of_one.drop("photo").max().row(0) == (1, 1, 1)


def test_the_same_numbers_give_the_same_crowd_and_others_another(rows: pl.DataFrame) -> None:
    assert Crowd(2000, 26).sightings(*YEAR, KEY).equals(rows)
    assert not Crowd(2000, 26, seed=7).sightings(*YEAR, KEY).equals(rows)
    keyed = Crowd(2000, 26).sightings(*YEAR, b"\1" * 32)
    assert keyed.drop("contributor").equals(rows.drop("contributor"))
    assert set(keyed["contributor"]).isdisjoint(rows["contributor"])


def test_only_the_days_that_are_asked_for(rows: pl.DataFrame) -> None:
    part = Crowd(2000, 26).sightings(date(2026, 3, 1), date(2026, 3, 31), KEY)
    assert part.equals(rows.filter(pl.col("day").is_between(date(2026, 3, 1), date(2026, 3, 31))))


def counts(rows: pl.DataFrame, *by: str, **only: str) -> dict[object, int]:
    of = rows.filter(**only).with_columns(month=pl.col("day").dt.month())
    grouped = of.group_by(by).agg(pl.col("contributor").n_unique())
    return {row[0] if len(by) == 1 else row[:-1]: row[-1] for row in grouped.iter_rows()}


def test_what_a_report_should_find_is_there(rows: pl.DataFrame) -> None:
    by_month = {name: counts(rows, "month", kind="brand", label=name) for name in brand_names()}
    assert by_month["Brightwater"][6] > 3 * by_month["Brightwater"][1], "rises"
    assert by_month["Kestrel"][1] > 2 * by_month["Kestrel"][6], "falls"
    assert by_month["Gelavia"][6] > 5 * by_month["Gelavia"][1], "is of summer"
    assert by_month["Tundrel"][1] > 5 * by_month["Tundrel"][6], "is of winter"
    assert 1 not in by_month["Voltessa"], "comes out in the middle"
    assert by_month["Voltessa"][5] > 200
    assert sum(by_month["Solvano"].values()) < 150, "is nearly absent"
    regions = counts(rows, "region", kind="brand", label="Faldane")
    assert regions["north"] > regions["south"], "though more people live in the south"
    both = rows.filter(kind="brand").join(rows.filter(kind="brand"), on="photo", suffix="_too")
    pairs = counts(both, "label", "label_too")
    assert pairs["Brightwater", "Nimbus"] > 3 * pairs["Brightwater", "Pacelle"], "go together"


def brand_names() -> list[str]:
    return [brand.name for brand in BRANDS]


@pytest.mark.parametrize("given", [(0, 1), (1, 0), (1.5, 2), ("2000", 26), (True, 3), (10**9, 1)])
def test_a_crowd_is_whole_numbers_and_nothing_else(given: tuple[object, object]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        Crowd(*given)  # type: ignore[arg-type]
    assert {field.type for field in dataclasses.fields(Crowd)} == {int}


@pytest.mark.parametrize(("weeks", "months"), [(1, 1), (4, 1), (26, 6), (27, 6), (52, 12)])
def test_the_months_of_its_study_are_whole(weeks: int, months: int) -> None:
    from policies.periods import months_between

    text = CrowdStudy(Crowd(10, weeks)).policy(date(2026, 11, 1), "sha256:" + "a" * 64)
    part = text.split("  month:")[1].split()
    assert len(months_between(part[1], part[3])) == months


def test_a_run_takes_sightings_from_photos_or_a_crowd_and_from_nowhere_else() -> None:
    """The door of statistics is called in one place with a source's rows, and with no others."""
    callers = set()
    for file in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and "release" in [a.name for a in node.names]:
                callers.add(file.relative_to(ENGINE).as_posix())
    assert callers == {"run.py", "statistics/__init__.py"}
