"""Who is drawn: exact probabilities, no dependence, the system's generator."""

import secrets
from fractions import Fraction

import pytest

from engine.learning import sampling


def test_everybody_is_drawn_with_a_probability_of_one() -> None:
    assert sampling.drawn(1000, Fraction(1)) == list(range(1000))


def test_of_nobody_nobody_is_drawn() -> None:
    assert sampling.drawn(0, Fraction(1, 2)) == []


def test_a_probability_is_the_exact_fraction(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(most: int) -> int:
        asked.append(most)
        return (len(asked) - 1) % most

    monkeypatch.setattr(secrets, "randbelow", counted)
    # Of every equally likely outcome, so many of so many.
    assert sampling.drawn(7, Fraction(3, 7)) == [0, 1, 2]
    assert asked == [7] * 7
    assert len(sampling.drawn(10_000, Fraction(1, 10_000))) == 1
