"""Brands by their marks' local features alone, cross-validated on the development photos.

`python -m tests.benchmarks.bench_keypoints [--redacted DIR] [--folds N] [--brands N]`

Photos are redacted first, as recognition gets them; DIR keeps the redacted copies between runs
(outside the repository: they are development photos). Five folds by photo; in each, 5 crops a brand
from the boxes of the other folds' photos, drawn from the clearer half, are the marks. Then the same
with the public icons alone, for the brands that have one, and both again in a crowd of N brands.
Brand-free photos are the sets of objects and scenes. Further brands that photos show are not
labelled, so some of what counts as false is true.
"""

import argparse
import csv
import hashlib
import json
import lzma
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.catalogue.icons import FILE as ICONS
from engine.catalogue.icons import find_icon
from engine.catalogue.svg import draw_svg
from engine.recognition.keypoints import Keypoints, build_keypoints
from engine.recognition.keypoints.finder import LONGEST, MOST, SHORTEST
from engine.recognition.keypoints.sift import Features, features, grey_of, resized
from engine.recognition.marks import Mark
from policies.catalogue import Catalogue
from redaction import RedactedPhoto, RedactionRules, redact
from tests.development_data import development_data

FOLDS: Final = 5
CROPS: Final = 5
SETS: Final = ("brands", "objects", "scenes")
TIMED: Final = 1280
ALIASES: Final = {
    "Citroen": ["Citroën"],
    "Cocacola": ["Coca-Cola", "Coke"],
    "McDonalds": ["McDonald's"],
    "RedBull": ["Red Bull"],
}
PRECISIONS: Final = (0.95, 0.98)
BRAND_FREE: Final = 0.005
STRENGTH: Final = 4.5
"""Held fixed between cases, to see what a crowd of brands changes."""


@dataclass(frozen=True)
class Photo:
    """A redacted photo, ready to be looked at."""

    name: str
    labels: frozenset[str]
    free: bool
    seen: Features
    factor: float
    words: frozenset[str]

    @property
    def fold(self) -> int:
        return int(hashlib.sha256(self.name.encode()).hexdigest()[:8], 16) % FOLDS


Boxes = dict[str, list[tuple[str, tuple[int, ...]]]]


def truth() -> Boxes:
    boxes: Boxes = defaultdict(list)
    with (development_data("brands") / "boxes.csv").open() as file:
        for row in csv.DictReader(file):
            box = tuple(int(float(row[side])) for side in ("x0", "y0", "x1", "y1"))
            boxes[row["photo"]].append((row["label"], box))
    return boxes


def rules(labels: Sequence[str]) -> RedactionRules:
    entries = [{"name": label, "aliases": ALIASES.get(label, [])} for label in labels]
    return RedactionRules(lexicon=Catalogue.model_validate(entries).lexicon)


def redacted(
    file: Path, kept: Path, by: RedactionRules
) -> tuple[NDArray[np.uint8], list[str]] | None:
    """Return the redacted pixels and the labels of cleared words, or None of a withheld photo."""
    if not kept.exists():
        photo = redact(file.read_bytes(), by)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(photo, RedactedPhoto):
            words = [[w.alias, by.lexicon.label(w.alias)] for w in photo.words]
            np.savez(kept, pixels=photo.pixels, words=json.dumps(words))
        else:
            np.savez(kept, withheld="")
    with np.load(kept, allow_pickle=False) as held:
        if "withheld" in held:
            return None
        return held["pixels"], [word[1] for word in json.loads(str(held["words"]))]


def photos(folder: Path, boxes: Boxes) -> list[Photo]:
    by = rules(sorted({label for marks in boxes.values() for label, _ in marks}))
    found = []
    for name in SETS:
        for file in sorted((development_data(name) / "photos").iterdir()):
            if (held := redacted(file, folder / name / f"{file.stem}.npz", by)) is None:
                continue
            grey = grey_of(held[0])
            worked, factor = resized(grey, float(np.clip(max(grey.shape), SHORTEST, LONGEST)))
            labels = frozenset(label for label, _ in boxes[file.name]) if name == "brands" else ()
            seen = features(worked, MOST)
            free = name != "brands"
            found.append(
                Photo(file.name, frozenset(labels), free, seen, factor, frozenset(held[1]))
            )
    return found


def crops(boxes: Boxes, fold: int, fold_of: Callable[[str], int]) -> list[Mark]:
    """Return 5 crops a brand from photos of other folds, drawn from the clearer half."""
    random = np.random.default_rng(fold)
    largest: dict[str, list[tuple[int, str, tuple[int, ...]]]] = defaultdict(list)
    for photo in sorted(boxes):
        if fold_of(photo) == fold:
            continue
        for label in sorted({label for label, _ in boxes[photo]}):
            box = max((b for at, b in boxes[photo] if at == label), key=_short_side)
            largest[label].append((_short_side(box), photo, box))
    marks = []
    for label, choice in sorted(largest.items()):
        clear = sorted(choice, reverse=True)[: max(CROPS, len(choice) // 2)]
        for number in sorted(random.choice(len(clear), CROPS, replace=False)):
            _, photo, (x0, y0, x1, y1) = clear[number]
            with Image.open(development_data("brands") / "photos" / photo) as image:
                pixels = np.asarray(image.convert("RGB"))[max(0, y0) : y1, max(0, x0) : x1]
            marks.append(Mark(label, np.ascontiguousarray(pixels), None, drawn=False))
    return marks


def icon(label: str, svg: str) -> Mark:
    alpha = np.ascontiguousarray(draw_svg(svg.encode())[..., 3])
    return Mark(label, np.zeros((*alpha.shape, 3), np.uint8), alpha, drawn=True)


def icons(labels: Sequence[str]) -> list[Mark]:
    """Return the public icons of those labels that have one."""
    found = []
    for label in labels:
        names = [label, *ALIASES.get(label, [])]
        hits = [hit for name in names if (hit := find_icon(name)) is not None and hit.svg]
        found += [icon(label, str(hit.svg)) for hit in hits[:1]]
    return found


def crowd(count: int, but: Sequence[str]) -> list[Mark]:
    """Return icons of so many other brands."""
    known = {str(hit.svg) for label in but if (hit := find_icon(label)) is not None}
    known |= {str(hit.svg) for names in ALIASES.values() for n in names if (hit := find_icon(n))}
    others = [i for i in json.loads(lzma.decompress(ICONS.read_bytes())) if i.get("svg")]
    others = [other for other in others if other["svg"] not in known]
    chosen = np.random.default_rng(5).choice(len(others), count, replace=False)
    return [icon("another: " + others[i]["title"], others[i]["svg"]) for i in sorted(chosen)]


def measured(
    seen: Sequence[Photo], folds: int, marks_of: Callable[[int], list[Mark]], labels: set[str]
) -> dict[str, Any]:
    """Return recall by precision, and what it costs."""
    told: list[tuple[Photo, dict[str, float]]] = []
    spent = 0.0
    rows = 0
    for fold in range(folds):
        marks = marks_of(fold)
        arrays = build_keypoints(marks)
        rows = max(rows, len(arrays["places"]))
        keypoints = Keypoints(arrays, sorted({mark.label for mark in marks}))
        for photo in seen:
            if photo.fold != fold:
                continue
            start = time.process_time()
            found = keypoints.find_in(photo.seen, photo.factor)
            spent += time.process_time() - start
            strongest: dict[str, float] = {}
            for evidence in found:
                old = strongest.get(evidence.label, 0.0)
                strongest[evidence.label] = max(old, evidence.strength)
            told.append((photo, strongest))
    result: dict[str, Any] = {"features_indexed": rows}
    result["cpu_ms_matching"] = round(1000 * spent / max(1, len(told)), 1)
    return result | _curve([t for t in told if t[0].free or t[0].labels & labels], labels)


def _curve(told: Sequence[tuple[Photo, dict[str, float]]], labels: set[str]) -> dict[str, Any]:
    branded = [(p, s) for p, s in told if not p.free]
    free = [s for p, s in told if p.free]
    wanted = sum(len(p.labels & labels) for p, _ in branded)
    best: dict[str, dict[str, float]] = {}
    steps = {round(v, 2) for _, s in told for v in s.values()} | {STRENGTH}
    for least in sorted(steps):
        said = [(p, {name for name, v in s.items() if v >= least}) for p, s in branded]
        true = sum(len(p.labels & names) for p, names in said)
        false = sum(len(names - p.labels) for p, names in said)
        alarms = sum(any(v >= least for v in s.values()) for s in free) / max(1, len(free))
        precision = true / max(1, true + false)
        both = sum(len((names | p.words) & p.labels & labels) for p, names in said)
        point = {
            "recall": round(true / wanted, 3),
            "with_words": round(both / wanted, 3),
            "strength": least,
            "precision": round(precision, 3),
            "brand_free_with_a_brand": round(alarms, 4),
        }
        if least == STRENGTH:
            best["fixed strength"] = point
        reached = [f"precision {least_p}" for least_p in PRECISIONS if precision >= least_p]
        for name in reached + (["few alarms"] if alarms <= BRAND_FREE else []):
            if point["recall"] > best.get(name, {"recall": -1.0})["recall"]:
                best[name] = point
    words = sum(len(p.words & p.labels & labels) for p, _ in branded) / wanted
    return {"photos": len(branded), "brand_free": len(free), "words": round(words, 3), **best}


def milliseconds(marks: list[Mark], folder: Path, count: int = 15) -> float:
    """Return the median CPU milliseconds of a whole photo, 1280 pixels on its longer side."""
    keypoints = Keypoints(build_keypoints(marks), sorted({mark.label for mark in marks}))
    times = []
    for file in sorted((folder / "objects").glob("*.npz"))[:count]:
        with np.load(file, allow_pickle=False) as held:
            if "withheld" in held:
                continue
            pixels = held["pixels"]
        factor = TIMED / max(pixels.shape)
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        start = time.process_time()
        keypoints.find(pixels)
        times.append(time.process_time() - start)
    return round(1000 * float(np.median(times)), 1)


def _short_side(box: tuple[int, ...]) -> int:
    return min(box[2] - box[0], box[3] - box[1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--redacted", type=Path)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--brands", type=int, default=1000)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as spare:
        folder = options.redacted or Path(spare)
        boxes = truth()
        seen = photos(folder, boxes)
        fold_of = {photo.name: photo.fold for photo in seen}
        labels = sorted({label for marks in boxes.values() for label, _ in marks})
        by_fold = {n: crops(boxes, n, lambda p: fold_of.get(p, -1)) for n in range(options.folds)}
        alone = icons(labels)
        drawn = {mark.label for mark in alone}
        others = crowd(options.brands - len(alone), labels)
        few = others[: options.brands - len(labels)]
        cases: dict[str, tuple[Callable[[int], list[Mark]], set[str]]] = {
            "5 crops": (lambda n: by_fold[n], set(labels)),
            f"5 crops, {options.brands} brands": (lambda n: by_fold[n] + few, set(labels)),
            "icons": (lambda _: alone, drawn),
            f"icons, {options.brands} brands": (lambda _: alone + others, drawn),
        }
        result: dict[str, Any] = {}
        for name, (marks_of, which) in cases.items():
            result[name] = measured(seen, options.folds, marks_of, which)
            result[name]["cpu_ms_at_1280"] = milliseconds(marks_of(0), folder)
            for part, figure in result[name].items():
                print(f"{name:24} {part:18} {figure}", flush=True)
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
