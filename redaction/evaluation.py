"""How well redaction does on labelled test photos.

For `crowdlens evaluate redaction`. It looks at raw pixels and says how many boxes were covered:
use it on labelled test photos only, never on a study's data.
"""

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from redaction.decode import decode
from redaction.errors import TruthInvalid
from redaction.redact import working_pixels
from redaction.regions import examine, mask_of
from redaction.rules import RedactionRules
from redaction.types.region import Region
from redaction.veil import veil

BANDS: Final = ((12, 16), (16, 24), (24, 32), (32, 64), (64, None))
"""Sizes of faces, the longer side of the true box in pixels of the test photo; smaller ones
identify nobody and are not counted."""
FACE_COVERED: Final = 0.75
"""Share of a face's box under the veil from which on it counts as covered."""
FARTHEST: Final = 1e6
"""Pixels; no photo that is let in is so large."""
TEXT_COVERED: Final = 0.5
TEXT_COVERED_WELL: Final = 0.9
_COLUMNS: Final = ("photo", "kind", "label", "x0", "y0", "x1", "y1")
_KINDS: Final = ("face", "text")


@dataclass(frozen=True)
class KindScores:
    """Scores of one kind; a score is None where there was nothing to count."""

    boxes: int
    regions: int
    precision: float | None
    """Share of veiled regions that touch a true box of the kind."""
    recall: float | None
    """Share of true boxes covered."""
    f1: float | None


@dataclass(frozen=True)
class RedactionScores:
    """The result of one evaluation; shares are 0 to 1, None where there was nothing to count."""

    precision: float | None
    recall: float | None
    f1: float | None
    per_label: dict[str, KindScores]
    """By kind, `face` and `text`, those that the truth file labels."""
    covered: dict[str, float | None]
    """Faces covered, by size band in pixels, such as `12-16`."""
    photos_with_every_face_covered: float | None
    """Of the photos that have a face of at least 12 pixels."""
    text_covered_50: float | None
    text_covered_90: float | None
    photos: int
    withheld: int
    """Photos refused; their boxes are in no score."""
    veiled_share: float | None
    """Mean share of a photo's area under the veil."""
    seconds_per_photo: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the scores as a JSON object, shares and seconds rounded to four places."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return round(value, 4) if isinstance(value, float) else value


@dataclass(frozen=True)
class _Box:
    kind: str
    corners: tuple[float, float, float, float]


@dataclass
class _Tally:
    """What was counted so far."""

    faces: list[tuple[float, bool]]
    """Size in pixels, covered."""
    texts: list[float]
    """Share covered."""
    touching: dict[str, list[bool]]
    whole: list[bool]
    areas: list[float]
    seconds: list[float]
    withheld: int = 0


def evaluate_redaction(
    photos: Path,
    truth: Path,
    rules: RedactionRules,
    on_photo: Callable[[], None] | None = None,
) -> RedactionScores:
    """Redact every photo that `truth` names in the folder `photos`, and score the veil.

    `truth` is a CSV file with the columns photo, kind, label, x0, y0, x1, y1, in pixels of the
    upright photo; kinds other than face and text are ignored. `on_photo` is called after each
    photo. Raises `TruthInvalid` when the file or a photo can't be read.
    """
    labelled = _read_truth(truth)
    kinds = {box.kind for boxes in labelled.values() for box in boxes}
    tally = _Tally([], [], {kind: [] for kind in kinds}, [], [], [])
    for name, boxes in labelled.items():
        _score(_read_photo(photos, name), boxes, rules, tally)
        if on_photo is not None:
            on_photo()
    return _scores(tally, len(labelled))


def _score(raw: bytes, boxes: Sequence[_Box], rules: RedactionRules, tally: _Tally) -> None:
    begin = time.perf_counter()
    try:
        pixels = working_pixels(raw, rules)
        found = examine(pixels, rules.lexicon)
        veil(pixels, found.mask)
        seconds = time.perf_counter() - begin
        full = decode(raw, rules.limits, enough=1 << 16).shape
    except Exception:
        # As `redact` would: what can't be decoded or checked is withheld.
        tally.withheld += 1
        return
    tally.seconds.append(seconds)
    tally.areas.append(float(found.mask.mean()))
    height, width = found.mask.shape
    scale = np.array([width / full[1], height / full[0]] * 2)
    scaled = [(box, np.asarray(box.corners) * scale) for box in boxes]
    faces: list[bool] = []
    for box, at in scaled:
        share = _share_under(found.mask, at)
        if box.kind == "text":
            tally.texts.append(share)
            continue
        size = max(box.corners[2] - box.corners[0], box.corners[3] - box.corners[1])
        if size >= BANDS[0][0]:
            faces.append(share >= FACE_COVERED)
            tally.faces.append((size, faces[-1]))
    if faces:
        tally.whole.append(all(faces))
    for region in found.regions:
        if region.kind in tally.touching:
            true = [at for box, at in scaled if box.kind == region.kind]
            tally.touching[region.kind].append(_touches(region, true, height, width))


def _share_under(mask: NDArray[np.bool_], at: NDArray[np.float64]) -> float:
    x0, y0, x1, y1 = np.rint(np.maximum(at, 0)).astype(int)
    inside = mask[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    return float(inside.mean()) if inside.size else 0.0


def _touches(region: Region, true: list[NDArray[np.float64]], height: int, width: int) -> bool:
    mask = mask_of([region], height, width)
    return any(_share_under(mask, at) > 0 for at in true)


def _scores(tally: _Tally, photos: int) -> RedactionScores:
    covered = {
        "face": [ok for _, ok in tally.faces],
        "text": [share >= TEXT_COVERED for share in tally.texts],
    }
    per_kind = {k: _of_kind(covered[k], tally.touching[k]) for k in sorted(tally.touching)}
    overall = _of_kind(
        [ok for kind in per_kind for ok in covered[kind]],
        [ok for kind in per_kind for ok in tally.touching[kind]],
    )
    bands: dict[str, float | None] = {}
    for low, high in BANDS:
        name = f"{low}-{high}" if high is not None else f"{low}+"
        top = float("inf") if high is None else high
        bands[name] = _mean([ok for size, ok in tally.faces if low <= size < top])
    return RedactionScores(
        precision=overall.precision,
        recall=overall.recall,
        f1=overall.f1,
        per_label=per_kind,
        covered=bands,
        photos_with_every_face_covered=_mean(tally.whole),
        text_covered_50=_mean(covered["text"]),
        text_covered_90=_mean([share >= TEXT_COVERED_WELL for share in tally.texts]),
        photos=photos,
        withheld=tally.withheld,
        veiled_share=_mean(tally.areas),
        seconds_per_photo=_mean(tally.seconds),
    )


def _of_kind(covered: list[bool], touching: list[bool]) -> KindScores:
    recall, precision = _mean(covered), _mean(touching)
    f1 = None
    if recall is not None and precision is not None:
        f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return KindScores(len(covered), len(touching), precision, recall, f1)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _read_truth(truth: Path) -> dict[str, list[_Box]]:
    labelled: dict[str, list[_Box]] = {}
    try:
        with truth.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream, strict=True)
            if not set(_COLUMNS) <= set(rows.fieldnames or ()):
                raise TruthInvalid(
                    "the truth file lacks columns", hint=f"It needs {', '.join(_COLUMNS)}."
                )
            for row in rows:
                if not row["photo"] or "\0" in row["photo"]:
                    raise ValueError("a row names no photo")
                boxes = labelled.setdefault(row["photo"], [])
                if row["kind"] in _KINDS:
                    x0, y0, x1, y1 = (float(row[c]) for c in _COLUMNS[3:])
                    if not all(abs(edge) <= FARTHEST for edge in (x0, y0, x1, y1)):
                        raise ValueError("a box lies outside any photo, or nowhere")
                    boxes.append(_Box(row["kind"], (x0, y0, x1, y1)))
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise TruthInvalid("the truth file can't be read", hint="Boxes are numbers.") from error
    if not any(labelled.values()):
        raise TruthInvalid("the truth file has no box of kind face or text")
    return labelled


def _read_photo(photos: Path, name: str) -> bytes:
    file = photos / name
    if not file.resolve().is_relative_to(photos.resolve()):
        raise TruthInvalid("the truth file names a photo outside the folder")
    try:
        return file.read_bytes()
    except OSError as error:
        raise TruthInvalid("the truth file names a photo that can't be read") from error
