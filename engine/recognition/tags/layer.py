"""One linear layer from an embedding to scenes, fitted so that its probabilities hold.

Numbers only: numpy to apply it, scikit-learn's logistic regression to fit it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FOLDS: Final = 5
LOOSE: Final = 30.0
"""How freely the layer may follow its examples (scikit-learn's C)."""
_SOFTER: Final = tuple(float(x) for x in np.geomspace(0.05, 2.0, 60))
"""Never sharper than twice: examples alone would have it so, but they hold none of the many scenes
that nobody taught."""

Floats = NDArray[np.float64]


def fit_layer(rows: Floats, of: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return weights (classes, numbers) and bias (classes,) of the layer.

    `of` counts classes from 0, each with a row. The odds are softened so that they hold.
    """
    # Rows span few directions: within them the fit is the same, and several times as fast.
    _, sizes, axes = np.linalg.svd(rows, full_matrices=False)
    axes = axes[sizes > 1e-9 * sizes[0]]
    inner = rows @ axes.T
    weights, bias = _fitted(inner, of)
    by = _softer(_held_out(inner, of), of)
    return by * weights @ axes, by * bias


def _fitted(rows: Floats, of: NDArray[np.int64]) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  heavy

    model: Any = LogisticRegression(C=LOOSE, max_iter=500).fit(rows, of)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # of two classes scikit-learn keeps the second alone
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias


def _held_out(rows: Floats, of: NDArray[np.int64]) -> Floats:
    """Return the logits (rows, classes) of each row from a layer that was fitted without it."""
    fold = np.zeros(len(of), dtype=np.int64)
    for one in np.unique(of):
        # An example and its mirror image follow each other, and stay together.
        fold[of == one] = np.arange((of == one).sum()) // 2 % FOLDS
    logits = np.zeros((len(of), int(of.max()) + 1))
    for number in range(FOLDS):
        inside = fold != number
        if inside.all() or len(np.unique(of[inside])) < logits.shape[1]:
            continue  # a class of one example alone: nothing is known of how it does unseen
        weights, bias = _fitted(rows[inside], of[inside])
        logits[~inside] = rows[~inside] @ weights.T + bias
    return logits


def _softer(logits: Floats, of: NDArray[np.int64]) -> float:
    """Return what logits are multiplied by so that their odds hold on these rows."""
    losses = [
        -float(np.log(softmax(by * logits)[np.arange(len(of)), of] + 1e-12).sum()) for by in _SOFTER
    ]
    return _SOFTER[int(np.argmin(losses))]


def softmax(logits: Floats) -> Floats:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return scores
