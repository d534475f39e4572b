"""Scenes, objects and interests of a photo, as one recogniser.

Objects are detected; public scenes follow by open rules from the classifier and the objects; and
interests from all of these. A scene that the user taught is known by its examples, and one with
the name of a public scene takes its place; what a trained head tells takes the place of either.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Backbone, Pixels
from engine.recognition.errors import NetUnusable
from engine.recognition.interface import Kind, Recognised, Scores
from engine.recognition.learned.head import Head
from engine.recognition.learned.wholes import LearnedWholes
from engine.recognition.nets import Net
from engine.recognition.tags.objects import LABELS, Detector
from engine.recognition.tags.rules import Rule, class_scores, rules
from engine.recognition.tags.taught import TaughtScenes
from redaction import RedactedPhoto

_NONE: frozenset[str] = frozenset()


class Tags:
    """Sees the labels it was asked for; keeps no state from photo to photo."""

    def __init__(
        self,
        wanted: Mapping[Kind, frozenset[str]],
        taught: Mapping[str, NDArray[Any]] | None = None,
        taught_labels: Sequence[str] = (),
        embedding: Net | None = None,
        detector: Net | None = None,
        heads: Sequence[Head] = (),
    ) -> None:
        """Take the labels to see.

        `taught` is what `fit_scenes` returned, and `taught_labels` its scenes, sorted; `embedding`
        is the net that they were taught with, where it is another than Lite0. `heads` are trained
        ones of scenes and interests, through the same net. Raises `ValueError` for arrays that
        don't fit together, and for a label that nothing can see.
        """
        self._backbone = Backbone()
        self._detector = Detector() if detector is None else Detector(detector)
        self._own_teacher = embedding is None
        teacher = self._backbone if embedding is None else Backbone(embedding)
        known = TaughtScenes(taught, taught_labels, teacher) if taught else None
        learned = frozenset(taught_labels) if known is not None else _NONE
        scenes, interests = wanted.get("scene", _NONE), wanted.get("interest", _NONE)
        self._heads = LearnedWholes(heads, teacher)
        self._wanted: dict[Kind, frozenset[str]] = {"scene": scenes, "interest": interests}
        told = {kind: self._heads.labels(kind) for kind in self._wanted}
        self._taught_wanted = (learned & scenes) - told["scene"]
        self._taught = known if self._taught_wanted else None
        self._objects = wanted.get("object", _NONE)
        self._interests = _picked("interests.yaml", interests - told["interest"])
        self._scenes = _picked("scenes.yaml", scenes - learned - told["scene"])
        # What interests follow from, though it was not asked for itself.
        signs = {name for rule in self._interests for name in rule.scenes}
        self._hidden = _picked("scenes.yaml", frozenset(signs) - scenes)
        if unknown := self._objects - set(LABELS):
            raise ValueError(f"nothing can see the object {min(unknown)!r}")
        used = [*self._scenes, *self._hidden, *self._interests]
        self._needs_objects = bool(self._objects) or any(rule.objects for rule in used)
        self._needs_look = any(rule.classes for rule in used)

    def scores(self, pixels: Pixels) -> dict[tuple[Kind, str], float]:
        """Return how probably the photo, (h, w, 3) uint8 RGB, shows each wanted label."""
        look = self._backbone.look(pixels) if self._needs_look else None
        classes = class_scores(look.classes) if look is not None else {}
        objects = self._detector.scores(pixels) if self._needs_objects else {}
        scenes = {rule.label: rule.score(classes, objects) for rule in self._scenes}
        whole = look.embedding if look is not None and self._own_teacher else None
        if self._taught is not None:
            told = self._taught.scores(pixels, whole)
            scenes |= {label: told[label] for label in self._taught_wanted}
        learned = {
            (kind, label): value
            for (kind, label), value in self._heads.scores(pixels, whole).items()
            if label in self._wanted[kind]
        }
        scenes |= {label: value for (kind, label), value in learned.items() if kind == "scene"}
        found: dict[tuple[Kind, str], float] = {}
        found |= {("object", label): objects[label] for label in sorted(self._objects)}
        found |= {("scene", label): score for label, score in sorted(scenes.items())}
        if self._interests:
            hidden = {rule.label: rule.score(classes, objects) for rule in self._hidden}
            signs = hidden | scenes
            for rule in self._interests:
                found["interest", rule.label] = rule.score(classes, objects, signs)
        return found | learned

    def warm_up(self) -> None:
        """Look at nothing, so that every net that is wanted is loaded; raises `NetUnusable`."""
        try:
            self.scores(np.full((64, 64, 3), 128, dtype=np.uint8))
        except ValueError as error:
            raise NetUnusable(
                "the scenes were taught with another net than the one that is named",
                hint="Build the catalogue again with it, or name no other net for embedding.",
            ) from error

    def score(self, photo: RedactedPhoto) -> Scores:
        """Return the same of a redacted photo, as recognition's door takes it."""
        return {Recognised(*name): value for name, value in self.scores(photo.pixels).items()}


def _picked(name: str, labels: frozenset[str]) -> tuple[Rule, ...]:
    known = {rule.label: rule for rule in rules(name)}
    if unknown := labels - set(known):
        raise ValueError(f"there is no rule in {name} for {min(unknown)!r}")
    return tuple(known[label] for label in sorted(labels))
