"""How well redaction does on labelled test photos, in parallel, and the record of it.

The photos go through the same redaction as in a run; what comes back from a worker is counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.observer import Observer
from engine.sources.interface import SourcePhoto
from engine.study import redaction_rules, this_redactor
from engine.truth import labelled_photos
from engine.workers import Workers
from policies.catalogue import Catalogue
from policies.evaluation_record import EvaluationRecord
from policies.lexicon import Lexicon
from policies.redaction_choices import Redaction
from policies.truth import read_truth
from redaction import Reason, RedactionRules, warm_up
from redaction.evaluation import (
    PhotoScore,
    RedactionScores,
    TrueBox,
    score,
    summed,
    true_boxes,
    unscored,
)


@dataclass(frozen=True)
class RedactionEvaluation:
    """What was measured, and with what."""

    scores: RedactionScores
    choices: Redaction
    catalogue: str | None
    """Digest of the words that stayed visible."""
    truth: str
    """Digest of the truth file."""

    def record(self, role: str, today: date) -> EvaluationRecord:
        """Return what is to be signed, by somebody who speaks in `role`."""
        redactor = this_redactor(self.catalogue)
        return EvaluationRecord.model_validate(
            {
                "schema": "crowdlens-evaluation/v1",
                "made_on": today,
                "role": role,
                "version": redactor.version,
                "models": [{"name": n, "digest": d} for n, d in sorted(redactor.models)],
                "choices": self.choices.choices_digest,
                "catalogue": self.catalogue,
                "truth": self.truth,
                "photos": self.scores.photos,
                "boxes": self.scores.boxes,
                "figures": self.scores.figures,
            }
        )


@dataclass(frozen=True)
class _Item:
    photo: SourcePhoto
    boxes: tuple[TrueBox, ...]


@dataclass(frozen=True)
class _ScoreJob:
    """Redact and count. Pixels stay in the worker."""

    rules: RedactionRules

    def prepare(self) -> None:
        """Load the models, once a process."""
        warm_up(self.rules)

    def __call__(self, item: _Item) -> PhotoScore | None:
        """Return the photo's score."""
        return score(item.photo.read(self.rules.limits.max_bytes), item.boxes, self.rules)


def evaluate_redaction(
    photos: Path,
    truth: Path,
    choices: Redaction,
    catalogue: Catalogue | None,
    workers: Workers,
    observer: Observer,
) -> RedactionEvaluation:
    """Redact every photo of the truth file and hold the veils against its boxes.

    Without a catalogue no word stays visible. Raises `TruthInvalid` or `SourceUnusable`.
    """
    labelled = read_truth(truth)
    boxes = true_boxes(labelled)
    files = labelled_photos(photos, boxes)
    items = [_Item(file, boxes[name]) for file, name in zip(files, boxes, strict=True)]
    rules = redaction_rules(choices, catalogue.lexicon if catalogue else Lexicon(()))
    observer.stage("redact", len(items))
    scores = _scored(items, rules, workers, observer)
    digest = catalogue.digest if catalogue else None
    return RedactionEvaluation(summed(scores), choices, digest, labelled.digest)


def _scored(
    items: Sequence[_Item], rules: RedactionRules, workers: Workers, observer: Observer
) -> list[PhotoScore]:
    scores = []
    for item, found in zip(items, workers.map(_ScoreJob(rules), items, lambda: None), strict=True):
        # In a run, a photo that kills its process is lost: nothing of it goes on.
        scores.append(found or unscored(item.boxes, Reason.CHECK_FAILED))
        observer.step()
    return scores
