"""Make `engine/recognition/weights/vocabulary.npy`: the visual words of the keypoint index.

`python -m tests.benchmarks.fit_vocabulary`

k-means over RootSIFT descriptors of the photos that ship in scikit-image, scikit-learn and
matplotlib, and of every third public icon, half of them light on dark. No photo of any evaluation
set is used, and no label: the words only decide where the index looks. Prints the digest that
`engine.recognition.keypoints.vocabulary` must name.
"""

import hashlib
import importlib.util
import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.catalogue.icons import FILE as ICONS
from engine.catalogue.svg import draw_svg
from engine.recognition.keypoints.sift import features, grey_of, resized
from engine.recognition.keypoints.vocabulary import FILE

WORDS: Final = 2048
ROUNDS: Final = 12
SIDES: Final = (640.0, 320.0)
ICON_SIDE: Final = 96.0
PHOTOS: Final = (
    ("skimage", "data"),
    ("sklearn", "datasets/images"),
    ("matplotlib", "mpl-data/sample_data"),
)


def photos() -> Iterator[NDArray[np.uint8]]:
    """Yield the photos that ship in packages, in grey."""
    for package, folder in PHOTOS:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        for file in sorted((Path(spec.origin).parent / folder).iterdir()):
            if file.suffix in {".png", ".jpg", ".jpeg"}:
                with Image.open(file) as image:
                    pixels = np.asarray(image.convert("RGB"))
                if max(pixels.shape) >= 128:
                    yield grey_of(pixels)


def icons() -> Iterator[NDArray[np.uint8]]:
    """Yield every third icon, dark on light and light on dark by turns."""
    drawings = [i["svg"] for i in json.loads(lzma.decompress(ICONS.read_bytes())) if i.get("svg")]
    for number, svg in enumerate(drawings[::3]):
        alpha = draw_svg(svg.encode())[..., 3]
        alpha = resized(np.pad(alpha, max(alpha.shape) // 4), ICON_SIDE)[0]
        yield alpha if number % 2 else 255 - alpha


def descriptors() -> NDArray[np.float32]:
    """Return what the words are fitted to."""
    found = [features(resized(p, side)[0], 1500).descriptors for p in photos() for side in SIDES]
    found += [features(icon, 40).descriptors for icon in icons()]
    return np.concatenate(found).astype(np.float32)


def words(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the centres of k-means, as bytes."""
    random = np.random.default_rng(0)
    centres = points[random.choice(len(points), WORDS, replace=False)]
    for _ in range(ROUNDS):
        half = (centres**2).sum(axis=1) / 2
        nearest = np.concatenate(
            [
                np.argmin(half - points[s : s + 2048] @ centres.T, axis=1)
                for s in range(0, len(points), 2048)
            ]
        )
        counts = np.bincount(nearest, minlength=WORDS)
        total = np.zeros_like(centres)
        np.add.at(total, nearest, points)
        afresh = points[random.choice(len(points), WORDS)]
        means = total / np.maximum(counts, 1)[:, None]
        centres = np.where(counts[:, None] > 0, means, afresh).astype(np.float32)
    return np.clip(np.round(centres), 0, 255).astype(np.uint8)


def main() -> None:
    """Write the file."""
    centres = words(descriptors())
    part = FILE.with_suffix(".part.npy")
    np.save(part, centres, allow_pickle=False)
    os.replace(part, FILE)
    print("sha256:" + hashlib.sha256(FILE.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
