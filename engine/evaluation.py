"""How well labels are recognised on labelled test photos: precision, recall, F1 per label.

The photos go through the same redaction and recognition as in a run; a withheld photo shows
nothing, and counts against recall.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.observer import Observer
from engine.photo_job import PhotoJob
from engine.recognition import Recognised
from engine.truth import labelled_photos, labels_of
from engine.workers import Workers
from policies.truth import read_truth
from redaction import RedactionRules


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
class LabelScores:
    """The result of an evaluation."""

    overall: Score
    per_label: dict[str, Score]
    photos: int
    withheld: int
    seconds_per_photo: float

    def to_json(self) -> dict[str, Any]:
        """The result as plain values."""
        return {
            **self.overall.to_json(),
            "per_label": {label: s.to_json() for label, s in sorted(self.per_label.items())},
            "photos": self.photos,
            "withheld": self.withheld,
            "seconds_per_photo": round(self.seconds_per_photo, 4),
        }


def evaluate_labels(
    photos: Path,
    truth: Path,
    kind: str,
    rules: RedactionRules,
    workers: Workers,
    observer: Observer,
) -> LabelScores:
    """Recognise every photo of the truth file and compare.

    Raises `TruthInvalid` or `SourceUnusable`.
    """
    expected = labels_of(read_truth(truth), kind)
    items = labelled_photos(photos, expected)
    observer.stage("redact and recognise", len(items))
    started = time.perf_counter()
    seen: list[tuple[Recognised, ...] | None] = []
    for labels in workers.map(PhotoJob(rules), items, lambda: None):
        seen.append(labels)
        observer.step()
    seconds = (time.perf_counter() - started) / len(items)
    per_label = _scores(expected.values(), seen, kind)
    overall = Score(
        sum(score.right for score in per_label.values()),
        sum(score.wrong for score in per_label.values()),
        sum(score.missed for score in per_label.values()),
    )
    return LabelScores(overall, per_label, len(items), seen.count(None), seconds)


def _scores(
    expected: Iterable[frozenset[str]], seen: Iterable[tuple[Recognised, ...] | None], kind: str
) -> dict[str, Score]:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for there, labels in zip(expected, seen, strict=True):
        found = {r.label for r in labels or () if r.kind == kind}
        right.update(found & there)
        wrong.update(found - there)
        missed.update(there - found)
    return {
        label: Score(right[label], wrong[label], missed[label])
        for label in sorted(right.keys() | wrong.keys() | missed.keys())
    }
