"""Counts near 2^31, 2^32 and 2^52: no type in between wraps, rounds or loses the noise.

Polars counts rows in 32 bits, and its sums wrap without a word; a double holds whole numbers up to
2^53 alone. No photo collection is so large, so the cells are put in where they are counted.
"""

from importlib import import_module

import polars as pl
import pytest

from engine.statistics import SIGHTING_SCHEMA, Dimension, Photos, Statistic, Study, Top, release
from engine.statistics.cells import AMOUNT, CELL, CONTRIBUTOR
from engine.statistics.errors import CountOutOfRange, StatisticsError
from engine.statistics.noise import GeometricLaw
from policies.amounts import Epsilon, Rho
from tests.statistical.auditing import reserved

BOUNDING = import_module("engine.statistics.bounding")
BRAND = Dimension("brand", ("Nike", "Zara"))
EMPTY = pl.DataFrame(schema=SIGHTING_SCHEMA)
# At most 40 / 16 steps from the count: geometric noise ends there.
LOUD = Epsilon.parse("16")
STUDY = Study((Statistic("photos", (BRAND,), LOUD, Photos(1)),), 1)
SUMS = [
    (2**31 - 1, 1),
    (2**31, 2**31),
    (2**32 - 1, 1),
    (2**32, 5),
    (2**40, 2**40 + 1),
    (2**52 - 2, 1),
]


def _put_in(monkeypatch: pytest.MonkeyPatch, *amounts: int) -> None:
    """Let two people add these amounts to the first cell."""
    cells = pl.LazyFrame(
        {CONTRIBUTOR: ["a", "b"], CELL: [0, 0], AMOUNT: list(amounts)},
        schema={CONTRIBUTOR: pl.String, CELL: pl.UInt32, AMOUNT: pl.Int64},
    )
    monkeypatch.setattr(BOUNDING, "touched", lambda sightings, statistic: cells)


@pytest.mark.parametrize("amounts", SUMS)
def test_large_counts_come_out_whole(
    monkeypatch: pytest.MonkeyPatch, amounts: tuple[int, int]
) -> None:
    _put_in(monkeypatch, *amounts)
    table = release(EMPTY, STUDY, reserved(STUDY), bytes(32)).table
    count, (first, second) = sum(amounts), table["value"].to_list()
    assert abs(first - count) <= 3
    assert abs(second) <= 3
    assert table["low95"].to_list()[0] <= first <= table["high95"].to_list()[0]


def test_noise_is_not_lost_on_a_large_count(monkeypatch: pytest.MonkeyPatch) -> None:
    # diffprivlib's mechanism, asked to add its noise to 2^60, answers 2^60 each time.
    _put_in(monkeypatch, 2**52 - 2, 1)
    wide = Study((Statistic("photos", (BRAND,), Epsilon.parse("0.001"), Photos(1)),), 1)
    values = {release(EMPTY, wide, reserved(wide), bytes(32)).table["value"][0] for _ in range(20)}
    # 20 equal draws of noise this wide: a probability below 10^-60.
    assert len(values) > 1
    assert {value % 2 for value in values} == {0, 1}


@pytest.mark.parametrize("amounts", [(2**52 - 1, 1), (2**62, 5)])
@pytest.mark.parametrize("measure", [Photos(1), Top(1)])
@pytest.mark.parametrize("price", [Epsilon.parse("1"), Rho.parse("0.5")])
def test_counts_that_are_too_large_draw_nothing_and_are_not_told(
    monkeypatch: pytest.MonkeyPatch, amounts: tuple[int, int], measure: object, price: object
) -> None:
    _put_in(monkeypatch, *amounts)
    study = Study((Statistic("s", (BRAND,), price, measure),), 1)  # type: ignore[arg-type]

    def never(*_: object) -> list[int]:
        raise AssertionError("noise was drawn")

    monkeypatch.setattr(GeometricLaw, "draw", never)
    with pytest.raises(StatisticsError) as caught:
        release(EMPTY, study, reserved(study), bytes(32))
    assert isinstance(caught.value, CountOutOfRange) or isinstance(measure, Top)
    assert not any(character.isdigit() for character in str(caught.value).replace("2^52", ""))


def test_control_polars_wraps_where_nothing_is_cast() -> None:
    assert pl.Series([2**32 - 1, 1], dtype=pl.UInt32).sum() == 0
    assert pl.DataFrame({"a": [1]}).select(pl.len()).dtypes == [pl.UInt32]
