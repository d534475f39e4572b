"""Scenes that a user taught by examples: fitting when the catalogue is built, and applying.

A photo's embedding is weighed by one linear layer with an output for each taught scene and one for
'none of these', which is taught by pictures of other things that ship as embeddings. Its odds are
then softened by what a layer made of examples that it was not fitted on, so that a score of .9 is
right about 9 times in 10.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone, Pixels
from engine.recognition.tags.layer import Floats, fit_layer, softmax
from engine.recognition.weights.scenes import others
from engine.recognition.whole import embedded

PARTS: Final = ("weights", "bias", "centre")


def fit_scenes(
    examples: Mapping[str, Sequence[NDArray[np.uint8]]],
    progress: Callable[[], None] = lambda: None,
    backbone: Backbone | None = None,
) -> dict[str, NDArray[Any]]:
    """Return the arrays that `TaughtScenes` takes; calls `progress` after each example.

    Scenes count in the order of their names, examples as they come and mirrored. About 120 ms
    an example. The same examples give the same numbers.
    """
    net = backbone if backbone is not None else Backbone()
    rows: list[Floats] = []
    of: list[int] = []
    for at, label in enumerate(sorted(examples)):
        for pixels in examples[label]:
            rows += [embedded(net, pixels), embedded(net, np.ascontiguousarray(pixels[:, ::-1]))]
            of += [at, at]
            progress()
    return fit_rows(np.array(rows), np.array(of))


def fit_rows(rows: Floats, of: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return the arrays of the layer for (n, numbers) embeddings of scenes counted from 0.

    Raises `ValueError` for one scene alone where there are no pictures of others.
    """
    bank = others()
    if bank.shape[1] != rows.shape[1]:  # another net than Lite0: the scenes know each other alone
        bank = np.zeros((0, rows.shape[1]))
    if not len(bank) and not of.any():
        raise ValueError("one scene alone can't be taught with another net than Lite0")
    none = int(of.max()) + 1
    rows = np.concatenate([rows, bank])
    of = np.concatenate([of, np.full(len(bank), none)])
    centre = rows.mean(axis=0)
    parts = zip(PARTS, (*fit_layer(rows - centre, of), centre), strict=True)
    return {name: np.asarray(part, dtype=np.float32) for name, part in parts}


class TaughtScenes:
    """Knows the scenes of one catalogue; keeps no state from photo to photo."""

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], labels: Sequence[str], backbone: Backbone
    ) -> None:
        """Take what `fit_scenes` returned and the sorted labels; raises `ValueError`."""
        if not set(PARTS) <= set(arrays):
            raise ValueError("the arrays are not those of taught scenes")
        self._weights, self._bias, self._centre = (
            np.asarray(arrays[part], dtype=np.float64) for part in PARTS
        )
        # Scenes that were taught with another net have no 'none of these'.
        counts = {len(labels), len(labels) + 1}
        shape = (*self._bias.shape, *self._centre.shape)
        if self._weights.shape != shape or len(shape) != 2 or shape[0] not in counts:
            raise ValueError("the arrays and the labels of taught scenes do not fit together")
        self._labels = tuple(labels)
        self._backbone = backbone

    def scores(self, pixels: Pixels, whole: NDArray[np.float32] | None = None) -> dict[str, float]:
        """Return each scene's probability; what is left of 1 is 'none of these'.

        `whole` is the backbone's embedding of these pixels, where it is at hand.
        """
        seen = embedded(self._backbone, pixels, whole)
        if seen.shape != self._centre.shape:
            raise ValueError("the scenes were taught with another net")
        told = softmax(self._weights @ (seen - self._centre) + self._bias)
        return dict(zip(self._labels, told.tolist(), strict=False))
