"""From rules, labels and a source to what contributors' redacted photos teach, as numbers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.intake import Intake, countries_of, persons_of
from engine.learning.checkpoint import TrainingStore
from engine.learning.embedding_job import EmbeddingJob, lost
from engine.learning.examples import Chosen, choose, digest_of, gathered
from engine.learning.interface import Examples, Floats, Recipe
from engine.learning.labels import Labels
from engine.observer import Observer
from engine.recognition.learned.points import public_points
from engine.sources import Source, SourcePhoto
from engine.study import recognition_rules_of, redaction_rules_of
from engine.workers import Workers
from policies.decision import StudyRules


@dataclass(frozen=True)
class Lessons:
    """What a training looks at, once it is known to be usable."""

    photos: tuple[SourcePhoto, ...]
    """All that is let in, which the run commits to."""
    chosen: tuple[Chosen, ...]
    done: int
    """So many of them are done already."""
    job: EmbeddingJob
    others: Floats


def others_of(rules: StudyRules, recipe: Recipe) -> Floats | None:
    """Return the public rows of what is none of the labels; None for a net that has none."""
    return public_points(recipe.kind, recognition_rules_of(rules).embedding)


def read_lessons(
    source: Source,
    identities: Path | None,
    rules: StudyRules,
    recipe: Recipe,
    labels: Labels,
    door: Intake,
    store: TrainingStore,
) -> Lessons:
    """Return what is to be looked at; opens no photo.

    Raises `SourceUnusable`, `PolicyRefuses` for an identity map that is not asked for,
    `NetUnusable`, and `TrainingChanged`.
    """
    photos = source.photos(
        *rules.policy.dimensions.days,
        store.keys.contributors,
        persons_of(rules.policy, identities),
        admission=door.admission,
        countries=countries_of(rules.policy),
    )
    chosen = choose(photos, labels, recipe, store.keys.ranks)
    embedding = recognition_rules_of(rules).embedding
    job = EmbeddingJob(redaction_rules_of(rules), recipe.kind, embedding)
    others = others_of(rules, recipe)
    if others is None:
        others = np.zeros((0, job.width), np.float32)
    return Lessons(photos, chosen, store.begin(digest_of(chosen)), job, others)


def examples_of(
    lessons: Lessons,
    recipe: Recipe,
    workers: Workers,
    store: TrainingStore,
    observer: Observer,
) -> Examples:
    """Redact and embed what is not done yet. A withheld or lost photo teaches nothing."""
    observer.stage("redact and embed", len(lessons.chosen))
    for _ in range(lessons.done):
        observer.step()
    photos = [one.photo for one in lessons.chosen[lessons.done :]]
    for points in workers.map(lessons.job, photos, lost):
        store.add(points)
        observer.step()
    return gathered(lessons.chosen, store.points(), recipe, lessons.others.shape[1])
