"""The recogniser of brands: three ways of looking, one calibrated score for each, and heads."""

from collections.abc import Collection, Mapping

import numpy as np

from engine.recognition.backbone import Backbone, Pixels
from engine.recognition.brands.clues import gathered
from engine.recognition.brands.weighing import weighed
from engine.recognition.evidence import Evidence
from engine.recognition.interface import Recognised, Scores
from engine.recognition.keypoints import Keypoints
from engine.recognition.learned.brands import LearnedBrands
from engine.recognition.regions import Regions
from engine.recognition.regions.find import Seen, seen
from engine.recognition.regions.windows import LONGEST
from engine.recognition.wordmarks import Wordmarks
from redaction import RedactedPhoto


class Brands:
    """Sees the brands of one catalogue; keeps no state from photo to photo."""

    def __init__(
        self,
        wordmarks: Wordmarks,
        wanted: Collection[str],
        *,
        parents: Mapping[str, str] | None = None,
        keypoints: Keypoints | None = None,
        regions: Regions | None = None,
        learned: LearnedBrands | None = None,
    ) -> None:
        """Take the ways of looking; those for marks are None where a catalogue has none.

        `learned` are trained heads: of their probability and the others' score the surer counts. A
        brand with a parent is seen as both: who shows a sub-brand shows the brand.
        """
        self._wordmarks = wordmarks
        self._wanted = frozenset(wanted)
        self._lines = {label: _line(label, parents or {}) for label in parents or {}}
        self._keypoints = keypoints
        self._regions = regions
        self._learned = learned
        self._backbone = Backbone()

    def warm_up(self) -> None:
        """Load the nets; raises `NetUnusable`."""
        if self._regions is not None:
            self._regions.warm_up()
        if self._learned is not None:
            nothing = np.zeros((64, 64, 3), dtype=np.uint8)
            self._learned.scores(nothing, self._windows(nothing))

    def score(self, photo: RedactedPhoto) -> Scores:
        """Return a score for each brand that anything hints at, and for its parents."""
        evidence: list[Evidence] = list(self._wordmarks.find(photo.words))
        if self._keypoints is not None:
            evidence += self._keypoints.find(photo.pixels)
        told: dict[str, float] = {}
        if self._regions is not None or self._learned is not None:
            # Which windows may hold a mark depends on the photo alone: both look at the same.
            windows = self._windows(photo.pixels)
            if self._regions is not None:
                evidence += self._regions.find_in(photo.pixels, windows)
            if self._learned is not None:
                told = self._learned.scores(photo.pixels, windows)
        for label, clues in gathered(evidence).items():
            told[label] = max(weighed(clues), told.get(label, 0.0))
        surest: dict[Recognised, float] = {}
        for label, value in told.items():
            for name in (label, *self._lines.get(label, ())):
                if name in self._wanted:
                    brand = Recognised("brand", name)
                    surest[brand] = max(value, surest.get(brand, 0.0))
        return surest

    def _windows(self, pixels: Pixels) -> Seen:
        return seen(pixels, self._backbone.maps(pixels, LONGEST))


def _line(label: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return the brand's parents, nearest first; a catalogue's lines have no loops."""
    line: list[str] = []
    at = parents.get(label)
    while at is not None and at not in line:
        line.append(at)
        at = parents.get(at)
    return tuple(line)
