"""Objects, scenes and interests, measured on the development photos.

`python -m tests.benchmarks.bench_tags [--redacted DIR] [--raw]`

Photos are redacted first, as recognition gets them; DIR keeps the redacted copies between runs
(outside the repository: they are development photos). `--raw` leaves redaction out, to see what it
costs. Objects: the detector's rule is fitted anew in five folds by photo, five times, and judged
on the fold that it has not seen; so is the least score. Public scenes: by their rules, which were
fitted to nothing. Taught scenes: 20 examples each, the others are the test, ten times. Interests
have no labels: one counts as true where a labelled object or scene says so.
"""

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression

from engine.pixels import INTER_CUBIC, resize
from engine.recognition.backbone import Backbone
from engine.recognition.nets import load
from engine.recognition.tags import Tags
from engine.recognition.tags.layer import Floats, softmax
from engine.recognition.tags.objects import LABELS, sized
from engine.recognition.tags.taught import fit_rows
from engine.recognition.weights.objects import OBJECTS as NET
from engine.recognition.whole import embedded
from policies.tags import INTERESTS, OBJECTS, SCENES
from tests.benchmarks.bench_keypoints import redacted, rules
from tests.development_data import development_data

FOLDS: Final = 5
SEEDS: Final = 5
EXAMPLES: Final = 20
PRECISION: Final = 0.85
BINS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
TIMED: Final = 1280
SAID: Final = {
    "dining": "pizza, sandwich, hot dog, donut, cake, fork, spoon, bowl, dining table, wine glass",
    "pets": "dog, cat",
    "sport": "sports ball, baseball bat, baseball glove, tennis racket, skis, snowboard",
    "technology": "laptop, keyboard, mouse, cell phone, tv",
    "travel": "airplane, train, suitcase",
    "wildlife": "elephant, zebra, giraffe, bear",
    "home": "bed, toilet, couch, oven, refrigerator, sink",
}
SAID_BY_SCENES: Final = {"home": "kitchen", "travel": "airport", "sport": "football_field"}
"""What counts as true of interests, in the photos whose objects or scenes are labelled."""

Photos = Iterator[tuple[str, NDArray[np.uint8]]]


def photos(name: str, folder: Path | None) -> Photos:
    """Yield the photos of a set that were not withheld; raw ones where `folder` is None."""
    by = rules(sorted({row["label"] for row in _rows("brands", "boxes.csv")}))
    for file in sorted((development_data(name) / "photos").iterdir()):
        if folder is None:
            with Image.open(file) as image:
                yield file.name, np.asarray(image.convert("RGB"))
        elif (held := redacted(file, folder / name / f"{file.stem}.npz", by)) is not None:
            yield file.name, held[0]


def _rows(name: str, file: str) -> list[dict[str, str]]:
    with (development_data(name) / file).open() as opened:
        return list(csv.DictReader(opened))


def truth(name: str, file: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(name, file):
        found[row["photo"]].add(row["label"])
    return found


def reliability(scores: Floats, right: NDArray[np.bool_]) -> list[dict[str, float]]:
    """Return, for each bin of scores, how many there are, their mean, and the share right."""
    bins = []
    for low, high in zip((0.0, *BINS), BINS, strict=False):
        inside = (scores >= low) & ((scores < high) | (high == 1.0))
        if inside.any():
            told = {"from": low, "to": high, "labels": int(inside.sum())}
            told["mean"] = round(float(scores[inside].mean()), 3)
            told["right"] = round(float(right[inside].mean()), 3)
            bins.append(told)
    return bins


def figures(said: NDArray[np.bool_], right: NDArray[np.bool_]) -> dict[str, float]:
    hits = int((said & right).sum())
    return {
        "precision": round(hits / max(1, int(said.sum())), 3),
        "recall": round(hits / max(1, int(right.sum())), 3),
        "said": int(said.sum()),
        "true": int(right.sum()),
    }


def objects(seen: Sequence[tuple[str, NDArray[np.uint8]]]) -> dict[str, Any]:
    """Return the figures of objects; every photo is judged by a rule fitted without it."""
    told = truth("objects", "boxes.csv")
    session = load(NET)
    leads = np.array(
        [session.run(["leads"], {"pixels": sized(p)[None]})[0][0, 1:] for _, p in seen]
    )
    right = np.array([[label in told[name] for label in LABELS] for name, _ in seen])
    missed = sum(len(told[name] - {"person"}) for name in told) - int(right.sum())
    scores, said = np.zeros(right.shape), []
    for seed in range(SEEDS):
        fold = np.random.default_rng(seed).permutation(len(seen)) % FOLDS
        once, chosen = np.zeros(right.shape), np.zeros(right.shape, dtype=bool)
        for number in range(FOLDS):
            inside = fold != number
            rule = fitted(leads[inside], right[inside])
            once[~inside] = rule.predict_proba(_flat(leads[~inside]))[:, 1].reshape(-1, len(LABELS))
            known = rule.predict_proba(_flat(leads[inside]))[:, 1]
            chosen[~inside] = once[~inside] >= _least(known, right[inside].ravel())
        scores += once / SEEDS
        said.append(figures(chosen, right))
    rule = fitted(leads, right)
    whole = figures(scores >= 0.5, right)
    whole["recall_with_withheld"] = round(
        whole["recall"] * whole["true"] / (whole["true"] + missed), 3
    )
    return {
        "rule": [*rule.coef_[0].round(3).tolist(), round(float(rule.intercept_[0]), 3)],
        f"least score chosen for {PRECISION}": {
            key: round(float(np.mean([one[key] for one in said])), 3) for key in said[0]
        },
        "least score .5": whole,
        "best recall by precision": best(scores.ravel(), right.ravel()),
        "reliability": reliability(scores.ravel(), right.ravel()),
    }


def fitted(leads: NDArray[Any], right: NDArray[np.bool_]) -> Any:
    """Return the rule of the object detector, fitted to these photos."""
    return LogisticRegression(C=1.0, max_iter=500).fit(_flat(leads), right.ravel())


def _flat(leads: NDArray[Any]) -> NDArray[Any]:
    return leads.reshape(-1, leads.shape[-1])


def _least(scores: NDArray[Any], right: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    precision = right[order].cumsum() / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return float(scores[order[enough[-1]]]) if len(enough) else 1.0


def best(scores: NDArray[Any], right: NDArray[np.bool_]) -> dict[str, float]:
    order = np.argsort(-scores, kind="stable")
    hits = right[order].cumsum()
    precision, recall = hits / np.arange(1, len(order) + 1), hits / right.sum()
    levels = (0.95, 0.9, 0.85, 0.8)
    return {f"{p}": round(float(recall[precision >= p].max(initial=0)), 3) for p in levels}


def public(seen: Sequence[tuple[str, NDArray[np.uint8]]]) -> dict[str, Any]:
    """Return the figures of the public scenes that the development set has, and of interests."""
    told = truth("scenes", "labels.csv")
    boxes = truth("objects", "boxes.csv")
    named = sorted({label for labels in told.values() for label in labels} & set(SCENES))
    tags = Tags({"scene": frozenset(SCENES), "interest": frozenset(INTERESTS)})
    found = [(name, tags.scores(pixels)) for name, pixels in seen]
    scenes = [(name, scores) for name, scores in found if name in told]
    scores = np.array([[s["scene", label] for label in named] for _, s in scenes])
    right = np.array([[label in told[name] for label in named] for name, _ in scenes])
    result: dict[str, Any] = {"scenes named": named}
    for least in (0.5, 0.7, 0.9):
        result[f"least score {least}"] = figures(scores >= least, right)
        for at, label in enumerate(named):
            result[f"{label}, least {least}"] = figures(scores[:, at] >= least, right[:, at])
    result["reliability"] = reliability(scores.ravel(), right.ravel())
    result |= _interests("objects", SAID, boxes, [seen for seen in found if seen[0] not in told])
    return result | _interests("scenes", SAID_BY_SCENES, told, scenes)


def _interests(
    kind: str,
    by: dict[str, str],
    told: dict[str, set[str]],
    found: Sequence[tuple[str, dict[Any, float]]],
) -> dict[str, Any]:
    result = {}
    for interest, labels in by.items():
        given = set(labels.split(", "))
        said = np.array([scores["interest", interest] >= 0.5 for _, scores in found])
        true = np.array([bool(given & told[name]) for name, _ in found])
        result[f"interest {interest}, by {kind}"] = figures(said, true)
    return result


def taught(seen: Sequence[tuple[str, NDArray[np.uint8]]]) -> dict[str, Any]:
    """Return how well taught scenes are known, and how others are told from them."""
    told = truth("scenes", "labels.csv")
    net = Backbone()
    rows = np.array([embedded(net, pixels) for _, pixels in seen])
    mirrored = np.array([embedded(net, np.ascontiguousarray(p[:, ::-1])) for _, p in seen])
    names = sorted({label for labels in told.values() for label in labels})
    of = np.array([names.index(next(iter(told[name]))) for name, _ in seen])
    best_of, taken, strangers = [], [], []
    for seed in range(2 * SEEDS):
        order = np.random.default_rng(seed).permutation(len(of))
        train = np.concatenate([order[of[order] == n][:EXAMPLES] for n in range(len(names))])
        test = np.setdiff1d(order, train)
        scores = _applied(rows[train], mirrored[train], of[train], rows[test])
        best_of.append(float((scores[:, :-1].argmax(1) == of[test]).mean()))
        winner = scores[:, :-1].argmax(1)
        taken.append((scores[np.arange(len(test)), winner], winner == of[test]))
        # Half of the scenes are taught; photos of the other half show none of them.
        half = np.random.default_rng(seed).permutation(len(names))[: len(names) // 2]
        some = train[np.isin(of[train], half)]
        place = {n: at for at, n in enumerate(sorted(half))}
        kinds = np.array([place[n] for n in of[some]])
        scores = _applied(rows[some], mirrored[some], kinds, rows[test])[:, :-1]
        right = np.array([place.get(n, -1) for n in of[test]])[:, None] == np.arange(len(half))
        strangers.append((scores, right))
    sure = np.concatenate([s for s, _ in taken]), np.concatenate([r for _, r in taken])
    half_scores = np.concatenate([s.ravel() for s, _ in strangers])
    half_right = np.concatenate([r.ravel() for _, r in strangers])
    return {
        "top-1": round(float(np.mean(best_of)), 4),
        "top-1, worst and best of the runs": [round(min(best_of), 4), round(max(best_of), 4)],
        "reliability": reliability(*sure),
        "half taught, half strangers: least .5": figures(half_scores >= 0.5, half_right),
        "half taught, half strangers: reliability": reliability(half_scores, half_right),
    }


def _applied(rows: Floats, mirrored: Floats, of: NDArray[Any], test: Floats) -> NDArray[np.float64]:
    both = np.stack([rows, mirrored], axis=1).reshape(-1, rows.shape[1])
    arrays = fit_rows(both, np.repeat(of, 2))
    centre, weights, bias = (arrays[n].astype(np.float64) for n in ("centre", "weights", "bias"))
    return softmax((test - centre) @ weights.T + bias)


def milliseconds(
    seen: Sequence[tuple[str, NDArray[np.uint8]]], count: int = 15
) -> dict[str, float]:
    """Return the median CPU milliseconds of a photo, 1280 pixels on its longer side."""
    kinds = {"object": frozenset(OBJECTS), "scene": frozenset(SCENES)}
    wanted = {"all": kinds | {"interest": frozenset(INTERESTS)}, "objects alone": {}}
    wanted["objects alone"] = {"object": kinds["object"]}
    result = {}
    for name, labels in wanted.items():
        tags = Tags(labels)
        times = []
        for _, pixels in seen[:count]:
            by = TIMED / max(pixels.shape)
            large = resize(pixels, None, fx=by, fy=by, interpolation=INTER_CUBIC)
            start = time.process_time()
            tags.scores(np.asarray(large, dtype=np.uint8))
            times.append(time.process_time() - start)
        result[name] = round(1000 * float(np.median(times)), 1)
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--redacted", type=Path)
    parser.add_argument("--raw", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = None if options.raw else options.redacted or Path(spare)
        of_objects = list(photos("objects", folder))
        of_scenes = list(photos("scenes", folder))
    result = {
        "objects": objects(of_objects),
        "public": public([*of_objects, *of_scenes]),
        "taught": taught(of_scenes),
        "cpu milliseconds at 1280": milliseconds(of_objects),
    }
    for part, told in result.items():
        for name, figure in told.items():
            rows = figure if isinstance(figure, list) and name.endswith("reliability") else [figure]
            for row in rows:
                print(f"{part:10} {name:46} {row}", flush=True)
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
