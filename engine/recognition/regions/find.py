"""Brands by their marks, window by window: what is near a brand's examples, and nearer than chance.

Windows that may hold a mark are cut out, embedded, and compared with every prototype by one
matrix product. The likeliest are looked at again a little shifted, larger and smaller, because
the lattice seldom hits a mark squarely.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone, Maps
from engine.recognition.evidence import Evidence
from engine.recognition.regions.pictures import NUMBERS, cut
from engine.recognition.regions.whitened import embed_whitened
from engine.recognition.regions.windows import LONGEST, overlap, propose, veiled
from engine.recognition.veil import blind

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

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """The windows of one photo that may hold a mark."""

    boxes: Floats
    """(n, 4) x0 y0 x1 y1, in pixels of the photo."""
    points: Floats
    """(n, 128) whitened embeddings."""
    blind: NDArray[np.bool_]
    """(h, w), true under the veil."""


def seen(pixels: Pixels, maps: Maps) -> Seen:
    """Return the photo's likeliest windows, embedded; `maps` are the backbone's of it."""
    veil = blind(pixels)
    boxes = propose(maps, veil, WINDOWS).boxes
    return Seen(boxes, embedded(pixels, boxes), veil)


def embedded(pixels: Pixels, boxes: Floats) -> Floats:
    """Return (n, 128) whitened embeddings of (n, 4) boxes of a photo."""
    if not len(boxes):
        return np.zeros((0, NUMBERS), dtype=np.float32)
    return embed_whitened(np.stack([cut(pixels, box) for box in boxes]), short=True)


def closer(pixels: Pixels, windows: Seen, likely: Floats) -> tuple[Floats, Floats]:
    """Return the boxes near the likeliest windows, (m, 4), and their embeddings.

    `likely` says of each window how likely it is. What is mostly veil is left out.
    """
    best = np.argsort(-likely, kind="stable")[:AGAIN]
    moved = _moved(windows.boxes[best], pixels.shape[1], pixels.shape[0])
    moved = moved[veiled(windows.blind, moved) <= 0.5]
    return moved, embedded(pixels, moved)


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

    def find(self, pixels: Pixels, maps: Maps | None = None) -> tuple[Evidence, ...]:
        """Return what hints at which brand, strongest first; `maps` where they are at hand.

        `maps` are the backbone's of these pixels at `windows.LONGEST`.
        """
        if not len(self._named):
            return ()
        return self.find_in(pixels, seen(pixels, maps or self._backbone.maps(pixels, LONGEST)))

    def find_in(self, pixels: Pixels, seen_windows: Seen) -> tuple[Evidence, ...]:
        """Do the same with the photo's windows, which do not depend on the catalogue."""
        if not len(self._named):
            return ()
        boxes = seen_windows.boxes
        strengths = self._strengths(seen_windows.points)
        if len(boxes):
            moved, points = closer(pixels, seen_windows, strengths.max(1))
            strengths = np.concatenate([strengths, self._strengths(points)])
            boxes = np.concatenate([boxes, moved])
        return self._told(boxes, strengths)

    def _strengths(self, points: Floats) -> Floats:
        """Return (boxes, named labels)."""
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
