"""The table of expected accuracy: whole, plausible, and never read upwards."""

import pytest

from engine.learning.expected import CROWDS, EPSILONS, EXPECTED, WITHOUT, expected_f1


def test_the_table_is_whole() -> None:
    assert set(EXPECTED) == {(crowd, epsilon) for crowd in CROWDS for epsilon in EPSILONS}
    assert set(WITHOUT) == set(CROWDS)


def test_privacy_costs_accuracy_and_a_larger_crowd_pays_less() -> None:
    for (crowd, epsilon), f1 in EXPECTED.items():
        assert 0 <= f1 <= WITHOUT[crowd] < 1
        if crowd >= 80:
            larger = [EXPECTED[n, e] for n, e in EXPECTED if n >= crowd and e >= epsilon]
            assert f1 <= min(larger) + 0.05


@pytest.mark.parametrize(
    ("contributors", "epsilon", "read"),
    [(80, 8.0, (80, "8")), (159, 7.9, (80, "4")), (10**6, 100.0, (640, "8")), (25, 1.0, (25, "1"))],
)
def test_what_lies_between_is_read_from_below(
    contributors: int, epsilon: float, read: tuple[int, str]
) -> None:
    assert expected_f1(contributors, epsilon) == EXPECTED[read]


def test_below_the_table_nothing_is_said() -> None:
    assert expected_f1(24, 8.0) is None
    assert expected_f1(1000, 0.9) is None
