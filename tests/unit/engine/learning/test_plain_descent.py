"""The training by hand and the one by Opacus agree where nothing is hidden and nothing clipped."""

from fractions import Fraction

import numpy as np
import pytest

from engine.learning import descent
from tests.benchmarks.plain_descent import plain_descent
from tests.unit.engine.learning.trainings import crowd, public, recipe, reserved


@pytest.mark.parametrize("clip", ["30", "1/2"])
def test_by_hand_and_by_opacus_weights_are_the_same(
    clip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descent, "noised", lambda total, scale: total)
    of = recipe(clip=Fraction(clip), sampling_rate=Fraction(1), steps=7, contributors=6)
    examples, others = crowd([1, 3, 5, 2, 2, 4]), public()
    weights = descent.descend(examples, others, of, reserved(of))
    by_hand = plain_descent(examples, others, of, clip=float(of.clip))
    assert np.abs(weights).max() > 0.1
    assert weights == pytest.approx(by_hand, rel=0.01, abs=0.002)
