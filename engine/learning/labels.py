"""What an operator says that photos show, for a training: a file in the truth files' format.

    photo, kind, label, x0, y0, x1, y1

`photo` is the path of the source's row; `label` one of the recipe's, or empty for 'none of these';
a box, in pixels of the upright photo, says where a brand's mark is, and no box means the whole
photo. Rows of other kinds are for other uses of the same file.

What is wrong with a file is told by its row, before anything is logged. Whether it is wrong depends
on the file, the policy and the paths of the source alone: not on who objects, nor on any photo.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.learning.errors import LabelsUnusable
from engine.learning.interface import Recipe
from engine.sources import Source
from policies.truth import Corners, Labelled, read_truth

CALLED: Final = "the labels file"


@dataclass(frozen=True)
class Lesson:
    """One thing that a photo teaches."""

    target: int
    """A place in the recipe's labels; their number stands for 'none of these'."""
    box: Corners | None = None
    """In pixels of the upright photo; None for the whole of it."""


@dataclass(frozen=True)
class Labels:
    """A labels file, as far as it is of the recipe's kind."""

    lessons: Mapping[str, tuple[Lesson, ...]]
    """By the photo's path; none of them twice."""
    rows: Mapping[str, int]
    """The first row of each photo, to tell which it is."""
    digest: str
    """Of the file's bytes; it goes no further than the encrypted store's name."""


def read_labels(file: Path, recipe: Recipe, *, nothing_else: bool) -> Labels:
    """Read a labels file; raises `LabelsUnusable` or `TruthInvalid`.

    `nothing_else` says that there are no public pictures of anything else, so that 'none of these'
    has to be labelled as well.
    """
    truth = read_truth(file, CALLED)
    places = {label: place for place, label in enumerate(recipe.labels)}
    places[""] = len(recipe.labels)
    lessons: dict[str, dict[Lesson, None]] = {}
    rows: dict[str, int] = {}
    for photo, shown in truth.photos.items():
        for labelled in shown:
            if labelled.kind == recipe.kind:
                lessons.setdefault(photo, {})[_lesson(labelled, recipe, places)] = None
                rows.setdefault(photo, labelled.row)
    _require_all(lessons, recipe, nothing_else=nothing_else)
    return Labels({photo: tuple(own) for photo, own in lessons.items()}, rows, truth.digest)


def require_there(labels: Labels, source: Source) -> None:
    """Raise `LabelsUnusable` for a label of a photo that the source does not have.

    One that it has, and that stays out of the study, teaches nothing; nobody is told.
    """
    lacking = source.lacks(labels.rows)
    if lacking:
        raise LabelsUnusable(
            f"{CALLED}, row {min(labels.rows[path] for path in lacking)}: the source has no photo "
            "of this path",
            hint="Write paths as the source's manifest does, or leave the row out.",
        )


def _lesson(labelled: Labelled, recipe: Recipe, places: Mapping[str, int]) -> Lesson:
    target = places.get(labelled.label)
    if target is None:
        raise LabelsUnusable(
            f"{CALLED}, row {labelled.row}: its label is none that model_release tells",
            hint="Spell it as the policy does; an empty label means none of these.",
        )
    if labelled.box is not None and recipe.kind != "brand":
        raise LabelsUnusable(
            f"{CALLED}, row {labelled.row}: a {recipe.kind} is of the whole photo, and has no box",
            hint="Leave x0, y0, x1 and y1 empty.",
        )
    return Lesson(target, labelled.box)


def _require_all(
    lessons: Mapping[str, Mapping[Lesson, None]], recipe: Recipe, *, nothing_else: bool
) -> None:
    seen = {lesson.target for own in lessons.values() for lesson in own}
    if not seen:
        raise LabelsUnusable(
            f"{CALLED} has no row of kind {recipe.kind}",
            hint="Label some photos with what the policy's model_release tells.",
        )
    if len(seen | (set() if nothing_else else {len(recipe.labels)})) < 2:
        raise LabelsUnusable(
            f"{CALLED} has one class only, and nothing to tell it from",
            hint="Label photos of other things as well, with an empty label.",
        )
    for place, label in enumerate(recipe.labels):
        if place not in seen:
            raise LabelsUnusable(
                f"{CALLED} has no row for {label!r}, which the policy's model_release tells",
                hint="Label photos that show it, or list under model_release.labels what you have.",
            )
