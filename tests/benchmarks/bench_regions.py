"""Brands by the embedding of windows alone, cross-validated on the development photos.

`python -m tests.benchmarks.bench_regions [--redacted DIR] [--every N] [--folds N] [--brands N]`

Photos, folds, crops and icons are those of `bench_keypoints`; DIR keeps redacted copies between
runs. `--every` takes every N-th photo. COCO photos count as brand-free in `bench_keypoints`, but
here the shipped bank was made of such photos, so that only the set of scenes is.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.recognition.marks import Mark
from engine.recognition.regions import Regions, fit_regions
from tests.benchmarks.bench_keypoints import (
    FOLDS,
    TIMED,
    crops,
    crowd,
    icons,
    redacted,
    rules,
    truth,
)
from tests.development_data import development_data

SETS: Final = ("brands", "scenes")
PRECISION: Final = 0.95


@dataclass(frozen=True)
class Photo:
    """A redacted photo and what it shows."""

    name: str
    labels: frozenset[str]
    free: bool
    pixels: NDArray[np.uint8]
    words: frozenset[str]
    fold: int


def main() -> None:
    """Print a line per figure, and the whole as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--redacted", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=4)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as spare:
        boxes = truth()
        labels = sorted({label for marks in boxes.values() for label, _ in marks})
        seen = _photos(options.redacted or Path(spare), labels, options.every)
    folds = {name: _fold(name) for name in boxes}
    by_fold = {n: crops(boxes, n, lambda name: folds.get(name, -1)) for n in range(options.folds)}
    alone = icons(labels)
    others = crowd(options.brands - len(alone), labels)
    few = others[: options.brands - len(labels)]
    drawn = {mark.label for mark in alone}
    cases: dict[str, tuple[Callable[[int], list[Mark]], set[str]]] = {
        "5 crops": (lambda n: by_fold[n], set(labels)),
        "icons": (lambda _: alone, drawn),
        f"5 crops, {options.brands} brands": (lambda n: by_fold[n] + few, set(labels)),
        f"icons, {options.brands} brands": (lambda _: alone + others, drawn),
    }
    result = {}
    for name, (marks_of, which) in list(cases.items())[: options.cases]:
        result[name] = _measured(seen, options.folds, marks_of, which)
        for part, figure in result[name].items():
            print(f"{name:24} {part:26} {figure}", flush=True)
    json.dump(result, sys.stdout)
    print()


def _photos(folder: Path, labels: list[str], every: int) -> list[Photo]:
    by, found = rules(labels), []
    boxes = truth()
    for name in SETS:
        files = sorted((development_data(name) / "photos").iterdir())
        for file in files[:: every * (1 if name == "brands" else 2)]:
            if (held := redacted(file, folder / name / f"{file.stem}.npz", by)) is None:
                continue
            here = {label for label, _ in boxes[file.name]} if name == "brands" else set()
            words = frozenset(held[1])
            free = name != "brands"
            found.append(Photo(file.name, frozenset(here), free, held[0], words, _fold(file.name)))
    return found


def _fold(name: str) -> int:
    # As in `bench_keypoints`, so that the two can be weighed together photo by photo.
    import hashlib

    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % FOLDS


def _measured(
    seen: list[Photo], folds: int, marks_of: Callable[[int], list[Mark]], labels: set[str]
) -> dict[str, Any]:
    told: list[tuple[Photo, dict[str, float]]] = []
    built = spent = 0.0
    for fold in range(folds):
        marks = marks_of(fold)
        start = time.process_time()
        arrays = fit_regions(marks)
        built = max(built, time.process_time() - start)
        regions = Regions(arrays, sorted({mark.label for mark in marks}))
        for photo in (p for p in seen if p.fold == fold and (p.free or p.labels & labels)):
            start = time.process_time()
            found = regions.find(photo.pixels)
            spent += time.process_time() - start
            best: dict[str, float] = {}
            for evidence in found:
                best[evidence.label] = max(best.get(evidence.label, -1.0), evidence.strength)
            told.append((photo, best))
    branded = [(p, s) for p, s in told if not p.free]
    top = [max(s, key=s.__getitem__, default="") in p.labels for p, s in branded]
    return {
        "photos": len(branded),
        "brand_free": len(told) - len(branded),
        "top1": round(float(np.mean(top)), 3),
        "alone": _best(told, labels, words=False),
        "with_words": _best(told, labels, words=True),
        "cpu_s_build": round(built, 1),
        "cpu_ms_photo": round(1000 * spent / max(1, len(told)), 1),
        "cpu_ms_at_1280": _milliseconds(seen, marks_of(0)),
    }


def _best(
    told: list[tuple[Photo, dict[str, float]]], labels: set[str], *, words: bool
) -> dict[str, float]:
    """Return the point of highest recall whose precision is high enough."""
    wanted = sum(len(p.labels & labels) for p, _ in told)
    best = {"recall": 0.0}
    for least in sorted({round(v, 3) for _, s in told for v in s.values()}):
        said = [(p, {name for name, v in s.items() if v >= least}) for p, s in told]
        if words:
            said = [(p, names | (p.words & labels)) for p, names in said]
        true = sum(len(p.labels & names) for p, names in said)
        false = sum(len(names - p.labels) for p, names in said)
        alarms = np.mean([bool(names) for p, names in said if p.free])
        precision, recall = true / max(1, true + false), true / wanted
        if precision >= PRECISION and recall > best["recall"]:
            best = {
                "recall": round(recall, 3),
                "precision": round(precision, 3),
                "strength": least,
                "brand_free_with_a_brand": round(float(alarms), 4),
            }
    return best


def _milliseconds(seen: list[Photo], marks: list[Mark], count: int = 15) -> float:
    regions = Regions(fit_regions(marks), sorted({mark.label for mark in marks}))
    times = []
    for photo in [p for p in seen if p.free][:count]:
        by = TIMED / max(photo.pixels.shape)
        large = cv2.resize(photo.pixels, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC)
        start = time.process_time()
        regions.find(np.asarray(large, dtype=np.uint8))
        times.append(time.process_time() - start)
    return round(1000 * float(np.median(times)), 1)


if __name__ == "__main__":
    main()
