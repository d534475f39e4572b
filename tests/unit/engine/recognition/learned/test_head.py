"""What a head makes of points: odds, and their logarithms where odds are all but certain."""

import numpy as np
import pytest

from engine.recognition.learned.head import Head

POINTS = np.eye(3, dtype=np.float32)


def head(sharpness: float) -> Head:
    weights = np.array([[1, 0.2, -1], [0.5, 0.8, 0], [0, 0, 0.3]], dtype=np.float32)
    return Head("brand", ("acme", "zeta"), weights, sharpness)


def test_the_logarithms_are_those_of_the_odds() -> None:
    odds = head(3.0).odds(POINTS)
    assert head(3.0).log_odds(POINTS) == pytest.approx(np.log(odds / (1 - odds)))


def test_of_two_points_that_a_head_is_sure_of_the_surer_stays_surer() -> None:
    # As probabilities both are 1: a tie, in which everything beats what it is held against.
    surest, sure = np.array([[1, 0, 0]], np.float32), np.array([[0.8, 0, 0]], np.float32)
    assert head(200.0).odds(surest)[0, 0] == head(200.0).odds(sure)[0, 0] == 1
    assert head(200.0).log_odds(surest)[0, 0] == pytest.approx(100, abs=1e-4)
    assert head(200.0).log_odds(sure)[0, 0] == pytest.approx(80, abs=1e-4)


def test_however_sure_a_head_is_the_logarithm_is_a_number() -> None:
    assert np.isfinite(head(1e6).log_odds(POINTS)).all()
    assert head(1.0).log_odds(POINTS[:0]).shape == (0, 3)
