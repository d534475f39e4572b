from fractions import Fraction

import pytest

from engine.errors import EngineError
from engine.statistics import Dimension, Statistic, Study
from engine.statistics.errors import StudyInvalid
from policies.amounts import Epsilon

ONE = Epsilon.parse("1")
BRAND = Dimension("brand", ("Nike", "Adidas"))
WEEK = Dimension("week", ("2026-W23",))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("person", ("a",)),
        ("contributor", ("a",)),
        ("brand", ()),
        ("brand", ("a", "a")),
        ("brand", ("",)),
        ("brand", ("a\nb",)),
        ("brand", ("x" * 201,)),
        ("week", ("2026-23",)),
        ("week", ("2025-W53",)),
        ("week", ("2026-W23 ",)),
    ],
)
def test_a_dimension_that_names_no_public_key_is_refused(name: str, keys: tuple[str, ...]) -> None:
    with pytest.raises(StudyInvalid):
        Dimension(name, keys)


@pytest.mark.parametrize(
    ("name", "by", "epsilon"),
    [
        ("Upper", (BRAND,), ONE),
        ("", (BRAND,), ONE),
        ("s", (BRAND, BRAND), ONE),
        ("s", (BRAND, Dimension("scene", ("beach",))), ONE),
        ("s", (BRAND,), Epsilon.zero()),
        ("s", (BRAND,), Epsilon(Fraction(1, 3))),
        ("s", (Dimension("brand", tuple(map(str, range(1_000_001)))),), ONE),
    ],
)
def test_a_statistic_that_can_not_be_counted_is_refused(
    name: str, by: tuple[Dimension, ...], epsilon: Epsilon
) -> None:
    with pytest.raises(StudyInvalid):
        Statistic(name, by, epsilon)


@pytest.mark.parametrize(
    ("ids", "max_cells"), [((), 1), (("a", "a"), 1), (("a",), 0), (("a",), True), (("a",), 2.0)]
)
def test_a_study_without_a_bound_or_with_twins_is_refused(
    ids: tuple[str, ...], max_cells: int
) -> None:
    with pytest.raises(StudyInvalid):
        Study(tuple(Statistic(i, (BRAND,), ONE) for i in ids), max_cells)


def test_the_grids_order_is_the_keys_and_not_the_policys() -> None:
    turned = Dimension("brand", tuple(reversed(BRAND.keys)))
    first = list(Statistic("s", (BRAND, WEEK), ONE).grid())
    assert first == list(Statistic("s", (turned, WEEK), ONE).grid())
    assert first == [("Adidas", "2026-W23"), ("Nike", "2026-W23")]


def test_the_root_of_the_errors_is_the_engines() -> None:
    with pytest.raises(EngineError) as caught:
        Dimension("person", ("a",))
    assert (caught.value.code, caught.value.exit_code) == ("study-invalid", 7)
    assert "brand" in caught.value.hint
