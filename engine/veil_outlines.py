"""The places that were veiled, as shapes to draw: regions of one kind that touch are one place.

Several detectors find the same face, so regions count detectors; places count what a person sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.types.region import Kind, Region

CLOSE_ENOUGH = 1.0
"""Pixels of the photo by which an outline may be off."""


@dataclass(frozen=True)
class Place:
    """One veiled place."""

    kind: Kind
    rings: tuple[NDArray[np.int32], ...]
    """(n, 2) corners x, y: the outer outline, then those of its holes."""
    area: float


def places_of(regions: Sequence[Region], size: tuple[int, int]) -> tuple[Place, ...]:
    """Return the places in a photo of this width and height, the largest first."""
    found: list[Place] = []
    for kind in dict.fromkeys(region.kind for region in regions):
        canvas = np.zeros((size[1], size[0]), dtype=np.uint8)
        for region in regions:
            if region.kind == kind:
                outline = np.rint(np.clip(region.corners, -(1 << 14), 1 << 14)).astype(np.int32)
                cv2.fillConvexPoly(canvas, cv2.convexHull(outline), 1)
        found += _places(kind, canvas)
    return tuple(sorted(found, key=lambda place: -place.area))


def _places(kind: Kind, canvas: NDArray[np.uint8]) -> list[Place]:
    contours, tree = cv2.findContours(canvas, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return []
    rings = [cv2.approxPolyDP(c, CLOSE_ENOUGH, True).reshape(-1, 2) for c in contours]
    places = []
    for index, (_, _, first, parent) in enumerate(tree[0]):
        if parent >= 0:
            continue
        mine = [rings[index].astype(np.int32)]
        hole = first
        while hole >= 0:
            mine.append(rings[hole].astype(np.int32))
            hole = tree[0][hole][0]
        places.append(Place(kind, tuple(mine), float(cv2.contourArea(contours[index]))))
    return places
