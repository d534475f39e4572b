"""What is done with one photo of a training, in whatever process it happens.

Raw bytes go into redaction and nowhere else; what comes out of here is numbers and their targets.

In a run a brand is looked for in many windows of a photo, few of which show it. So a few of the
photo's likeliest windows beside its labelled marks teach 'none of these'.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from engine.learning.interface import Floats, Places, TaughtKind
from engine.learning.labels import Lesson
from engine.recognition.backbone import Backbone
from engine.recognition.learned.points import point_of_whole, points_of_boxes
from engine.recognition.nets import Net
from engine.recognition.regions.find import WINDOWS
from engine.recognition.regions.windows import LONGEST, overlap, propose, veiled
from engine.recognition.threads import one_thread
from engine.recognition.veil import blind
from engine.sources import PhotoFile
from redaction import RedactionRules, warm_up
from redaction.review import Review, review

BESIDE: Final = 4
"""Windows of a photo that teach what is no mark."""
APART: Final = 0.05
"""Overlap with a labelled mark up to which a window lies beside it."""


@dataclass(frozen=True)
class LabelledPhoto:
    """One photo and what it teaches; whose it is stays behind."""

    file: PhotoFile
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, eq=False)
class Points:
    """What is left of a photo."""

    rows: Floats
    """(n, d), each of length 1: a row a lesson, and after them windows beside marks."""
    targets: Places
    """(n,)."""
    lessons: int
    """So many of the rows are what somebody labelled."""


@dataclass(frozen=True)
class EmbeddingJob:
    """Redact, then embed. The same for every photo; keeps nothing from one to the next."""

    rules: RedactionRules
    kind: TaughtKind
    none: int
    """The target that stands for 'none of these'."""
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
        self.backbone.maps(nothing, LONGEST)
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
            return Points(np.repeat(rows, len(lessons), axis=0), targets, len(lessons))
        height, width = pixels.shape[:2]
        scale = np.array([width / seen.size[0], height / seen.size[1]] * 2)
        whole = np.array([0, 0, width, height], dtype=np.float64)
        boxes = np.array([whole if o.box is None else np.array(o.box) * scale for o in lessons])
        boxes = np.clip(boxes, 0, np.tile(whole[2:], 2)).astype(np.float32)
        veil = blind(pixels)
        # What does not lie in the photo, or is mostly veil, a run does not see either.
        shown = ((boxes[:, 2:] - boxes[:, :2]) >= 1).all(axis=1) & (veiled(veil, boxes) <= 0.5)
        marks = targets < self.none
        beside = np.zeros((0, 4), np.float32)
        # Where a mark lies that has no box nobody knows, nor what lies beside it.
        if all(lesson.box is not None for lesson in lessons if lesson.target < self.none):
            windows = propose(self.backbone.maps(pixels, LONGEST), veil, WINDOWS).boxes
            apart = overlap(windows, boxes[marks]).max(axis=1, initial=0.0) <= APART
            beside = windows[apart][:BESIDE]
        every = np.concatenate([boxes[shown], beside])
        of = np.concatenate([targets[shown], np.full(len(beside), self.none, np.int64)])
        return Points(points_of_boxes(pixels, every), of, int(shown.sum()))


def lost() -> None:
    """Stand for a photo that killed its process."""
