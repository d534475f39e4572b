"""One labelled photo: what of it was covered, what was veiled for nothing, and what it cost.

The photo goes through exactly what `redact` does, the second look included.
"""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from policies.truth import Corners
from redaction.regions import head, mask_of
from redaction.review import Review, review
from redaction.rules import RedactionRules
from redaction.types.photo import Reason
from redaction.types.region import Region

KINDS: Final = ("face", "text", "code", "plate")
"""The kinds of a truth file that redaction is measured against."""
BANDS: Final = ((12, 16), (16, 24), (24, 32), (32, 64), (64, None))
"""Sizes of faces, the longer side of the true box in pixels of the test photo; smaller ones
identify nobody and are not counted."""
AROUND_HEAD: Final = 1.3
"""The veil over a true head may be so much wider and taller before it counts as for nothing."""
AROUND_BOX: Final = 0.15
"""The same for other boxes: share of the shorter side, on every side; at least 2 pixels."""


@dataclass(frozen=True)
class TrueBox:
    """Something that must not be seen, as the truth file places it in the upright photo."""

    kind: str
    corners: Corners

    @property
    def size(self) -> float:
        """The longer side."""
        x0, y0, x1, y1 = self.corners
        return max(x1 - x0, y1 - y0)

    @property
    def counts(self) -> bool:
        """Say whether it is large enough to matter."""
        return self.kind != "face" or self.size >= BANDS[0][0]


@dataclass(frozen=True)
class BoxScore:
    """One true box that counts."""

    kind: str
    size: float
    covered: float | None
    """Share of its area under the veil; None where the photo was withheld."""


@dataclass(frozen=True)
class PhotoScore:
    """What was counted in one photo: numbers alone."""

    boxes: tuple[BoxScore, ...]
    withheld: Reason | None = None
    veiled: float = 0.0
    """Share of the photo under the veil."""
    regions: Mapping[str, int] = field(default_factory=dict)
    """By kind that the photo has labels of: regions veiled for it."""
    touching: Mapping[str, int] = field(default_factory=dict)
    """Those of them that touch a true box of the kind."""
    for_nothing: Mapping[str, float] = field(default_factory=dict)
    """By the same kinds: share of the photo veiled for it, or as a remnant, outside every true
    box and what is allowed around it."""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0


def unscored(boxes: Sequence[TrueBox], reason: Reason) -> PhotoScore:
    """Return the score of a photo that was withheld."""
    return PhotoScore(tuple(BoxScore(b.kind, b.size, None) for b in boxes if b.counts), reason)


def score(raw: bytes, boxes: Sequence[TrueBox], rules: RedactionRules) -> PhotoScore:
    """Redact the photo and hold the veil against its true boxes. Never raises for any bytes."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    seen = review(raw, rules)
    cpu, wall = _cpu_seconds() - cpu, time.perf_counter() - wall
    return replace(held_against(seen, boxes), cpu_seconds=cpu, wall_seconds=wall)


def held_against(seen: Review, boxes: Sequence[TrueBox]) -> PhotoScore:
    """Return what was counted in a photo that was redacted; its times are not."""
    if seen.withheld is not None:
        return unscored(boxes, seen.withheld)
    height, width = seen.mask.shape
    scale = np.array([width / seen.size[0], height / seen.size[1]] * 2)
    at = [np.asarray(box.corners) * scale for box in boxes]
    kinds = sorted({box.kind for box in boxes})
    allowed = _allowed(boxes, at, height, width)
    return PhotoScore(
        boxes=tuple(
            BoxScore(box.kind, box.size, _share_under(seen.mask, place))
            for box, place in zip(boxes, at, strict=True)
            if box.counts
        ),
        veiled=float(seen.mask.mean()),
        regions={kind: sum(r.is_for(kind) for r in seen.regions) for kind in kinds},
        touching={
            kind: _touching(
                [r for r in seen.regions if r.is_for(kind)],
                [place for box, place in zip(boxes, at, strict=True) if box.kind == kind],
            )
            for kind in kinds
        },
        for_nothing={
            kind: _for_nothing([r for r in seen.regions if r.is_for(kind)], allowed)
            for kind in kinds
        },
    )


def _cpu_seconds() -> float:
    """Return what this process and its children have used, the decoder's ended ones included."""
    used = sum(os.times()[:4])
    # A child that lives on, as the decoder does, is in nobody's sum yet; Linux tells of it.
    with suppress(OSError):
        for list_of in Path("/proc/self/task").glob("*/children"):
            for child in list_of.read_text().split():
                # Past the name, which may hold anything: fields 14 to 17 of proc(5), stat.
                fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                used += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return used


def _share_under(mask: NDArray[np.bool_], at: NDArray[np.float64]) -> float:
    x0, y0, x1, y1 = np.rint(np.maximum(at, 0)).astype(int)
    inside = mask[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    return float(inside.mean()) if inside.size else 0.0


def _touching(regions: Sequence[Region], true: Sequence[NDArray[np.float64]]) -> int:
    corners = [_rectangle(at).astype(np.float32) for at in true]
    hulls = [cv2.convexHull(region.corners.astype(np.float32)) for region in regions]
    return sum(
        any(cv2.intersectConvexConvex(hull, box)[0] > 0 for box in corners) for hull in hulls
    )


def _for_nothing(regions: list[Region], allowed: NDArray[np.bool_]) -> float:
    height, width = allowed.shape
    return float((mask_of(regions, height, width) & ~allowed).mean())


def _allowed(
    boxes: Sequence[TrueBox], at: Sequence[NDArray[np.float64]], height: int, width: int
) -> NDArray[np.bool_]:
    """Return where a veil is for something: true boxes of every kind, and a little around."""
    around = []
    for box, place in zip(boxes, at, strict=True):
        if box.kind == "face":
            corners = head(place)
            middle = corners.mean(axis=0)
            around.append(Region("face", middle + AROUND_HEAD * (corners - middle)))
        else:
            sides = place[2:] - place[:2]
            by = max(2.0, AROUND_BOX * float(sides.min()))
            around.append(Region("text", _rectangle(place + by * np.array([-1, -1, 1, 1]))))
    return mask_of(around, height, width)


def _rectangle(at: NDArray[np.float64]) -> NDArray[np.float64]:
    x0, y0, x1, y1 = at
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
