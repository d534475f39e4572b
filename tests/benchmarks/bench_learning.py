"""How good a brand head is that contributors teach under a budget, and how much it tells of them.

`python -m tests.benchmarks.bench_learning --kept DIR [--seeds N] [--workers N]
[--crowds | --labels N | --attack]`

Photos are redacted first; DIR keeps the redacted copies and their windows between runs, out of the
repository, as `bench_brands` does. The brand photos are dealt out at random to invented
contributors, 8 each; a fifth of the contributors is held back in turn and the rest teaches a head
of 27 brands, by `descend` itself (delta 1e-6, ten epochs, everybody in each step). Each seed deals
anew. *No privacy* is the same training without clip and noise (`plain_descent`).

*Boxes*: held-back labelled boxes that are not mostly veiled, and as many windows of photos without
brands, each said to be the likeliest brand where its score is .5 or more, else none. *Photos*: what
`run` would say, at .5, of held-back photos and of those without brands (`LearnedBrands`, without
the second look that it takes at six windows). Photos that redaction withheld, and marks under the
veil, count as missed there.

More contributors than there are photos for are the same ones, each as often as it takes: what noise
costs is then that of the larger crowd, and what it can learn that of the small one. Those tables
come from `plain_descent` with a clip and with noise of a normal law, and so do those of
`--labels N` for N labels, drawn anew for each seed, and the photos that show them. `--attack` finds
members among the contributors by likelihood ratios (LiRA), with 128 heads of random halves.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.learning.accounting import noise_for
from engine.learning.descent import SHARPNESS, descend
from engine.learning.interface import Examples, Recipe
from engine.recognition.learned.brands import BEATS
from engine.recognition.learned.points import points_of_boxes
from engine.recognition.regions.whitened import bank
from engine.recognition.regions.windows import veiled
from policies.amounts import Delta, Epsilon
from policies.catalogue import Catalogue
from tests.benchmarks.bench_keypoints import ALIASES, truth
from tests.benchmarks.brand_clues import Photo, photos
from tests.benchmarks.plain_descent import plain_descent
from tests.unit.engine.learning.trainings import reserved

FOLDS: Final = 5
EACH: Final = 8
"""Photos of a contributor."""
LEAST: Final = 0.5
"""Score at which a box is told."""
EPSILONS: Final = ("1", "2", "4", "8")
DELTA: Final = Delta.parse("1e-6")
STEPS: Final = 10
GUESS: Final = 80
"""Contributors who teach: four fifths of a hundred."""
CROWDS: Final = (25, 50, 80, 160, 320, 640)
SETS: Final = (("brands", 1), ("scenes", 6))
SHADOWS: Final = 128
PARTS: Final = ("boxes", "photos")

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Data:
    """What is seen in the redacted photos."""

    labels: tuple[str, ...]
    rows: NDArray[np.float32]
    """(n, 128), of each labelled box that is not mostly veiled."""
    targets: Places
    of: Places
    """Which photo a box is of."""
    windows: tuple[NDArray[np.float32], ...]
    """Of each photo with brands, (m, 128)."""
    shown: NDArray[np.bool_]
    """(photos, labels): what they show."""
    free: tuple[NDArray[np.float32], ...]
    """Windows of each photo without brands."""


def seen(kept: Path, workers: int) -> Data:
    boxes = truth()
    labels = tuple(sorted({label for marks in boxes.values() for label, _ in marks}))
    entries = [{"name": label, "aliases": ALIASES.get(label, [])} for label in labels]
    lexicon = Catalogue.model_validate(entries).lexicon
    every = list(photos(kept, lexicon, 1, workers, SETS))
    branded = [photo for photo in every if not photo.free]
    rows, targets, of = [], [], []
    for at, photo in enumerate(branded):
        marks = boxes[photo.name]
        if photo.pixels is None or photo.windows is None:
            continue
        places = np.array([box for _, box in marks], dtype=np.float32)
        bare = veiled(photo.windows.blind, places) <= 0.5
        rows.append(points_of_boxes(photo.pixels, places[bare]))
        targets += [labels.index(marks[n][0]) for n in np.flatnonzero(bare)]
        of += [at] * int(bare.sum())
    return Data(
        labels,
        np.concatenate(rows),
        np.array(targets, dtype=np.int64),
        np.array(of, dtype=np.int64),
        tuple(_windows(photo) for photo in branded),
        np.array([[label in photo.labels for label in labels] for photo in branded]),
        tuple(_windows(photo) for photo in every if photo.free),
    )


def narrowed(data: Data, labels: int, seed: int) -> Data:
    """Return what so many of the labels leave, drawn at random, and the photos that show them."""
    if not labels:
        return data
    kept = np.sort(np.random.default_rng(seed + 10).choice(len(data.labels), labels, replace=False))
    shows = np.flatnonzero(data.shown[:, kept].any(axis=1))
    boxes = np.isin(data.targets, kept)
    return Data(
        tuple(data.labels[at] for at in kept),
        data.rows[boxes],
        np.searchsorted(kept, data.targets[boxes]),
        np.searchsorted(shows, data.of[boxes]),
        tuple(data.windows[at] for at in shows),
        data.shown[np.ix_(shows, kept)],
        data.free,
    )


def _windows(photo: Photo) -> NDArray[np.float32]:
    return np.zeros((0, 128), np.float32) if photo.windows is None else photo.windows.points


def dealt(photos_: int, seed: int) -> Places:
    """Return whose each photo is."""
    random = np.random.default_rng(seed)
    owners = np.empty(photos_, dtype=np.int64)
    owners[random.permutation(photos_)] = np.arange(photos_) // EACH
    return owners


def taught(data: Data, owners: Places, who: Places) -> Examples:
    """Return the examples of these contributors."""
    own = owners[data.of]
    at = np.flatnonzero(np.isin(own, who))
    at = at[np.argsort(own[at], kind="stable")]
    _, numbered = np.unique(own[at], return_inverse=True)
    return Examples(data.rows[at], data.targets[at], numbered.astype(np.int64))


def recipe(data: Data, epsilon: str | None, contributors: int = GUESS) -> Recipe:
    rate = Fraction(1)
    noise = noise_for(Epsilon.parse(epsilon or "8"), STEPS, rate, DELTA)
    return Recipe(
        "brand_head", "brand", data.labels, STEPS, rate, noise, Fraction(1), contributors, 64
    )


def head(data: Data, examples: Examples, epsilon: str | None) -> Floats:
    of = recipe(data, epsilon)
    if epsilon is None:
        return plain_descent(examples, bank(), of)
    return descend(examples, bank(), of, reserved(of)).astype(np.float64)


def sketch(data: Data, examples: Examples, epsilon: str, crowd: int, seed: int) -> Floats:
    """Return a head as so many contributors would teach it, each of these as often as it takes."""
    number = int(examples.contributors[-1]) + 1
    of = recipe(data, epsilon, number)
    noise = float(of.noise) * number / (crowd or number)
    random = np.random.default_rng(seed)
    return plain_descent(examples, bank(), of, clip=1.0, noise=noise, random=random)


def odds(weights: Floats, points: NDArray[np.float32]) -> Floats:
    logits = SHARPNESS * points.astype(np.float64) @ weights.T
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    told: Floats = powers / powers.sum(axis=1, keepdims=True)
    return told


class Counts:
    """Right, wrong and missed, by label."""

    def __init__(self, labels: int) -> None:
        self.said, self.shown, self.right = (np.zeros(labels) for _ in range(3))

    def add(self, said: NDArray[np.bool_], shown: NDArray[np.bool_]) -> None:
        """Add (n, labels) of what was said and what is so."""
        self.said += said.sum(axis=0)
        self.shown += shown.sum(axis=0)
        self.right += (said & shown).sum(axis=0)

    def figures(self) -> dict[str, float]:
        right, said, shown = self.right.sum(), self.said.sum(), self.shown.sum()
        by_label = 2 * self.right / np.maximum(1, self.said + self.shown)
        return {
            "micro": 2 * right / max(1.0, said + shown),
            "macro": float(by_label.mean()),
            "precision": right / max(1.0, said),
            "recall": right / shown,
        }


def held_out(data: Data, owners: Places) -> Iterator[tuple[Places, NDArray[np.bool_], int]]:
    """Yield, fold by fold, who teaches, which photos are held back, and the fold's number."""
    folds = np.arange(owners.max() + 1) % FOLDS
    for fold in range(FOLDS):
        yield np.flatnonzero(folds != fold), folds[owners] == fold, fold


def weigh(
    data: Data, weights: Floats, back: NDArray[np.bool_], fold: int, counts: Mapping[str, Counts]
) -> None:
    """Add what a head says of the photos that were held back from it."""
    number = len(data.labels)
    boxes = back[data.of]
    none = np.concatenate([w[:: max(1, len(w) // 10)] for w in data.free[fold::FOLDS]])
    told = odds(weights, np.concatenate([data.rows[boxes], none]))[:, :number]
    shown = np.zeros((len(told), number), dtype=bool)
    shown[np.arange(boxes.sum()), data.targets[boxes]] = True
    first = np.eye(number, dtype=bool)[told.argmax(axis=1)]
    counts["boxes"].add(first & (told >= LEAST), shown)
    seen_ = [data.windows[at] for at in np.flatnonzero(back)] + list(data.free[fold::FOLDS])
    common = np.quantile(_logits(weights, bank(), number), BEATS, axis=0)
    best = np.array([(_logits(weights, w, number) - common).max(axis=0, initial=-1) for w in seen_])
    free = np.zeros((len(seen_) - int(back.sum()), number), dtype=bool)
    counts["photos"].add(best >= 0, np.concatenate([data.shown[back], free]))


def _logits(weights: Floats, points: NDArray[np.float32], number: int) -> Floats:
    """Return the logarithm of the odds of each brand, (points, number)."""
    logits = SHARPNESS * points.astype(np.float64) @ weights.T
    found = np.zeros((len(points), number))
    for label in range(number):
        others = np.delete(logits, label, axis=1)
        found[:, label] = logits[:, label] - np.logaddexp.reduce(others, axis=1)
    return found


def measured(
    data: Data, seed: int, epsilon: str | None, crowd: int | None = None
) -> dict[str, Any]:
    """Return the figures of one dealing, over all folds.

    `crowd` asks for a sketch, of so many contributors; 0 of as many as there are.
    """
    owners = dealt(len(data.shown), seed)
    counts = {part: Counts(len(data.labels)) for part in PARTS}
    for everybody, back, fold in held_out(data, owners):
        who = np.random.default_rng(seed).permutation(everybody)[: crowd or None]
        examples = taught(data, owners, who)
        if crowd is None:
            weights = head(data, examples, epsilon)
        elif epsilon is None:
            of = recipe(data, None, int(examples.contributors[-1]) + 1)
            weights = plain_descent(examples, bank(), of)
        else:
            weights = sketch(data, examples, epsilon, crowd, 100 * seed + fold)
        weigh(data, weights, back, fold, counts)
    return {part: one.figures() for part, one in counts.items()}


def attacked(data: Data, epsilon: str | None) -> dict[str, float]:
    """Return how well members are found by likelihood ratios among all contributors."""
    owners = dealt(len(data.shown), 0)
    own = owners[data.of]
    everybody = np.unique(own)
    random = np.random.default_rng(0)
    inside = random.random((SHADOWS, len(everybody))) < 0.5
    seen_ = np.zeros(inside.shape)
    public = bank()[::10]
    for at, here in enumerate(inside):
        examples = taught(data, owners, everybody[here])
        of = recipe(data, epsilon, len(everybody) // 2)
        if epsilon is None:
            weights = plain_descent(examples, public, of)
        else:
            noise = float(of.noise)
            weights = plain_descent(examples, public, of, clip=1.0, noise=noise, random=random)
        told = odds(weights, data.rows)[np.arange(len(own)), data.targets]
        logits = np.log(told) - np.log1p(-np.minimum(told, 1 - 1e-12))
        sums = np.bincount(np.searchsorted(everybody, own), logits)
        seen_[at] = sums / np.bincount(np.searchsorted(everybody, own))
    scores = np.zeros(inside.shape)
    for at in range(SHADOWS):
        others = np.arange(SHADOWS) != at
        for person in range(len(everybody)):
            values, there = seen_[others, person], inside[others, person]
            ratio = 0.0
            for part, sign in ((values[there], 1), (values[~there], -1)):
                spread = part.std() + 1e-9
                ratio += sign * (
                    -(((seen_[at, person] - part.mean()) / spread) ** 2) / 2 - np.log(spread)
                )
            scores[at, person] = ratio
    into, out = scores[inside], np.sort(scores[~inside])
    figures = {"area": float(np.mean(np.searchsorted(out, into) / len(out)))}
    for false in (0.001, 0.01, 0.1):
        figures[f"caught at {false}"] = float(np.mean(into > np.quantile(out, 1 - false)))
    return figures


def main() -> None:
    """Print a line per figure, and the whole as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--crowds", action="store_true")
    parser.add_argument("--labels", type=int, default=0)
    parser.add_argument("--attack", action="store_true")
    options = parser.parse_args()
    data = seen(options.kept, options.workers)
    print(f"{len(data.shown)} photos with brands, {len(data.free)} without, {len(data.rows)} boxes")
    result: dict[str, Any] = {}
    cases: list[tuple[str | None, int | None]] = [(e, None) for e in (None, *EPSILONS)]
    if options.crowds:
        cases = [(e, n) for n in CROWDS for e in (None, *EPSILONS)]
    if options.labels:
        cases = [(e, 0) for e in (None, *EPSILONS)]
    if options.attack:
        cases = []
        for epsilon in (None, *EPSILONS):
            result[f"attack {epsilon}"] = attacked(data, epsilon)
            print(f"attack, epsilon {epsilon}: {result[f'attack {epsilon}']}", flush=True)
    for epsilon, crowd in cases:
        runs = [
            measured(narrowed(data, options.labels, seed), seed, epsilon, crowd)
            for seed in range(options.seeds)
        ]
        name = f"epsilon {epsilon}" + (f", {crowd} contributors" if crowd else "")
        result[name] = {
            f"{part} {figure}": [round(float(run[part][figure]), 4) for run in runs]
            for part in runs[0]
            for figure in runs[0][part]
        }
        for figure, values in result[name].items():
            print(f"{name:32} {figure:18} {np.mean(values):.3f} {values}", flush=True)
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
