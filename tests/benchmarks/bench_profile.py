"""Where the time of a photo goes, by stage.

`python -m tests.benchmarks.bench_profile [--photos N] [--people faces|people] [--json]`

Seconds of the clock, on one core, of photos of 1280 pixels (those of `bench_speed`), everything on:
whole redaction, then brands by names, features and looks with 5 drawn marks for each of 27 brands,
then scenes, objects and interests. Each stage's seconds are its own: what it calls of another stage
is that one's. Decoding is done by a process of its own, whose time is in it. Run it on a machine
that does nothing else. The last rows are the process's own processor time and what no stage has.
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2

from engine.recognition import score
from engine.recognition.brands import Brands
from engine.recognition.keypoints import Keypoints, build_keypoints
from engine.recognition.regions import Regions, fit_regions
from engine.recognition.tags import Tags
from engine.recognition.wordmarks import Wordmarks
from policies.lexicon import Lexicon
from policies.tags import INTERESTS, OBJECTS, SCENES
from redaction import RedactedPhoto, RedactionRules, redact, warm_up
from tests.benchmarks.bench_keypoints import crowd
from tests.benchmarks.bench_speed import SIDE, enlarged_photos

BRANDS: Final = 27
STAGES: Final = {
    "redact: decode": ("redaction.review:decode_sized",),
    "redact: faces": ("redaction.regions:find_faces",),
    "redact: people": ("redaction.regions:find_people",),
    "redact: codes": ("redaction.regions:find_codes",),
    "redact: text": ("redaction.regions:_text",),
    "redact: veil": ("redaction.obscure:veil", "redaction.obscure:mask_of"),
    "redact: second look": ("redaction.obscure:look_again", "redaction.obscure:is_anything_left"),
    "recognise: words": ("engine.recognition.wordmarks:Wordmarks.find",),
    "recognise: keypoints": ("engine.recognition.keypoints:Keypoints.find",),
    "recognise: regions": (
        "engine.recognition.brands.recogniser:Brands._windows",
        "engine.recognition.regions:Regions.find_in",
    ),
    "recognise: tags": ("engine.recognition.tags:Tags.score",),
}


class Clock:
    """Adds up each stage's own seconds."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._inner: list[float] = []

    def timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with the stage's clock around it."""

        def stopped(*given: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return call(*given, **named)
            finally:
                took = time.perf_counter() - start
                self.seconds[stage] += took - self._inner.pop()
                if self._inner:
                    self._inner[-1] += took

        return stopped


@contextmanager
def clocked(clock: Clock) -> Iterator[None]:
    """Put the clock around every stage while this lasts."""
    replaced = []
    for stage, places in STAGES.items():
        for place in places:
            module, _, path = place.partition(":")
            *outer, name = path.split(".")
            holder: Any = importlib.import_module(module)
            for part in outer:
                holder = getattr(holder, part)
            call = getattr(holder, name)
            replaced.append((holder, name, call))
            setattr(holder, name, clock.timed(stage, call))
    try:
        yield
    finally:
        for holder, name, call in replaced:
            setattr(holder, name, call)


def profile(photos: list[Path], people: str) -> dict[str, Any]:
    """Return milliseconds a photo of each stage."""
    marks = crowd(BRANDS, [])
    names = sorted({mark.label for mark in marks})
    lexicon = Lexicon(tuple((name, name) for name in names))
    rules = RedactionRules(lexicon, people=people)  # type: ignore[arg-type]
    kinds = {"object": OBJECTS, "scene": SCENES, "interest": INTERESTS}
    recognisers = [
        Brands(
            Wordmarks(lexicon),
            names,
            keypoints=Keypoints(build_keypoints(marks), names),
            regions=Regions(fit_regions(marks), names),
        ),
        Tags({kind: frozenset(labels) for kind, labels in kinds.items()}),
    ]
    warm_up(rules)
    work = partial(_look, rules, recognisers)
    for photo in photos[:2]:
        work(photo)
    clock = Clock()
    with clocked(clock):
        cpu, start = time.process_time(), time.perf_counter()
        passed = sum(work(photo) for photo in photos)
        whole, used = time.perf_counter() - start, time.process_time() - cpu
    by = 1000 / len(photos)
    return {
        "photos": len(photos),
        "longer_side": SIDE,
        "recognised": passed,
        "milliseconds": {stage: round(took * by, 1) for stage, took in clock.seconds.items()},
        "whole": round(whole * by, 1),
        "processor": round(used * by, 1),
        "elsewhere": round((whole - sum(clock.seconds.values())) * by, 1),
    }


def _look(rules: RedactionRules, recognisers: list[Any], photo: Path) -> bool:
    done = redact(photo.read_bytes(), rules)
    if not isinstance(done, RedactedPhoto):
        return False
    score(done, recognisers)
    return True


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Where the time of a photo goes, by stage.")
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--people", choices=("faces", "people"), default="faces")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    with TemporaryDirectory() as folder:
        result = profile(enlarged_photos(Path(folder), given.photos), given.people)
    if given.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    print("| stage | milliseconds a photo | share |\n|---|---|---|")
    rows = result["milliseconds"] | {"elsewhere": result["elsewhere"], "whole": result["whole"]}
    for stage, took in rows.items():
        print(f"| {stage} | {took:.0f} | {took / result['whole']:.0%} |")
    print(
        f"\n{result['photos']} photos, {result['recognised']} of them passed redaction; processor "
        f"time of this process {result['processor']:.0f} ms a photo."
    )


if __name__ == "__main__":
    main()
