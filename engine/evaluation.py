"""How well labels are recognised on labelled test photos: precision, recall, F1 per label.

The photos go through the same redaction and recognition as in a run; a withheld photo shows
nothing, and counts against recall.
"""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.label_scores import LabelScores, Seen, compare
from engine.observer import Observer
from engine.recognisers import ready
from engine.recognition import Kind, Recogniser, RecognitionRules, score
from engine.sources import SourcePhoto
from engine.truth import labelled_photos, labels_of
from engine.workers import Workers
from policies.label_deny_list import about_a_person
from policies.truth import read_truth
from redaction import RedactedPhoto, RedactionRules, redact, warm_up


@dataclass(frozen=True)
class _ScoreJob:
    """Redact, then score. As `PhotoJob`, but every score comes out: for test photos alone."""

    rules: RedactionRules
    recognition: RecognitionRules
    kind: Kind

    @cached_property
    def recognisers(self) -> tuple[Recogniser, ...]:
        return ready(self.recognition)

    def prepare(self) -> None:
        """Load the models, once a process."""
        warm_up(self.rules)
        _ = self.recognisers

    def __call__(self, photo: SourcePhoto) -> Seen | None:
        """Return the photo's scores, or None where redaction withheld it."""
        redacted = redact(photo.read(self.rules.limits.max_bytes), self.rules)
        if not isinstance(redacted, RedactedPhoto):
            return None
        scores = score(redacted, self.recognisers)
        return {seen.label: value for seen, value in scores.items() if seen.kind == self.kind}


def evaluate_labels(
    photos: Path,
    truth: Path,
    kind: Kind,
    rules: RedactionRules,
    recognition: RecognitionRules,
    workers: Workers,
    observer: Observer,
) -> LabelScores:
    """Recognise every photo of the truth file and compare.

    Raises `TruthInvalid`, `SourceUnusable`, `BuiltUnusable` or `NetUnusable`.
    """
    told = labels_of(read_truth(truth), kind)
    items = labelled_photos(photos, told)
    left_out = sorted(
        {label for labels in told.values() for label in labels if about_a_person(label)}
    )
    expected = [labels - set(left_out) for labels in told.values()]
    ready(recognition)
    observer.stage("redact and recognise", len(items))
    started = time.perf_counter()
    seen: list[Seen | None] = []
    for scores in workers.map(_ScoreJob(rules, recognition, kind), items, _lost):
        seen.append(scores)
        observer.step()
    seconds = time.perf_counter() - started
    return compare(expected, seen, recognition.least[kind], seconds, left_out)


def _lost() -> None:
    return None
