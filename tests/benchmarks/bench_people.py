"""How well whole people are covered, and what is veiled for nothing.

`python -m tests.benchmarks.bench_people`

Three looks: at the labelled people of COCO photos (on whose set the net was trained, so that these
figures flatter it), at photos of another set where only faces are labelled (the share of faces
that lie under a person found without knowing the faces), and the time that a photo takes.
"""

import csv
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from redaction.people import find_people
from redaction.regions import mask_of
from redaction.types.region import Region
from tests.development_data import development_data

BANDS: Final = ((0, 32), (32, 96), (96, 100_000))
"""Heights of people, in pixels."""
FACE_BANDS: Final = ((12, 24), (24, 48), (48, 100_000))
NONE: Final = np.empty((0, 4))
TIMED_WIDTH: Final = 1280


def truth(folder: Path, kind: str, label: str) -> dict[str, NDArray[np.float64]]:
    """Return the (n, 4) boxes of one label, by photo; photos without one have none."""
    boxes: dict[str, list[list[float]]] = {p.name: [] for p in (folder / "photos").iterdir()}
    with (folder / "boxes.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] == kind and label in ("", row["label"]):
                boxes[row["photo"]].append([float(row[c]) for c in ("x0", "y0", "x1", "y1")])
    return {name: np.array(found).reshape(-1, 4) for name, found in sorted(boxes.items())}


def opened(folder: Path, name: str) -> NDArray[np.uint8]:
    with Image.open(folder / "photos" / name) as image:
        return np.asarray(image.convert("RGB"))


def veiled(pixels: NDArray[np.uint8], faces: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return what `find_people` covers."""
    regions = [Region("person", corners) for corners in find_people(pixels, faces)]
    return mask_of(regions, *pixels.shape[:2])


def cover(mask: NDArray[np.bool_], boxes: NDArray[np.float64]) -> list[float]:
    """Return the share of each box that lies under the veil."""
    height, width = mask.shape
    shares = []
    for x0, y0, x1, y1 in np.clip(np.rint(boxes), 0, (width, height) * 2).astype(int):
        inside = mask[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        shares.append(float(inside.mean()) if inside.size else 0.0)
    return shares


def people_of(folder: Path) -> dict[str, Any]:
    """Measure on labelled people."""
    by_band: dict[str, list[float]] = defaultdict(list)
    wasted, whole = [], []
    for name, boxes in truth(folder, "object", "person").items():
        mask = veiled(opened(folder, name), NONE)
        shares = cover(mask, boxes)
        for share, (_, y0, _, y1) in zip(shares, boxes, strict=True):
            by_band["all"].append(share)
            low = next(low for low, high in BANDS if low <= y1 - y0 < high)
            by_band[f"height >= {low}"].append(share)
        if shares:
            whole.append(min(shares) >= 0.75)
        wanted = mask_of([Region("person", _corners(b)) for b in boxes], *mask.shape)
        wasted.append(float((mask & ~wanted).mean()))
    return {
        "people": {
            band: {
                "count": len(shares),
                "covered_90": _share(shares, 0.9),
                "covered_75": _share(shares, 0.75),
            }
            for band, shares in by_band.items()
        },
        "photos_with_everybody_covered": round(float(np.mean(whole)), 3),
        "veiled_for_nothing": {
            "mean": round(float(np.mean(wasted)), 3),
            "median": round(float(np.median(wasted)), 3),
            "p95": round(float(np.quantile(wasted, 0.95)), 3),
        },
    }


def faces_of(folder: Path) -> dict[str, Any]:
    """Measure on labelled faces: what of them lies under a person, without and with bodies."""
    by_band: dict[str, list[float]] = defaultdict(list)
    alone, together = [], []
    for name, boxes in truth(folder, "face", "").items():
        pixels = opened(folder, name)
        mask = veiled(pixels, NONE)
        alone.append(float(mask.mean()))
        large = boxes[(boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) >= FACE_BANDS[0][0]]
        together.append(float(veiled(pixels, large).mean()))
        for share, box in zip(cover(mask, large), large, strict=True):
            side = max(box[2] - box[0], box[3] - box[1])
            low = next(low for low, high in FACE_BANDS if low <= side < high)
            by_band[f"face >= {low}"].append(share)
    return {
        "faces_under_people": {
            band: {"count": len(shares), "covered_75": _share(shares, 0.75)}
            for band, shares in sorted(by_band.items())
        },
        "veiled_without_faces": round(float(np.mean(alone)), 3),
        "veiled_with_bodies_of_true_faces": round(float(np.mean(together)), 3),
    }


def milliseconds(folder: Path, photos: int = 20) -> float:
    """Return the median CPU milliseconds of a photo that is 1280 pixels wide."""
    names = sorted(truth(folder, "object", "person"))[:photos]
    times = []
    for name in names:
        pixels = opened(folder, name)
        size = (TIMED_WIDTH, round(pixels.shape[0] * TIMED_WIDTH / pixels.shape[1]))
        large = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
        start = time.process_time()
        find_people(large, NONE)
        times.append(time.process_time() - start)
    return round(1000 * float(np.median(times)), 1)


def main() -> None:
    cv2.setNumThreads(1)
    objects = development_data("objects")
    result = {
        **people_of(objects),
        **faces_of(development_data("faces")),
        "cpu_ms_at_1280": milliseconds(objects),
        "target": {"cpu_ms_at_1280": 150},
    }
    for name, figure in result.items():
        if isinstance(figure, dict):
            for part, value in figure.items():
                print(f"{name:34} {part:16} {value}")
        else:
            print(f"{name:34} {figure}")
    print(json.dumps(result))


def _share(shares: list[float], least: float) -> float:
    return round(float(np.mean(np.array(shares) >= least)), 3)


def _corners(box: NDArray[np.float64]) -> NDArray[np.float64]:
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


if __name__ == "__main__":
    main()
