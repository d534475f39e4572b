"""What the ways of looking saw of one brand in one photo, side by side, to be weighed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.recognition.evidence import Evidence

Box = tuple[float, float, float, float]

_HERE: Final = 0.1
"""Share of the smaller of two boxes that both must have for them to be about one place."""


@dataclass(frozen=True)
class Clues:
    """The strongest of each way; 0 where a way saw nothing."""

    word: float = 0.0
    """As in `wordmarks`: 1 for a name read to the letter."""
    keypoints: float = 0.0
    """About the number of spots of the photo that agree with a mark."""
    region: float = 0.0
    """How much nearer the best window is to a mark than what is most like that mark by chance."""
    lead: float = 0.0
    """The same window's strength above that of every other brand; never below 0."""


def gathered(evidence: Iterable[Evidence]) -> dict[str, Clues]:
    """Return the clues of each brand that anything hints at, by label."""
    by_label: dict[str, list[Evidence]] = defaultdict(list)
    for hint in evidence:
        by_label[hint.label].append(hint)
    regions = [hint for hints in by_label.values() for hint in hints if hint.source == "region"]
    return {label: _clues(hints, regions) for label, hints in sorted(by_label.items())}


def _clues(hints: list[Evidence], regions: list[Evidence]) -> Clues:
    strongest: dict[str, float] = {}
    for hint in hints:
        strongest[hint.source] = max(hint.strength, strongest.get(hint.source, 0.0))
    own = [hint for hint in hints if hint.source == "region"]
    best = max(own, key=lambda hint: hint.strength, default=None)
    lead = 0.0
    if best is not None:
        rivals = [r.strength for r in regions if r.label != best.label and _meet(r.box, best.box)]
        lead = max(0.0, best.strength - max(rivals, default=0.0))
    return Clues(
        strongest.get("word", 0.0),
        strongest.get("keypoints", 0.0),
        strongest.get("region", 0.0),
        lead,
    )


def _meet(a: Box, b: Box) -> bool:
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return across > 0 and down > 0 and across * down >= _HERE * smaller
