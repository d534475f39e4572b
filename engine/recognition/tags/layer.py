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

Floats = NDArray[np.float64]


def fit_layer(rows: Floats, of: NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return weights (classes, numbers), bias (classes,) and centre (numbers,) of the layer.

    `of` counts classes from 0, each with a row; rows count as often as `weight` says.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  heavy

    centre = np.average(rows, axis=0, weights=weight)
    model: Any = LogisticRegression(C=LOOSE, max_iter=500)
    model.fit(rows - centre, of, sample_weight=weight)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # of two classes scikit-learn keeps the second alone
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias, centre


def held_out(rows: Floats, of: NDArray[np.int64], weight: Floats) -> Floats:
    """Return the logits (rows, classes) of each row from a layer that was fitted without it."""
    fold = np.zeros(len(of), dtype=np.int64)
    for one in np.unique(of):
        fold[of == one] = np.arange((of == one).sum()) % FOLDS
    logits = np.zeros((len(of), int(of.max()) + 1))
    for number in range(FOLDS):
        inside = fold != number
        if inside.all():
            continue
        weights, bias, centre = fit_layer(rows[inside], of[inside], weight[inside])
        logits[~inside] = (rows[~inside] - centre) @ weights.T + bias
    return logits


def softened(logits: Floats, of: NDArray[np.int64], weight: Floats) -> float:
    """Return what logits are multiplied by so that their odds hold on these rows."""
    losses = [
        -float((weight * np.log(softmax(by * logits)[np.arange(len(of)), of] + 1e-12)).sum())
        for by in _SOFTER
    ]
    return _SOFTER[int(np.argmin(losses))]


def softmax(logits: Floats) -> Floats:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return scores
