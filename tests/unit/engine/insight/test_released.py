"""Only a release of the study is let in."""

import polars as pl
import pytest

from engine.insight import Released, TableRefused
from engine.insight.errors import NotReleased
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Study
from tests.unit.engine.insight.made import BRAND, WEEKS, everything, statistic, study, table

STUDY = everything()
TABLE = table(STUDY, lambda *_: 100)


def _first(column: str, value: object) -> pl.DataFrame:
    dtype = TABLE.schema[column]
    changed = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value, dtype))
    return TABLE.with_columns(changed.otherwise(pl.col(column)).alias(column))


def test_rows_and_columns_may_come_in_any_order() -> None:
    shuffled = TABLE.sample(fraction=1, shuffle=True, seed=3).select(reversed(TABLE.columns))
    assert Released.of(shuffled, STUDY).table.equals(Released.of(TABLE, STUDY).table)


@pytest.mark.parametrize(
    "wrong",
    [
        TABLE.with_columns(contributor=pl.lit("somebody")),
        TABLE.drop("std"),
        TABLE.with_columns(pl.col("value").cast(pl.Float64)),
        TABLE.rename({"week": "month"}),
        TABLE[1:],
        pl.concat([TABLE, TABLE[:1]]),
        pl.concat([TABLE[1:], TABLE[1:2]]),
        _first("statistic", "other"),
        _first("week", "2020-W01"),
        _first("week", None),
        _first("scene", "beach"),
        _first("value", None),
        _first("mechanism", "uniform"),
        _first("std", 5.0),
        _first("std", -1.0).with_columns(std=pl.lit(-1.0)),
        TABLE.with_columns(mechanism=pl.lit("uniform")),
    ],
)
def test_what_is_no_release_of_the_study_is_refused(wrong: pl.DataFrame) -> None:
    with pytest.raises(TableRefused):
        Released.of(wrong, STUDY)


def test_a_top_list_is_left_out() -> None:
    leaders = TABLE[:2].with_columns(
        pl.lit("leaders").alias("statistic"),
        pl.lit(None, pl.String).alias("week"),
        *(pl.lit(None, TABLE.schema[name]).alias(name) for name in ("std", "low95", "high95")),
        pl.lit("noisy-top").alias("mechanism"),
    )
    assert Released.of(pl.concat([TABLE, leaders]), STUDY).table.height == TABLE.height


def test_a_running_total_may_be_of_a_stretch_of_its_periods() -> None:
    total = pl.col("statistic") == "totals"
    later = TABLE.filter(~total | (pl.col("week") > "2026-W23"))
    assert Released.of(later, STUDY).table.height == TABLE.height - 3
    for wrong in (
        TABLE.filter(~total),
        TABLE.filter(~total | (pl.col("week") != "2026-W24")),
        TABLE.filter(~total | (pl.col("week") > "2026-W23") | (pl.col("brand") == "Nike")),
    ):
        with pytest.raises(TableRefused):
            Released.of(wrong, STUDY)


def test_releases_of_a_continual_study_can_be_put_together() -> None:
    def cut(*weeks: str) -> Study:
        by = Dimension("week", weeks)
        return study(statistic("brands", BRAND, by), statistic("posters", by))

    releases = [table(cut(week), lambda *_: 100) for week in WEEKS]
    assert Released.of(pl.concat(releases), cut(*WEEKS)).table.height == 12


def test_a_statistic_without_dimensions_is_one_cell() -> None:
    of = study(statistic("all"), statistic("brands", BRAND))
    assert Released.of(table(of, lambda *_: 5), of).table.height == 4


def test_what_the_study_lacks_is_said() -> None:
    released = Released.of(TABLE, STUDY)
    with pytest.raises(NotReleased):
        released.statistic("nothing")
    with pytest.raises(NotReleased):
        released.law(released.statistic("totals"))
