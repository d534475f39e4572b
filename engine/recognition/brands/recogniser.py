"""The recogniser of brands: three ways of looking, one calibrated score for each brand."""

from collections.abc import Collection, Mapping

from engine.recognition.brands.clues import gathered
from engine.recognition.brands.weighing import weighed
from engine.recognition.evidence import Evidence
from engine.recognition.interface import Recognised, Scores
from engine.recognition.keypoints import Keypoints
from engine.recognition.regions import Regions
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
    ) -> None:
        """Take the ways of looking; those for marks are None where a catalogue has none.

        A brand with a parent is seen as both: who shows a sub-brand shows the brand.
        """
        self._wordmarks = wordmarks
        self._wanted = frozenset(wanted)
        self._lines = {label: _line(label, parents or {}) for label in parents or {}}
        self._keypoints = keypoints
        self._regions = regions

    def warm_up(self) -> None:
        """Load the nets; raises `NetUnusable`."""
        if self._regions is not None:
            self._regions.warm_up()

    def score(self, photo: RedactedPhoto) -> Scores:
        """Return a score for each brand that anything hints at, and for its parents."""
        evidence: list[Evidence] = list(self._wordmarks.find(photo.words))
        if self._keypoints is not None:
            evidence += self._keypoints.find(photo.pixels)
        if self._regions is not None:
            evidence += self._regions.find(photo.pixels)
        surest: dict[Recognised, float] = {}
        for label, clues in gathered(evidence).items():
            value = weighed(clues)
            for name in (label, *self._lines.get(label, ())):
                if name in self._wanted:
                    seen = Recognised("brand", name)
                    surest[seen] = max(value, surest.get(seen, 0.0))
        return surest


def _line(label: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return the brand's parents, nearest first; a catalogue's lines have no loops."""
    line: list[str] = []
    at = parents.get(label)
    while at is not None and at not in line:
        line.append(at)
        at = parents.get(at)
    return tuple(line)
