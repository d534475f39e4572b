"""Example photos that teach too little: too few of them, or one photo several times."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.catalogue.checks.likeness import same, shades
from engine.catalogue.checks.remark import Remark, Topic
from engine.catalogue.examples import FLAW_OF_REASON
from engine.catalogue.flaws import Flaw, Unusable
from engine.catalogue.pictures import read_file
from policies.catalogue import Catalogue, Entry
from redaction import Limits
from redaction.decoding import Undecodable, decode

FEW: Final = 10
"""Examples under which a scene is learned badly; some 20 teach it well."""
_LOOKED_AT: Final = 256


def check_examples(
    catalogue: Catalogue, folder: Path, step: Callable[[], None]
) -> Iterator[Remark]:
    """Yield what is wrong or weak with every scene's examples; `step` is called after each."""
    for scene in catalogue.scenes:
        if len(set(scene.examples)) < FEW:
            sentence = f"it has {len(set(scene.examples))} examples; some 20 teach a scene well"
            yield Remark(Topic.FEW_EXAMPLES, scene.name, sentence)
        yield from _of(scene, folder, step)


def _of(scene: Entry, folder: Path, step: Callable[[], None]) -> Iterator[Remark]:
    seen: dict[str, NDArray[np.float32]] = {}
    for file in dict.fromkeys(scene.examples):
        try:
            seen[file] = shades(_pixels(folder, file))
        except Unusable as unusable:
            sentence = f"{file} {unusable.flaw.value}"
            yield Remark(Topic.PICTURE, scene.name, sentence, error=True)
        step()
    files = list(seen)
    for one, other in same(list(seen.values())):
        sentence = f"{files[other]} shows the same as {files[one]}, and teaches nothing more"
        yield Remark(Topic.SAME_EXAMPLE, scene.name, sentence)


def _pixels(folder: Path, file: str) -> NDArray[np.uint8]:
    limits = Limits()
    raw = read_file(folder, file, limits.max_bytes)
    try:
        return decode(raw, limits, longest=_LOOKED_AT)
    except Undecodable as refusal:
        raise Unusable(FLAW_OF_REASON.get(refusal.reason, Flaw.DAMAGED)) from None
