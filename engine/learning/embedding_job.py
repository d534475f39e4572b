"""What is done with one photo of a training, in whatever process it happens.

Raw bytes go into redaction and nowhere else; what comes out of here is numbers and their targets.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.learning.interface import Floats, Places, TaughtKind
from engine.learning.labels import Lesson
from engine.recognition.backbone import Backbone
from engine.recognition.learned.points import point_of_whole, points_of_boxes
from engine.recognition.nets import Net
from engine.recognition.regions.windows import veiled
from engine.recognition.threads import one_thread
from engine.recognition.veil import blind
from engine.sources import PhotoFile
from redaction import RedactionRules, warm_up
from redaction.review import Review, review


@dataclass(frozen=True)
class LabelledPhoto:
    """One photo and what it teaches; whose it is stays behind."""

    file: PhotoFile
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, eq=False)
class Points:
    """What is left of a photo."""

    rows: Floats
    """(n, d), each of length 1; a row a lesson, in order."""
    targets: Places
    """(n,)."""


@dataclass(frozen=True)
class EmbeddingJob:
    """Redact, then embed. The same for every photo; keeps nothing from one to the next."""

    rules: RedactionRules
    kind: TaughtKind
    embedding: Net | None = None
    """In the place of the net that ships, for scenes and interests."""

    @cached_property
    def backbone(self) -> Backbone:
        """The net that sees a photo as a whole."""
        return Backbone() if self.embedding is None else Backbone(self.embedding)

    @property
    def width(self) -> int:
        """Numbers in a row; raises `NetUnusable` where a net is not what was named."""
        nothing = np.full((64, 64, 3), 64, dtype=np.uint8)
        return int(self._rows(nothing, np.array([[0, 0, 64, 64]], dtype=np.float32)).shape[1])

    def prepare(self) -> None:
        """Load the models, once a process."""
        warm_up(self.rules)
        one_thread()
        _ = self.width

    def __call__(self, photo: LabelledPhoto) -> Points | None:
        """Return what the photo teaches; None where redaction withheld it or a net failed."""
        try:
            raw = photo.file.read(self.rules.limits.max_bytes)
        except MemoryError:
            # INVARIANT: one photo can't end the run. Redaction withholds what has no bytes.
            raw = b""
        seen = review(raw, self.rules)
        if seen.photo is None:
            return None
        try:
            return self._points(seen, photo.lessons)
        except Exception:
            # INVARIANT: nor can its end tell of that photo. That nets work is seen beforehand.
            return None

    def _points(self, seen: Review, lessons: tuple[Lesson, ...]) -> Points:
        assert seen.photo is not None
        pixels = seen.photo.pixels
        height, width = pixels.shape[:2]
        scale = np.array([width / seen.size[0], height / seen.size[1]] * 2)
        whole = np.array([0, 0, width, height], dtype=np.float64)
        boxes = np.array([whole if o.box is None else np.array(o.box) * scale for o in lessons])
        boxes = np.clip(boxes, 0, np.tile(whole[2:], 2)).astype(np.float32)
        shown = self._shown(pixels, boxes)
        targets = np.array([lesson.target for lesson in lessons], dtype=np.int64)
        return Points(self._rows(pixels, boxes[shown]), targets[shown])

    def _shown(self, pixels: NDArray[np.uint8], boxes: Floats) -> NDArray[np.bool_]:
        """Return which boxes lie in the photo and are not mostly veil: a run sees no others."""
        if self.kind != "brand":
            return np.ones(len(boxes), dtype=bool)
        sides = boxes[:, 2:] - boxes[:, :2]
        return np.asarray((sides >= 1).all(axis=1) & (veiled(blind(pixels), boxes) <= 0.5))

    def _rows(self, pixels: NDArray[np.uint8], boxes: Floats) -> Floats:
        if self.kind == "brand":
            return points_of_boxes(pixels, boxes)
        return np.repeat(point_of_whole(self.backbone, pixels), len(boxes), axis=0)


def lost() -> None:
    """Stand for a photo that killed its process."""
