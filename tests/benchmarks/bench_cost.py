"""What recognition costs, all kinds together, beside the naive sum of its parts.

`python -m tests.benchmarks.bench_cost [--photos N] [--brands N]`

Processor seconds of a photo of 1280 pixels on one core, medians over photos of scenes that ship in
scikit-image, enlarged or made smaller. *Together* is what a run does, with 5 drawn marks a brand.
*Naive* are the same parts as a user would put them together: SIFT at the photo's own size against
every mark's features by brute force, the region net on every window of the lattice that it would
else choose from, and each of the nets for scenes and objects by itself.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from engine.recognition import score
from engine.recognition.backbone import Backbone
from engine.recognition.brands import Brands
from engine.recognition.keypoints import Keypoints, build_keypoints
from engine.recognition.keypoints.sift import features, grey_of
from engine.recognition.keypoints.views import views
from engine.recognition.marks import Mark
from engine.recognition.regions import Regions, fit_regions
from engine.recognition.regions.find import embedded
from engine.recognition.regions.windows import LONGEST, propose
from engine.recognition.tags import Tags
from engine.recognition.wordmarks import Wordmarks
from policies.lexicon import Lexicon
from policies.tags import INTERESTS, OBJECTS, SCENES
from redaction.types.photo import seal
from tests.benchmarks.bench_keypoints import crowd

SIDE: Final = 1280
PICTURES: Final = (
    "astronaut",
    "chelsea",
    "coffee",
    "rocket",
    "hubble_deep_field",
    "immunohistochemistry",
)
NAIVE_WINDOWS: Final = 800
Pixels = NDArray[np.uint8]


def pictures(count: int) -> list[Pixels]:
    found = []
    for name in PICTURES[:count]:
        picture = getattr(data, name)()
        by = SIDE / max(picture.shape)
        found.append(np.ascontiguousarray(cv2.resize(picture, None, fx=by, fy=by)))
    return found


def spent(work: Callable[[Pixels], Any], photos: list[Pixels]) -> float:
    """Return the median processor milliseconds of a photo, the first one left out."""
    times = []
    for photo in [photos[0], *photos]:
        start = time.process_time()
        work(photo)
        times.append(time.process_time() - start)
    return round(1000 * float(np.median(times[1:])), 1)


def recognition(count: int, lexicon: Lexicon | None = None) -> tuple[list[Mark], Brands, Tags]:
    """Return drawn marks of so many brands, and what sees them and all tags.

    `lexicon` is what the photos were redacted by.
    """
    marks = crowd(count, [])
    names = sorted({mark.label for mark in marks})
    keypoints = Keypoints(build_keypoints(marks), names)
    regions = Regions(fit_regions(marks), names)
    words = Wordmarks(lexicon or Lexicon(()))
    brands = Brands(words, names, keypoints=keypoints, regions=regions)
    kinds = {"object": OBJECTS, "scene": SCENES, "interest": INTERESTS}
    return marks, brands, Tags({kind: frozenset(labels) for kind, labels in kinds.items()})


def descriptors(marks: list[Mark]) -> list[NDArray[np.float32]]:
    """Return the local features of all views of marks."""
    return [view.found.descriptors.astype(np.float32) for mark in marks for view in views(mark)]


def naive(
    known: list[NDArray[np.float32]], tags: Tags, backbone: Backbone
) -> dict[str, Callable[[Pixels], Any]]:
    """Return recognition's parts as they are put together without each other."""
    return {
        "naive: SIFT, every mark": lambda p: _brute(p, known),
        "naive: every window": lambda p: _windows(p, backbone),
        "naive: nets": lambda p: [tags.scores(p), backbone.look(p)],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=len(PICTURES))
    parser.add_argument("--brands", type=int, default=27)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    photos = pictures(options.photos)
    marks, brands, tags = recognition(options.brands)
    result = {
        "brands": spent(lambda p: score(_photo(p), [brands]), photos),
        "scenes, objects, interests": spent(lambda p: score(_photo(p), [tags]), photos),
        "together": spent(lambda p: score(_photo(p), [brands, tags]), photos),
    }
    alone = naive(descriptors(marks), tags, Backbone())
    result |= {name: spent(work, photos) for name, work in alone.items()}
    total = round(sum(result[name] for name in alone), 1)
    result |= {"naive sum": total, "ratio": round(total / result["together"], 2)}
    for name, figure in result.items():
        print(f"{name:28} {figure}")
    json.dump(result, sys.stdout)
    print()


def _photo(pixels: Pixels) -> Any:
    return seal(pixels, (), frozenset())


def _brute(pixels: Pixels, known: list[NDArray[np.float32]]) -> None:
    seen = features(grey_of(pixels), 10_000).descriptors.astype(np.float32)
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    for descriptors in known:
        matcher.knnMatch(seen, descriptors, k=2)


def _windows(pixels: Pixels, backbone: Backbone) -> None:
    blind = np.zeros(pixels.shape[:2], np.bool_)
    boxes = propose(backbone.maps(pixels, LONGEST), blind, NAIVE_WINDOWS).boxes
    embedded(pixels, boxes)


if __name__ == "__main__":
    main()
