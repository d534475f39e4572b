"""The figures of an evaluation, added up over its photos.

Shares are exact quotients of counts until they are shown. docs/evaluation.md says what each means.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from policies.amounts import Share
from policies.evaluation_record import Figures
from redaction.evaluation.scoring import BANDS, PhotoScore
from redaction.evaluation.tally import (
    COVERED,
    COVERED_WELL,
    DISTINCT,
    Part,
    at_least,
    band_of,
    enough,
    mean,
    named_bands,
    part_of,
    photos_of,
)


@dataclass(frozen=True)
class KindScores:
    """Scores of one kind; a score is None where there was nothing to count."""

    boxes: int
    regions: int
    precision: float | None
    """Share of regions veiled for the kind that touch a true box of it."""
    recall: float | None
    """Share of true boxes covered: a face to 75 %, anything else to 50 %."""
    f1: float | None
    cover_50: float | None
    cover_90: float | None
    photos_whole: float | None
    """Share of photos with such boxes in which all are covered: a face to 75 %, anything else to
    90 %."""


@dataclass(frozen=True)
class RedactionScores:
    """The result of one evaluation; shares are 0 to 1, None where there was nothing to count.

    The boxes of a withheld photo are in no share but `photos_safe`.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    per_label: dict[str, KindScores]
    """By kind, those that the truth file labels."""
    covered: dict[str, float | None]
    """Faces covered, by size band in pixels, such as `12-16`."""
    faces_covered_12: float | None
    faces_covered_24: float | None
    photos_with_every_face_covered: float | None
    """Of the photos shown that have a face of at least 12 pixels."""
    photos_safe: float | None
    """Of all photos that have one: every face covered, or withheld."""
    text_covered_50: float | None
    text_covered_90: float | None
    photos: int
    withheld: int
    withheld_share: float
    withheld_by_reason: dict[str, int]
    veiled_share: float | None
    """Mean share of a photo's area under the veil."""
    veiled_for_nothing: dict[str, float]
    """By kind: mean share of a photo veiled for it where nothing was; of photos with labels of
    the kind."""
    seconds_per_photo: float | None
    """Wall-clock time of redaction alone in its process, withheld photos included."""
    cpu_seconds_per_photo: float | None
    boxes: dict[str, int]
    """Boxes that count, withheld photos included."""
    figures: Figures
    """The exact ones, for the record."""

    def to_json(self) -> dict[str, Any]:
        """Return the scores as a JSON object, shares and seconds rounded to four places."""
        values = {name: value for name, value in vars(self).items() if name != "figures"}
        values["per_label"] = {kind: asdict(part) for kind, part in self.per_label.items()}
        rounded: dict[str, Any] = _rounded(values)
        return rounded


def summed(scores: Sequence[PhotoScore]) -> RedactionScores:
    """Return the figures over all photos; there is at least one."""
    shown = [photo for photo in scores if photo.withheld is None]
    boxes = [box for photo in shown for box in photo.boxes]
    kinds = sorted({box.kind for photo in scores for box in photo.boxes})
    kinds += sorted({kind for photo in shown for kind in photo.regions} - set(kinds))
    overall = _scores(
        part_of(boxes, enough),
        _sum(photo.touching.values() for photo in shown),
        _sum(photo.regions.values() for photo in shown),
    )
    faces = [box for box in boxes if box.kind == "face"]
    safe = photos_of(scores, "face", enough, withheld_is=True)
    bands = {name: band_of(faces, low, high) for name, low, high in named_bands()}
    withheld = Part(len(scores) - len(shown), len(scores))
    veiled = mean([photo.veiled for photo in shown])
    covers = {
        (kind, level): part_of([b for b in boxes if b.kind == kind], at_least(level))
        for kind in ("text", "code", "plate")
        for level in (COVERED, COVERED_WELL)
    }
    all_faces, distinct = band_of(faces, BANDS[0][0], None), band_of(faces, DISTINCT, None)
    return RedactionScores(
        precision=overall[0],
        recall=overall[1],
        f1=overall[2],
        per_label={kind: _of_kind(kind, shown) for kind in kinds},
        covered={name: part.share for name, part in bands.items()},
        faces_covered_12=all_faces.share,
        faces_covered_24=distinct.share,
        photos_with_every_face_covered=photos_of(shown, "face", enough).share,
        photos_safe=safe.share,
        text_covered_50=covers["text", COVERED].share,
        text_covered_90=covers["text", COVERED_WELL].share,
        photos=len(scores),
        withheld=withheld.part,
        withheld_share=withheld.share or 0.0,
        withheld_by_reason=dict(
            sorted(Counter(photo.withheld.value for photo in scores if photo.withheld).items())
        ),
        veiled_share=veiled,
        veiled_for_nothing={
            kind: mean([p.for_nothing[kind] for p in shown if kind in p.for_nothing]) or 0.0
            for kind in kinds
        },
        seconds_per_photo=mean([photo.wall_seconds for photo in scores]),
        cpu_seconds_per_photo=mean([photo.cpu_seconds for photo in scores]),
        boxes=dict(sorted(Counter(b.kind for photo in scores for b in photo.boxes).items())),
        figures=Figures(
            face_recall=all_faces.exact(),
            face_recall_24=distinct.exact(),
            face_recall_by_size={name: part.exact() for name, part in bands.items()},  # type: ignore[misc]
            photos_safe=safe.exact(),
            text_cover_50=covers["text", COVERED].exact(),
            text_cover_90=covers["text", COVERED_WELL].exact(),
            code_cover_50=covers["code", COVERED].exact(),
            code_cover_90=covers["code", COVERED_WELL].exact(),
            plate_cover_50=covers["plate", COVERED].exact(),
            plate_cover_90=covers["plate", COVERED_WELL].exact(),
            withheld=Share.of(withheld.part, withheld.whole, up=True),
            veiled=None if veiled is None else Share.of(min(ceil(veiled * 10**4), 10**4), 10**4),
        ),
    )


def _of_kind(kind: str, shown: Sequence[PhotoScore]) -> KindScores:
    boxes = [box for photo in shown for box in photo.boxes if box.kind == kind]
    regions = sum(photo.regions.get(kind, 0) for photo in shown)
    covered = part_of(boxes, enough)
    touching = sum(photo.touching.get(kind, 0) for photo in shown)
    precision, recall, f1 = _scores(covered, touching, regions)
    well = enough if kind == "face" else at_least(COVERED_WELL)
    return KindScores(
        boxes=len(boxes),
        regions=regions,
        precision=precision,
        recall=recall,
        f1=f1,
        cover_50=part_of(boxes, at_least(COVERED)).share,
        cover_90=part_of(boxes, at_least(COVERED_WELL)).share,
        photos_whole=photos_of(shown, kind, well).share,
    )


def _scores(
    covered: Part, touching: int, regions: int
) -> tuple[float | None, float | None, float | None]:
    precision, recall = Part(touching, regions).share, covered.share
    if precision is None or recall is None:
        return precision, recall, None
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _sum(counts: Iterable[Iterable[int]]) -> int:
    return sum(sum(each) for each in counts)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return round(value, 4) if isinstance(value, float) else value
