"""The low bits of a trained head: they tell of noise alone, whoever took part.

The attack of Jin et al. 2022 (arXiv 2112.05307) on DP-SGD reads off a noisy gradient's low bits
what was there before the noise. One step from zero is the worst case: its head is that one noisy
sum, times a public number. The control does to the same sum what Opacus does by itself.
"""

from fractions import Fraction

import numpy as np
import pytest
import torch
from opacus.optimizers import optimizer as opacus_optimizer

from engine.learning import descent
from engine.learning.clipping import UNITS
from engine.learning.interface import Examples, Floats
from tests.unit.engine.learning.trainings import crowd, public, recipe, reserved

WIDTH = 2_000
OF = recipe(steps=1, sampling_rate=Fraction(1), noise=Fraction(1, 2), contributors=1)
SOMEBODY = crowd([3], width=WIDTH)
NOBODY = Examples(SOMEBODY.rows[:0], SOMEBODY.targets[:0], SOMEBODY.contributors[:0])


def _left(examples: Examples, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Return what leaves the step, as the weights that are released would show it."""
    heads: list[np.ndarray] = []
    monkeypatch.setattr(descent, "LEARNING_RATE", 1.0)
    # The doubles of the last step; the head is those in single precision.
    descent.descend(
        examples,
        public(0, WIDTH),
        OF,
        reserved(OF),
        save=lambda state: heads.append(state.weights),
    )
    return heads[0].reshape(-1)


def _told_by_low_bits(values: np.ndarray) -> float:
    """Return how many of the values near zero are no multiples of 2^-25."""
    near: Floats = values[np.abs(values) < 2.0**-6]
    assert len(near) > 20
    return float(np.mean(near * 2.0**25 != np.round(near * 2.0**25)))


def test_low_bits_are_the_same_with_somebody_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    for examples in (SOMEBODY, NOBODY):
        left = _left(examples, monkeypatch) * UNITS
        # INVARIANT: on one grid, whoever was there; each of its points can be reached from both.
        assert (left == np.round(left)).all()
        assert _told_by_low_bits(left / UNITS) == 0
        counted = np.bincount(left.astype(np.int64) & 7, minlength=8)
        assert counted.min() > 0.7 * counted.max()


def test_control_low_bits_of_floating_point_noise_tell_who_was_there() -> None:
    told = {}
    for name, total in (("somebody", 0.3), ("nobody", 0.0)):
        reference = torch.full((60_000,), total, dtype=torch.float32)
        for secure in (False, True):
            noise = opacus_optimizer._generate_noise(
                std=0.5, reference=reference, secure_mode=secure
            )
            told[name, secure] = _told_by_low_bits((reference + noise).numpy().astype(float))
    # What one world shows in one of a hundred coordinates, the other never shows: a delta of 0.01.
    # The secure mode adds up four draws, which hides where its numbers lie no better.
    for secure in (False, True):
        assert told["somebody", secure] == 0
        assert told["nobody", secure] > 0.3
