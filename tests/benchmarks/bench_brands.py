"""How well brands are recognised, cross-validated on the development photos: the table of targets.

`python -m tests.benchmarks.bench_brands --kept DIR [--every N] [--workers N] [--brands N] [--fit]`

Photos are redacted first; DIR keeps the redacted copies and what was seen in them between runs,
out of the repository. Five folds by photo; in each, 5 crops a brand come from the boxes of the
other folds' photos. *Fitted on other folds* are scores by a rule that was fitted without the photo;
*as shipped*, by the rule in `engine/recognition/brands/weighing.py`. In the crowd there are N
brands, the others with their icons alone. Further brands that photos show are not labelled, so some
of what counts as false is true. Brand-free photos are the sets of scenes and objects. `--fit`
prints the rule's numbers, fitted on all photos of both cases.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from engine.recognition.brands.weighing import BIAS, SIGNS, WEIGHTS, signs
from engine.recognition.marks import Mark
from policies.catalogue import Catalogue
from tests.benchmarks.bench_keypoints import ALIASES, crops, crowd, icons, truth
from tests.benchmarks.brand_clues import FOLDS, Seen_, clues, fold_of, photos

PRECISION: Final = 0.95
LEASTS: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
HOLD: Final = 1e-4
"""Weight of the squares of the weights, which holds them small."""
Floats = NDArray[np.float64]


class Rows:
    """Every brand that anything hints at, in every photo."""

    def __init__(self, seen: Seen_, labels: frozenset[str]) -> None:
        asked = [(p, c) for p, c in seen if p.free or p.labels & labels]
        self.photos = [photo for photo, _ in asked]
        self.wanted = sum(len(photo.labels & labels) for photo in self.photos)
        pairs = [(at, label, one) for at, (_, c) in enumerate(asked) for label, one in c.items()]
        self.photo = np.array([at for at, _, _ in pairs], dtype=np.int64)
        self.signs = np.array([signs(one) for _, _, one in pairs]).reshape(-1, len(SIGNS))
        self.right = np.array([label in self.photos[at].labels for at, label, _ in pairs], bool)
        self.free = np.array([self.photos[at].free for at, _, _ in pairs], bool)
        self.fold = np.array([self.photos[at].fold for at, _, _ in pairs], dtype=np.int64)

    def figures(self, scores: Floats) -> dict[str, Any]:
        """Return precision, recall and false alarms, at least scores and at the best one."""
        result: dict[str, Any] = {"photos": len(self.photos), "labels": self.wanted}
        free = sum(photo.free for photo in self.photos)
        order = np.argsort(-scores, kind="stable")
        precision = np.cumsum(self.right[order]) / np.arange(1, len(order) + 1)
        good = np.flatnonzero(precision >= PRECISION)
        best = [float(scores[order[good[-1]]])] if len(good) else []
        for name, least in [
            *((f"least {v}", v) for v in LEASTS),
            *((f"P {PRECISION}", v) for v in best),
        ]:
            said = scores >= least
            right = int(self.right[said].sum())
            result[name] = {
                "precision": round(right / max(1, int(said.sum())), 3),
                "recall": round(right / max(1, self.wanted), 3),
                "brand_free": round(len(set(self.photo[said & self.free])) / max(1, free), 4),
                "score": round(least, 3),
            }
        result["reliability"] = list(self._reliability(scores))
        return result

    def _reliability(self, scores: Floats) -> Iterable[tuple[str, int, float]]:
        ends = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97, 1.0)
        for above, up_to in zip((0.0, *ends), ends, strict=False):
            inside = (scores > above) & (scores <= up_to)
            if inside.any():
                share = round(float(self.right[inside].mean()), 3)
                yield f"{above} to {up_to}", int(inside.sum()), share


def held_out(rows: Rows, fit_on: Sequence[Rows]) -> Floats:
    """Return scores by rules that were fitted on the other folds of these cases together."""
    scores = np.zeros(len(rows.right))
    for fold in range(FOLDS):
        values = np.concatenate([other.signs[other.fold != fold] for other in fit_on])
        right = np.concatenate([other.right[other.fold != fold] for other in fit_on])
        weights, bias = fitted(values, right)
        inside = rows.fold == fold
        scores[inside] = logistic(rows.signs[inside] @ weights + bias)
    return scores


def fitted(values: Floats, right: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return weights of at least 0 and a bias: logistic regression, held towards 0."""
    spread = np.maximum(values.std(axis=0), 1e-6)
    scaled, sign = values / spread, np.where(right, 1.0, -1.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = sign * (scaled @ at[:-1] + at[-1])
        pull = -sign / (1 + np.exp(np.clip(margin, -50, 50)))
        value = np.logaddexp(0, -margin).mean() + HOLD * (at[:-1] ** 2).sum()
        slope = np.append(scaled.T @ pull / len(sign) + 2 * HOLD * at[:-1], pull.mean())
        return float(value), slope

    start = np.append(np.full(len(spread), 0.1), -3.0)
    bounds = [(0, None)] * len(spread) + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:-1] / spread, float(found[-1])


def logistic(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-values))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--crowd-every", type=int, default=3)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    boxes = truth()
    labels = sorted({label for marks in boxes.values() for label, _ in marks})
    entries = [{"name": label, "aliases": ALIASES.get(label, [])} for label in labels]
    lexicon = Catalogue.model_validate(entries).lexicon
    every = list(photos(options.kept, lexicon, options.every, options.workers))
    print(f"{len(every)} photos, {sum(p.withheld for p in every)} withheld", flush=True)
    by_fold = {n: crops(boxes, n, fold_of) for n in range(FOLDS)}
    drawn = icons(labels)
    fit_on = [
        Rows(clues(every, lambda n: by_fold[n], lexicon), frozenset(labels)),
        Rows(clues(every, lambda _: drawn, lexicon), frozenset(mark.label for mark in drawn)),
    ]
    cases = dict(zip(("5 crops", "names and SVG"), fit_on, strict=True))
    if options.brands > len(labels):
        few = every[:: options.crowd_every]
        others: list[Mark] = crowd(options.brands - len(labels), labels)
        for name, more in (("27", []), (str(options.brands), others)):
            seen = clues(few, lambda n, more=more: by_fold[n] + more, lexicon)
            cases[f"5 crops, {name} brands, fewer photos"] = Rows(seen, frozenset(labels))
    if options.fit:
        values = np.concatenate([rows.signs for rows in fit_on])
        weights, bias = fitted(values, np.concatenate([rows.right for rows in fit_on]))
        print("WEIGHTS", tuple(round(float(w), 2) for w in weights), "BIAS", round(bias, 2))
    result: dict[str, Any] = {}
    for name, rows in cases.items():
        shipped = logistic(rows.signs @ np.array(WEIGHTS) + BIAS)
        rules = {"fitted on other folds": held_out(rows, fit_on), "as shipped": shipped}
        result[name] = {rule: rows.figures(scores) for rule, scores in rules.items()}
        for rule, figures in result[name].items():
            for part, figure in figures.items():
                print(f"{name:36} {rule:22} {part:12} {figure}", flush=True)
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
