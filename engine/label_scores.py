"""What an evaluation found: precision, recall and F1 by label, and how far to believe scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

BINS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Upper ends of the stretches of scores in the table of reliability."""


Seen = dict[str, float]
"""Label -> score, of one kind, in one photo."""


@dataclass(frozen=True)
class Score:
    """Counts of one label over the photos, each photo once."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was seen that is there; 1 where nothing was seen."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was seen; 1 where nothing is there."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def to_json(self) -> dict[str, float]:
        """The three figures, rounded to four places."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
        }


@dataclass(frozen=True)
class Bin:
    """The labels whose scores lie in one stretch: what was said of them, and what was so."""

    above: float
    up_to: float
    labels: int
    mean_score: float
    right: float

    def to_json(self) -> dict[str, float]:
        """The row of the table of reliability, rounded."""
        return {
            "above": self.above,
            "up_to": self.up_to,
            "labels": self.labels,
            "mean_score": round(self.mean_score, 3),
            "right": round(self.right, 3),
        }


@dataclass(frozen=True)
class LabelScores:
    """The result of an evaluation."""

    overall: Score
    per_label: dict[str, Score]
    photos: int
    withheld: int
    seconds_per_photo: float
    least: float
    """The score from which on a label counted."""
    top1: float | None
    """Share of the photos with one label whose surest label is that one; None without any."""
    without: int
    """Photos that show no label."""
    false_on_without: float
    """Share of them on which one was seen all the same."""
    reliability: tuple[Bin, ...]
    left_out: tuple[str, ...]
    """Labels of the truth file that are never recognised, because they are about persons."""

    def to_json(self) -> dict[str, Any]:
        """The result as plain values."""
        return {
            **self.overall.to_json(),
            "per_label": {label: s.to_json() for label, s in sorted(self.per_label.items())},
            "photos": self.photos,
            "withheld": self.withheld,
            "seconds_per_photo": round(self.seconds_per_photo, 4),
            "least_score": self.least,
            "top1": None if self.top1 is None else round(self.top1, 4),
            "photos_without_a_label": self.without,
            "false_on_photos_without": round(self.false_on_without, 4),
            "reliability": [part.to_json() for part in self.reliability],
            "left_out": list(self.left_out),
        }


def compare(
    expected: Sequence[frozenset[str]],
    seen: Sequence[Seen | None],
    least: float,
    seconds: float,
    left_out: Sequence[str] = (),
) -> LabelScores:
    """Hold what was seen in each photo against what is there; None stands for a withheld photo."""
    found = [_at_least(scores, least) for scores in seen]
    per_label = _scores(expected, found)
    overall = Score(
        sum(s.right for s in per_label.values()),
        sum(s.wrong for s in per_label.values()),
        sum(s.missed for s in per_label.values()),
    )
    without = [bool(labels) for there, labels in zip(expected, found, strict=True) if not there]
    return LabelScores(
        overall=overall,
        per_label=per_label,
        photos=len(seen),
        withheld=list(seen).count(None),
        seconds_per_photo=seconds / max(1, len(seen)),
        least=least,
        top1=_top1(expected, seen),
        without=len(without),
        false_on_without=sum(without) / max(1, len(without)),
        reliability=_reliability(expected, seen),
        left_out=tuple(left_out),
    )


def _at_least(seen: Seen | None, least: float) -> frozenset[str]:
    return frozenset(label for label, value in (seen or {}).items() if value >= least)


def _scores(expected: Sequence[frozenset[str]], seen: Sequence[frozenset[str]]) -> dict[str, Score]:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for there, found in zip(expected, seen, strict=True):
        right.update(found & there)
        wrong.update(found - there)
        missed.update(there - found)
    return {
        label: Score(right[label], wrong[label], missed[label])
        for label in sorted(right.keys() | wrong.keys() | missed.keys())
    }


def _top1(expected: Sequence[frozenset[str]], seen: Sequence[Seen | None]) -> float | None:
    """Withheld photos count as wrong."""
    hits = [
        _surest(scores) in there
        for there, scores in zip(expected, seen, strict=True)
        if len(there) == 1
    ]
    return sum(hits) / len(hits) if hits else None


def _surest(seen: Seen | None) -> str | None:
    return min(seen, key=lambda label: (-seen[label], label)) if seen else None


def _reliability(
    expected: Sequence[frozenset[str]], seen: Sequence[Seen | None]
) -> tuple[Bin, ...]:
    pairs = [
        (value, label in there)
        for there, scores in zip(expected, seen, strict=True)
        for label, value in (scores or {}).items()
    ]
    bins = []
    for above, up_to in zip((0.0, *BINS), BINS, strict=False):
        inside = [(v, r) for v, r in pairs if above < v <= up_to]
        if inside:
            mean = sum(v for v, _ in inside) / len(inside)
            bins.append(
                Bin(above, up_to, len(inside), mean, sum(r for _, r in inside) / len(inside))
            )
    return tuple(bins)
