"""Counting over an evaluation's photos: so many of so many, and when a box counts as covered."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from policies.amounts import Share
from redaction.evaluation.scoring import BANDS, BoxScore, PhotoScore

FACE_COVERED: Final = 0.75
"""Share of a face's box under the veil from which on it counts as covered."""
COVERED: Final = 0.5
"""The same for text, codes and plates."""
COVERED_WELL: Final = 0.9
DISTINCT: Final = 24
"""Pixels from which on a face is easily known."""


@dataclass(frozen=True)
class Part:
    """So many of so many."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """The quotient; None where there was nothing to count."""
        return self.part / self.whole if self.whole else None

    def exact(self, *, up: bool = False) -> Share | None:
        """The quotient cut to four decimals: down, or `up` where less is better."""
        return Share.of(self.part, self.whole, up=up) if self.whole else None


Test = Callable[[BoxScore], bool]


def enough(box: BoxScore) -> bool:
    """Say whether the box is covered: a face to 75 %, anything else to 50 %."""
    return at_least(FACE_COVERED if box.kind == "face" else COVERED)(box)


def at_least(share: float) -> Test:
    """Return the test for boxes of which at least so much is under the veil."""
    return lambda box: box.covered is not None and box.covered >= share


def part_of(boxes: Sequence[BoxScore], passes: Test) -> Part:
    """Count the boxes that pass."""
    return Part(sum(map(passes, boxes)), len(boxes))


def photos_of(
    photos: Sequence[PhotoScore], kind: str, passes: Test, *, withheld_is: bool = False
) -> Part:
    """Count the photos with boxes of the kind, and those of them whose every one passes."""
    good = [
        (withheld_is and photo.withheld is not None)
        or all(passes(box) for box in photo.boxes if box.kind == kind)
        for photo in photos
        if any(box.kind == kind for box in photo.boxes)
    ]
    return Part(sum(good), len(good))


def named_bands() -> Iterable[tuple[str, int, int | None]]:
    """Yield name, least and greatest size of each band of faces, the last one open."""
    for low, high in BANDS:
        yield (f"{low}-{high}" if high is not None else f"{low}+"), low, high


def band_of(faces: Sequence[BoxScore], low: int, high: int | None) -> Part:
    """Count the faces of a band of sizes that are covered."""
    top = float("inf") if high is None else high
    return part_of([face for face in faces if low <= face.size < top], enough)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return sum(values) / len(values) if values else None
