"""Faces: what is covered, what it costs, and what the second look would catch.

    python -m tests.benchmarks.bench_faces [--photos N] [--large N] [--dropped N]

Needs the development data. Prints one JSON object, then a line a figure with anchor and target.
Everything goes through `redaction.review`, so text and codes are looked for as well.

- `faces`: WIDER sample. A face is covered when 75 % of its box lies under veils; faces of withheld
  photos are not counted. Veiled for nothing: share of the photo under veils for faces that lies
  outside every true head, which is `regions.head` of the true box, 1.3 times as large.
- `large`: portraits whose face is 32 to 200 pixels wide, pasted into scenes enlarged to 1,000 to
  4,000 pixels, seeded.
- `dropped`: one sure face of a photo is left out of the first look; share that the second finds.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import redaction
from policies.lexicon import Lexicon
from redaction import RedactionRules
from redaction.faces import find_faces
from redaction.faces.boxes import Floats
from redaction.regions import examine, head, is_bare, mask_of
from redaction.review import review
from redaction.second_look import look_again
from redaction.types.region import Region
from redaction.veil import veil
from tests.development_data import development_data

RULES = RedactionRules(lexicon=Lexicon(()))
COVERED = 0.75
PORTRAIT_FACE = (80.0, 78.0, 170.0, 188.0)
"""Where the face is in a deep-funnelled portrait of 250 x 250 pixels."""


@dataclass
class Tally:
    """What was counted."""

    covered: list[tuple[float, bool]] = field(default_factory=list)
    safe: list[bool] = field(default_factory=list)
    nothing: list[float] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)
    photos: int = 0

    def share(self, least: float, below: float = 1e9) -> float | None:
        """Share of the faces of a size that are covered."""
        there = [ok for size, ok in self.covered if least <= size < below]
        return round(float(np.mean(there)), 4) if there else None


def true_faces(folder: Path) -> dict[str, Floats]:
    """Return the boxes of each photo."""
    boxes = defaultdict(list)
    with (folder / "boxes.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] == "face":
                boxes[row["photo"]].append([float(row[c]) for c in ("x0", "y0", "x1", "y1")])
    return {name: np.array(rows) for name, rows in sorted(boxes.items())}


def count(raw: bytes, faces: Floats, least: float, tally: Tally) -> None:
    """Redact one photo and compare; faces of less than `least` pixels are not counted."""
    tally.photos += 1
    seen = review(raw, RULES)
    sizes = (faces[:, 2:] - faces[:, :2]).max(axis=1)
    if seen.withheld is not None:
        tally.withheld[seen.withheld.value] += 1
        if (sizes >= least).any():
            tally.safe.append(True)
        return
    height, width = seen.mask.shape
    scaled = faces * (width / seen.size[0])
    under = []
    for box, size in zip(scaled, sizes, strict=True):
        if size >= least:
            x0, y0, x1, y1 = np.rint(np.maximum(box, 0)).astype(int)
            inside = seen.mask[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
            under.append(bool(inside.size and inside.mean() >= COVERED))
            tally.covered.append((float(size), under[-1]))
    if under:
        tally.safe.append(all(under))
    heads = [Region("face", _larger(head(box))) for box in scaled]
    veiled = mask_of([r for r in seen.regions if r.is_for("face")], height, width)
    tally.nothing.append(float((veiled & ~mask_of(heads, height, width)).mean()))


def _larger(corners: Floats) -> Floats:
    middle = corners.mean(axis=0)
    grown: Floats = middle + 1.3 * (corners - middle)
    return grown


def faces_set(photos: int) -> dict[str, Any]:
    """The faces of the WIDER sample."""
    folder = development_data("faces")
    tally = Tally()
    for name, boxes in list(true_faces(folder).items())[:photos]:
        count((folder / "photos" / name).read_bytes(), boxes, 12, tally)
    bands = ((12, 16), (16, 24), (24, 32), (32, 64), (64, 1e9))
    return {
        "photos": tally.photos,
        "covered_12": tally.share(12),
        "covered_24": tally.share(24),
        "bands": {f"{a:g}-{b:g}": tally.share(a, b) for a, b in bands},
        "photos_safe": round(float(np.mean(tally.safe)), 4),
        "withheld": round(sum(tally.withheld.values()) / tally.photos, 4),
        "reasons": dict(tally.withheld),
        "veiled_for_nothing": round(float(np.mean(tally.nothing)), 4),
    }


def large_set(photos: int) -> dict[str, Any]:
    """Known faces in pictures of usual sizes."""
    rng = np.random.default_rng(20261124)
    portraits = sorted(development_data("identities", "photos").rglob("*.jpg"))
    scenes = sorted(development_data("scenes", "photos").rglob("*.jpg"))
    tally = Tally()
    for _ in range(photos):
        scene = cv2.imread(str(scenes[rng.integers(len(scenes))]))
        longest = int(rng.integers(1000, 4001))
        scale = longest / max(scene.shape[:2])
        canvas = cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        boxes = []
        for column in range(3):
            side = rng.uniform(32, 200) / (PORTRAIT_FACE[2] - PORTRAIT_FACE[0])
            picked = cv2.imread(str(portraits[rng.integers(len(portraits))]))
            way = cv2.INTER_AREA if side < 1 else cv2.INTER_CUBIC
            portrait = cv2.resize(picked, None, fx=side, fy=side, interpolation=way)
            high, wide = portrait.shape[:2]
            cell = canvas.shape[1] // 3
            if wide >= cell or high >= canvas.shape[0]:
                continue
            x = column * cell + int(rng.integers(0, cell - wide))
            y = int(rng.integers(0, canvas.shape[0] - high))
            canvas[y : y + high, x : x + wide] = portrait
            boxes.append(np.array(PORTRAIT_FACE) * side + [x, y, x, y])
        if boxes:
            raw = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
            count(raw, np.array(boxes), 32, tally)
    return {
        "photos": tally.photos,
        "faces": len(tally.covered),
        "covered_32": tally.share(32),
        "withheld": round(sum(tally.withheld.values()) / max(tally.photos, 1), 4),
        "reasons": dict(tally.withheld),
    }


def dropped_set(photos: int) -> dict[str, Any]:
    """What the second look finds of a sure face that the first one leaves out."""
    folder = development_data("faces")
    rng = np.random.default_rng(7)
    caught = Counter[str]()
    total = Counter[str]()
    for name in list(true_faces(folder))[:photos]:
        pixels = np.ascontiguousarray(cv2.imread(str(folder / "photos" / name))[:, :, ::-1])
        found = find_faces(pixels)
        sizes = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
        sure = np.flatnonzero((found.scores >= 0.5) & (sizes >= 16))
        if not len(sure):
            continue
        gone = sure[rng.integers(len(sure))]
        first = examine(pixels, RULES)
        kept = [
            r
            for r in first.regions
            if r.kind != "face" or not _inside(found.boxes[gone], r.corners)
        ]
        mask = mask_of(kept, *pixels.shape[:2])
        if not is_bare(found.boxes[gone], mask):
            continue  # another veil covers it anyway
        left = look_again(veil(pixels, mask), mask, first)
        again = mask | mask_of(left, *mask.shape)
        band = "16-32" if sizes[gone] < 32 else "32+"
        total[band] += 1
        caught[band] += not is_bare(found.boxes[gone], again)
    return {
        "dropped": dict(total),
        "caught": {band: round(caught[band] / n, 4) for band, n in total.items()},
    }


def _inside(face: Floats, corners: Floats) -> bool:
    middle = (face[:2] + face[2:]) / 2
    return bool((corners.min(axis=0) < middle).all() and (middle < corners.max(axis=0)).all())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--large", type=int, default=60)
    parser.add_argument("--dropped", type=int, default=60)
    given = parser.parse_args()
    redaction.warm_up()
    faces, large = faces_set(given.photos), large_set(given.large)
    dropped = dropped_set(given.dropped)
    print(json.dumps({"faces": faces, "large": large, "dropped": dropped}))
    print(f"faces >= 12 px covered   {faces['covered_12']}  (anchor .925, target .97)")
    print(f"faces >= 24 px covered   {faces['covered_24']}  (anchor .92, target .985)")
    print(f"veiled for nothing       {faces['veiled_for_nothing']}  (anchor .049, at most .05)")
    print(f"photos whole or withheld {faces['photos_safe']}  (anchor .72, target .95)")
    print(f"withheld                 {faces['withheld']}  (at most .15)")
    print(f"large, >= 32 px covered  {large['covered_32']}  (target .99)")
    print(f"dropped, found again     {dropped['caught']}")


if __name__ == "__main__":
    main()
