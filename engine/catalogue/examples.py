"""A scene's example photos, redacted: what is learned from is what a run will see, and no more.

Redaction changes a photo, so a scene that is learned from redacted photos is recognised better in
redacted photos; and no person in an example leaves a trace in what was learned from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.catalogue.flaws import Flaw, Unusable
from engine.catalogue.marks import Problem
from engine.catalogue.pictures import read_file
from engine.workers import Workers
from policies.canonical import digest_of_bytes
from policies.catalogue import FEWEST_EXAMPLES, Catalogue
from redaction import Reason, RedactionRules, Withheld, redact, warm_up

KEPT: Final = 800
"""Longer side at which an example is kept; what looks at it looks at less."""
FLAW_OF_REASON: Final = {
    Reason.EMPTY: Flaw.NOT_A_PHOTO,
    Reason.NOT_AN_IMAGE: Flaw.NOT_A_PHOTO,
    Reason.UNSUPPORTED_FORMAT: Flaw.NOT_A_PHOTO,
    Reason.DAMAGED: Flaw.DAMAGED,
    Reason.TRUNCATED: Flaw.DAMAGED,
    Reason.TOO_MANY_BYTES: Flaw.TOO_LARGE,
    Reason.TOO_MANY_PIXELS: Flaw.TOO_LARGE,
    Reason.TOO_COSTLY: Flaw.TOO_COSTLY,
    Reason.TOO_SMALL: Flaw.TINY,
}
"""What is wrong with a file that is no photo, as redaction says it. Other reasons are about the
photo, which is sound."""


@dataclass(frozen=True)
class _Item:
    folder: Path
    name: str


@dataclass(frozen=True)
class ReadExample:
    """One example as it will be seen, or why it won't."""

    pixels: NDArray[np.uint8] | None
    digest: str
    flaw: Flaw | None


@dataclass(frozen=True)
class _RedactJob:
    """Read, redact, make small. Raw pixels stay in redaction."""

    rules: RedactionRules

    def prepare(self) -> None:
        """Load the models, once a process."""
        warm_up(self.rules)

    def __call__(self, item: _Item) -> ReadExample:
        """Return the example of one file."""
        try:
            raw = read_file(item.folder, item.name, self.rules.limits.max_bytes)
        except Unusable as unusable:
            return ReadExample(None, "", unusable.flaw)
        digest = digest_of_bytes(raw)
        photo = redact(raw, self.rules)
        if isinstance(photo, Withheld):
            return ReadExample(None, digest, FLAW_OF_REASON.get(photo.reason, Flaw.WITHHELD))
        return ReadExample(_small(photo.pixels), digest, None)


@dataclass(frozen=True)
class ReadExamples:
    """The examples of every scene, and what is wrong with the others."""

    scenes: dict[str, list[NDArray[np.uint8]]]
    digests: dict[str, str]
    problems: tuple[Problem, ...]
    """Files that can't be used, and scenes that redaction left too few examples of."""
    withheld: tuple[Problem, ...]
    """Photos that redaction can't vouch for; the scene is taught without them."""


def read_examples(
    catalogue: Catalogue, folder: Path, workers: Workers, step: Callable[[], None]
) -> ReadExamples:
    """Read and redact every example, in worker processes; `step` is called after each."""
    rules = RedactionRules(lexicon=catalogue.lexicon)
    wanted = [(scene.name, name) for scene in catalogue.scenes for name in scene.examples]
    items = [_Item(folder, name) for _, name in wanted]
    scenes: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in catalogue.scene_labels}
    digests: dict[str, str] = {}
    problems: list[Problem] = []
    withheld: list[Problem] = []
    results = workers.map(_RedactJob(rules), items, _lost) if items else ()
    for (scene, name), example in zip(wanted, results, strict=True):
        digests[name] = example.digest
        if example.pixels is not None:
            scenes[scene].append(example.pixels)
        elif example.flaw is not None:
            told = withheld if example.flaw is Flaw.WITHHELD else problems
            told.append(Problem(scene, name, example.flaw))
        step()
    few = {scene for scene, kept in scenes.items() if len(kept) < FEWEST_EXAMPLES}
    problems += [problem for problem in withheld if problem.entry in few]
    return ReadExamples(scenes, digests, tuple(problems), tuple(withheld))


def _lost() -> ReadExample:
    return ReadExample(None, "", Flaw.TOO_COSTLY)


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    by = KEPT / max(height, width)
    if by >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * by)), max(1, round(height * by)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
