"""The report is a function of the noisy numbers, whatever they are: a page, and always the same."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.insight.report import Analysis, report_html
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Study
from engine.statistics.measures import Photos, RunningTotal, Together
from tests.unit.engine.insight.made import everything, statistic, study, table
from tests.unit.engine.insight.report.subjects import subject
from tests.unit.engine.insight.report.test_page import Reader

few = settings(max_examples=8, deadline=None)
BRAND = Dimension("brand", ("=1+1", "<b>", "Zoë & Söhne, 'x'"))
DAYS = Dimension("day", tuple(f"2026-02-{day:02}" for day in range(14, 29)))
REGION = Dimension("region", ("DE", "FR"))
STUDIES = (
    everything(),
    study(
        statistic("by_day", BRAND, DAYS),
        statistic("by_place", BRAND, REGION, measure=Photos(2)),
        statistic("met", BRAND, Dimension("with_brand", BRAND.keys), measure=Together()),
        statistic("brands", BRAND),
        statistic("posters"),
        statistic("so_far", BRAND, DAYS, REGION, measure=RunningTotal()),
    ),
)
laws = st.sampled_from([("geometric", 0.4), ("geometric", 7.0), ("discrete-gaussian", 3.0)])
studies = st.sampled_from(STUDIES)
scales = st.sampled_from([0, 3, 50, 4_000, 10**9])


def _table(of: Study, law: tuple[str, float], scale: int, seed: int) -> pl.DataFrame:
    plain = table(of, lambda *_: 0, law)
    numbers = np.random.default_rng(seed).integers(-scale // 4, scale + 1, plain.height)
    moved = pl.Series(numbers, dtype=pl.Int64)
    return plain.with_columns(pl.col("value", "low95", "high95") + moved)


@few
@given(studies, laws, scales, st.integers(0, 1_000))
def test_any_noisy_numbers_have_a_page(
    of: Study, law: tuple[str, float], scale: int, seed: int
) -> None:
    html = report_html(Analysis.of(subject(_table(of, law, scale, seed), of)))
    assert len(Reader(html).text) > 100
    for word in ("nan", "inf", "None"):
        assert f">{word}<" not in html
        assert f'"{word}"' not in html


@few
@given(studies, laws, st.integers(0, 1_000))
def test_its_bytes_follow_from_the_noisy_numbers_alone(
    of: Study, law: tuple[str, float], seed: int
) -> None:
    made = _table(of, law, 500, seed)
    shuffled = made.sample(fraction=1, shuffle=True, seed=seed)
    columns = np.random.default_rng(seed).permutation(shuffled.columns).tolist()
    pages = [
        report_html(Analysis.of(subject(given_table, of)))
        for given_table in (made, shuffled.select(columns))
    ]
    assert pages[0] == pages[1]
