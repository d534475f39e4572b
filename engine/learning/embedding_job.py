"""What is done with one photo of a training, in whatever process it happens.

Raw bytes go into redaction and nowhere else; what comes out of here is numbers and their targets.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.learning.interface import Floats, Places
from engine.learning.labels import Lesson
from engine.recognition.backbone import Backbone
from engine.recognition.learned.points import point_of_whole, points_of_boxes
from engine.recognition.nets import Net
from engine.recognition.regions.windows import veiled
from engine.recognition.threads import one_thread
from engine.recognition.veil import blind
from engine.sources import PhotoFile
from policies.model_release import TaughtKind
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
        if self.kind != "brand":
            return int(point_of_whole(self.backbone, nothing).shape[1])
        return int(points_of_boxes(nothing, np.array([[0, 0, 64, 64]], np.float32)).shape[1])

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
        targets = np.array([lesson.target for lesson in lessons], dtype=np.int64)
        if self.kind != "brand":
            rows = point_of_whole(self.backbone, pixels)
            return Points(np.repeat(rows, len(lessons), axis=0), targets)
        height, width = pixels.shape[:2]
        scale = np.array([width / seen.size[0], height / seen.size[1]] * 2)
        whole = np.array([0, 0, width, height], dtype=np.float64)
        boxes = np.array([whole if o.box is None else np.array(o.box) * scale for o in lessons])
        boxes = np.clip(boxes, 0, np.tile(whole[2:], 2)).astype(np.float32)
        # What does not lie in the photo, or is mostly veil, a run does not see either.
        inside = (boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1)
        shown = inside & (veiled(blind(pixels), boxes) <= 0.5)
        return Points(points_of_boxes(pixels, boxes[shown]), targets[shown])


def lost() -> None:
    """Stand for a photo that killed its process."""
