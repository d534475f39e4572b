"""How well photos that look the same are told, and how often others are taken for them.

`python -m tests.benchmarks.bench_duplicates --photos DIR [--redacted N] [--most PIXELS]`

DIR is the development data (README there). Copies of each photo are made as they come about: saved
anew, at half the size, brighter, cut, and as the next shot of a burst (moved, turned by up to one
degree, another exposure, noise). Without `--redacted` fingerprints are those of whole photos, all
of them; with it, of N photos a set after redaction, copies redacted on their own: about two seconds
each.

*told*: copies within the distance of their photo, of those that both have a fingerprint. *joined*:
pairs of different files of one set within the distance. Sets hold true copies too (of logos,
mostly, that several people put on the web): `--pairs` lists what is joined, to be looked at.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.recognition.fingerprint import fingerprint_of
from engine.statistics.near_duplicates import DISTANCE
from policies.lexicon import Lexicon
from redaction import RedactedPhoto, RedactionRules, redact, warm_up
from redaction.types.photo import seal

SETS: Final = ("brands", "scenes", "objects", "identities", "faces", "documents", "text")
DISTANCES: Final = (32, 48, 64, DISTANCE, 80)
Pixels = NDArray[np.uint8]


def _saved(pixels: Pixels, quality: int) -> Pixels:
    packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _cut(pixels: Pixels, part: float) -> Pixels:
    y, x = (round(side * part / 2) for side in pixels.shape[:2])
    return pixels[y : pixels.shape[0] - y, x : pixels.shape[1] - x].copy()


def _half(pixels: Pixels) -> Pixels:
    smaller = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return _saved(np.asarray(smaller, np.uint8), 70)


def _burst(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-1, 1), 1.0)
    turn[:, 2] += rng.uniform(-0.015, 0.015, 2) * (width, height)
    moved = cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    shot = moved * rng.uniform(0.95, 1.05) + rng.normal(0, 4, moved.shape)
    return _saved(np.clip(shot, 0, 255).astype(np.uint8), 85)


CHANGES: Final[dict[str, Callable[[Pixels, np.random.Generator], Pixels]]] = {
    "saved anew": lambda pixels, _: _saved(pixels, 40),
    "half the size": lambda pixels, _: _half(pixels),
    "a fifth brighter": lambda pixels, _: np.clip(pixels * 1.2, 0, 255).astype(np.uint8),
    "cut by 2 %": lambda pixels, _: _cut(pixels, 0.02),
    "cut by 5 %": lambda pixels, _: _cut(pixels, 0.05),
    "a burst": _burst,
}


def _of(pixels: Pixels, rules: RedactionRules | None) -> bytes | None:
    """Return the fingerprint of a photo (BGR), redacted or whole; None where there is none."""
    if rules is None:
        rgb = np.ascontiguousarray(pixels[..., ::-1])
        return fingerprint_of(seal(rgb, (), frozenset()))
    done = redact(cv2.imencode(".png", pixels)[1].tobytes(), rules)
    return fingerprint_of(done) if isinstance(done, RedactedPhoto) else None


def _photos(folder: Path, most: int, number: int | None) -> Iterator[tuple[str, Pixels]]:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    if number is not None:
        chosen = np.random.default_rng(0).choice(len(files), min(number, len(files)), False)
        # Neighbours by name are of one person or scene, and so the hardest.
        files = files[:number] if folder.parent.name == "identities" else [files[i] for i in chosen]
    for file in files:
        pixels = cv2.imread(str(file))
        if pixels is not None:
            by = min(1.0, most / max(pixels.shape[:2]))
            small = cv2.resize(pixels, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
            yield file.name, np.asarray(small, np.uint8)


def _apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def main() -> None:
    """Measure, and print one JSON object."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--photos", type=Path, required=True)
    ask.add_argument("--redacted", type=int)
    ask.add_argument("--most", type=int, default=640, help="pixels of the longer side")
    ask.add_argument("--pairs", action="store_true")
    given = ask.parse_args()
    rules = None
    if given.redacted is not None:
        rules = RedactionRules(Lexicon(()))
        warm_up(rules)
    rng = np.random.default_rng(1)
    copies: dict[str, list[int]] = defaultdict(list)
    sets = {}
    for name in SETS:
        made: list[tuple[str, bytes]] = []
        seen = 0
        for file, pixels in _photos(given.photos / name / "photos", given.most, given.redacted):
            seen += 1
            own = _of(pixels, rules)
            if own is None:
                continue
            made.append((file, own))
            # A quarter of the photos is enough to know how far copies lie.
            for change, how in CHANGES.items() if seen % 4 == 1 else ():
                other = _of(how(pixels, rng), rules)
                if other is not None:
                    copies[change].append(_apart(own, other))
        pairs = [
            (_apart(a, b), one, two)
            for at, (one, a) in enumerate(made)
            for two, b in made[at + 1 :]
        ]
        joined = {d: sum(apart <= d for apart, _, _ in pairs) for d in DISTANCES}
        sets[name] = {"photos": seen, "plain": seen - len(made), "pairs": len(pairs)}
        sets[name] |= {"joined": joined}
        if given.pairs:
            sets[name] |= {"looks": sorted(p for p in pairs if p[0] <= DISTANCES[-1])}
    told = {
        change: {"copies": len(far)} | {d: round(float(np.mean(np.array(far) <= d)), 3)
                                        for d in DISTANCES}
        for change, far in copies.items()
    }  # fmt: skip
    print(json.dumps({"redacted": rules is not None, "told": told, "sets": sets}, indent=1))


if __name__ == "__main__":
    main()
