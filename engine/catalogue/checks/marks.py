"""Marks that say too little: plain, small or faint ones, and one that two brands have."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from engine.catalogue.checks.likeness import same, shades
from engine.catalogue.checks.remark import Remark, Topic
from engine.catalogue.marks import ReadMarks
from engine.recognition.keypoints.views import views
from engine.recognition.marks import Mark

FEW_POINTS: Final = 25
"""Points of detail in a mark's best view, under which a photo seldom shows enough of them.

A quarter of the icon set has fewer, and one crop of twelve."""
SMALL: Final = 32
"""Pixels of a crop's shorter side."""
FAINT: Final = 24.0
"""Range of shades (of 255), the lightest and darkest twentieth left out."""


def check_marks(read: ReadMarks, step: Callable[[], None]) -> Iterator[Remark]:
    """Yield what may go wrong with marks that can be read; `step` is called after each."""
    for mark, file in zip(read.marks, read.files, strict=True):
        yield from _weak(mark, file)
        step()
    yield from _shared(read.marks, read.files)


def _weak(mark: Mark, file: str) -> Iterator[Remark]:
    if not mark.drawn and min(mark.pixels.shape[:2]) < SMALL:
        sentence = f"{file} is small: its shorter side has under {SMALL} pixels"
        yield Remark(Topic.SMALL_MARK, mark.label, sentence)
    low, high = np.percentile(mark.pixels.mean(2), (5, 95))
    if high - low < FAINT and not mark.drawn:
        yield Remark(Topic.FAINT_MARK, mark.label, f"{file} has little contrast")
    if max((len(view.found) for view in views(mark)), default=0) < FEW_POINTS:
        advice = "; crops from photos help" if mark.drawn else ""
        sentence = f"{file} has little detail to be known by{advice}"
        yield Remark(Topic.PLAIN_MARK, mark.label, sentence)


def _shared(marks: Sequence[Mark], files: Sequence[str]) -> Iterator[Remark]:
    for one, other in same([shades(mark.pixels) for mark in marks]):
        label, its = marks[one].label, marks[other].label
        if label != its:
            sentence = f"{files[one]} shows the same as {files[other]} of {its!r}"
            yield Remark(Topic.SAME_MARK, label, sentence)
