"""Brands by their marks, window by window: what is near a brand's examples, and nearer than chance.

Windows that may hold a mark are cut out, embedded, and compared with every prototype by one
matrix product. The likeliest are looked at again a little shifted, larger and smaller, because
the lattice seldom hits a mark squarely.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone, Maps
from engine.recognition.evidence import Evidence
from engine.recognition.regions.pictures import NUMBERS, cut, embed
from engine.recognition.regions.windows import LONGEST, overlap, propose, veiled

WINDOWS: Final = 100
"""Windows embedded a photo. In photos .91 of the largest marks are hit (overlap .4) by 200 windows,
.81 by 100."""
AGAIN: Final = 6
"""Windows looked at again."""
SHIFTS: Final = np.array(
    [
        [0.12, 0.12, -0.12, -0.12],
        [-0.15, -0.15, 0.15, 0.15],
        [-0.15, 0, -0.15, 0],
        [0.15, 0, 0.15, 0],
        [0, -0.15, 0, -0.15],
        [0, 0.15, 0, 0.15],
        [0.12, 0, -0.12, 0],
        [0, 0.12, 0, -0.12],
    ],
    dtype=np.float32,
)
"""How they are moved, as shares of their width and height."""
FLOOR: Final = 0.0
"""Least strength that is told. A strength is the cosine with the nearest prototype less the mean
cosine that the prototype's likest non-marks have: above 0 a window is nearer than those."""
SAME: Final = 0.3
"""Overlap above which two windows of one brand are one finding."""
MOST: Final = 3
"""Findings told a brand."""

Floats = NDArray[np.float32]


class Regions:
    """Finds the brands of one catalogue; keeps no state from photo to photo."""

    def __init__(
        self,
        arrays: Mapping[str, NDArray[Any]],
        labels: Sequence[str],
        backbone: Backbone | None = None,
    ) -> None:
        """Take what `fit_regions` returned and the sorted labels of its marks.

        Raises `ValueError` where the arrays do not fit together.
        """
        self._prototypes = np.asarray(arrays["prototypes"], dtype=np.float32)
        self._places = np.asarray(arrays["labels"], dtype=np.int64)
        self._common = np.asarray(arrays["common"], dtype=np.float32)
        self._labels = tuple(labels)
        self._backbone = Backbone() if backbone is None else backbone
        count = len(self._places)
        if self._prototypes.shape != (count, NUMBERS) or self._common.shape != (count,):
            raise ValueError("the arrays of the regions do not fit together")
        if count and not 0 <= self._places.min() <= self._places.max() < len(self._labels):
            raise ValueError("the arrays of the regions name a label that is not there")
        # Prototypes of a label side by side, so that the best of each is one reduction.
        order = np.argsort(self._places, kind="stable")
        self._prototypes, self._common = self._prototypes[order], self._common[order]
        self._named, self._starts = np.unique(self._places[order], return_index=True)

    def warm_up(self) -> None:
        """Load the nets; raises `NetUnusable`."""
        self.find(np.zeros((64, 64, 3), dtype=np.uint8))

    def find(self, pixels: NDArray[np.uint8], maps: Maps | None = None) -> tuple[Evidence, ...]:
        """Return what hints at which brand, strongest first; `maps` where they are at hand.

        `maps` are the backbone's of these pixels at `windows.LONGEST`.
        """
        if not len(self._named):
            return ()
        blind = (pixels == 128).all(axis=2)
        maps = self._backbone.maps(pixels, LONGEST) if maps is None else maps
        boxes = propose(maps, blind, WINDOWS).boxes
        strengths = self._strengths(pixels, boxes)
        if len(boxes):
            likely = np.argsort(-strengths.max(1), kind="stable")[:AGAIN]
            moved = _moved(boxes[likely], pixels.shape[1], pixels.shape[0])
            moved = moved[veiled(blind, moved) <= 0.5]
            strengths = np.concatenate([strengths, self._strengths(pixels, moved)])
            boxes = np.concatenate([boxes, moved])
        return self._told(boxes, strengths)

    def _strengths(self, pixels: NDArray[np.uint8], boxes: Floats) -> Floats:
        """Return (boxes, named labels)."""
        if not len(boxes):
            return np.zeros((0, len(self._named)), dtype=np.float32)
        points = embed(np.stack([cut(pixels, box) for box in boxes]))
        near = points @ self._prototypes.T - self._common
        return np.asarray(np.maximum.reduceat(near, self._starts, axis=1), dtype=np.float32)

    def _told(self, boxes: Floats, strengths: Floats) -> tuple[Evidence, ...]:
        told: list[Evidence] = []
        for at, place in enumerate(self._named):
            column = strengths[:, at]
            order = np.argsort(-column, kind="stable")
            kept: list[int] = []
            for row in order[column[order] > FLOOR]:
                if len(kept) == MOST:
                    break
                if kept and overlap(boxes[[row]], boxes[kept]).max() > SAME:
                    continue
                kept.append(int(row))
            for row in kept:
                x0, y0, x1, y1 = (float(side) for side in boxes[row])
                box = (x0, y0, x1, y1)
                told.append(Evidence(self._labels[place], "region", float(column[row]), box))
        return tuple(sorted(told, key=lambda found: (-found.strength, found.label, found.box)))


def _moved(boxes: Floats, width: int, height: int) -> Floats:
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    moved = (boxes[None] + SHIFTS[:, None] * sides).reshape(-1, 4)
    limits = np.array([width, height] * 2, dtype=np.float32)
    return np.asarray(np.clip(moved, 0, limits), dtype=np.float32)
