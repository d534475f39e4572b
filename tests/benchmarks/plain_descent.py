"""The same training without clip and without noise: what a head would learn with no promise made.

By hand, in numpy, so that it also checks `engine.learning.descent`: with nothing clipped and next
to no noise the two agree. It promises nobody anything, so it is no part of the engine.
"""

import numpy as np
from numpy.typing import NDArray

from engine.learning.descent import LEARNING_RATE, MOMENTUM, PUBLIC_WEIGHT, SHARPNESS
from engine.learning.interface import NONE_OF_THESE, Examples, Recipe

Floats = NDArray[np.float64]


def plain_descent(
    examples: Examples,
    others: NDArray[np.floating],
    recipe: Recipe,
    *,
    noise: float = 0.0,
    clip: float | None = None,
    random: np.random.Generator | None = None,
) -> Floats:
    """Return weights (labels + 1, d), every contributor taking part in every step.

    `clip` and `noise` (its multiplier) make it a sketch of the private training, in doubles and
    with a pseudo-random normal law: for exploring, never for a release.
    """
    rows, public = examples.rows.astype(np.float64), others.astype(np.float64)
    classes = len(recipe.labels) + NONE_OF_THESE
    wanted = np.eye(classes)[examples.targets]
    number = int(examples.contributors[-1]) + 1 if len(rows) else 0
    starts = np.searchsorted(examples.contributors, np.arange(number))
    share = 1 / np.bincount(examples.contributors, minlength=number)[examples.contributors]
    weights = np.zeros((classes, rows.shape[1]))
    velocity = np.zeros_like(weights)
    for _ in range(recipe.steps):
        pull = SHARPNESS * share[:, None] * (_softmax(SHARPNESS * rows @ weights.T) - wanted)
        if clip is None:
            gradient = pull.T @ rows
        else:
            gradient = np.zeros_like(weights)
            for at, end in zip(starts, [*starts[1:], len(rows)], strict=True):
                own = pull[at:end].T @ rows[at:end]
                gradient += own * min(1.0, clip / max(float(np.linalg.norm(own)), 1e-12))
        if noise:
            assert clip is not None
            assert random is not None
            gradient += noise * clip * random.standard_normal(weights.shape)
        gradient /= recipe.contributors
        if len(public):
            told = _softmax(SHARPNESS * public @ weights.T)
            told[:, -1] -= 1
            gradient += PUBLIC_WEIGHT * SHARPNESS * told.T @ public / len(public)
        velocity = MOMENTUM * velocity + gradient
        weights = weights - LEARNING_RATE * velocity
    return weights


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    told: Floats = powers / powers.sum(axis=1, keepdims=True)
    return told
