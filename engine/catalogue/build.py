"""Building a catalogue: everything that is learned from the user's own pictures, in one file.

Nothing is trained anew but what depends on these pictures, and the same pictures give the same
numbers. The file is written last and in one step: until then nothing has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalogue.built import Arrays, shipped_models, write_built
from engine.catalogue.examples import read_examples
from engine.catalogue.marks import Problem, read_marks, require_none
from engine.catalogue.pictures import Drawer
from engine.catalogue.saving import require_place
from engine.observer import Observer
from engine.recognition.backbone import Backbone
from engine.recognition.marks import Mark
from engine.recognition.nets import Net
from engine.recognition.threads import one_thread
from engine.workers import Workers
from policies.built import SCHEMA, BuiltRecord, built_path
from policies.catalogue import Catalogue, load_catalogue

Examples = Mapping[str, Sequence[NDArray[np.uint8]]]


@dataclass(frozen=True)
class BuildResult:
    """A catalogue that was built."""

    path: Path
    digest: str
    """What a policy names, beside the catalogue's own digest, as `built`."""
    record: BuiltRecord
    withheld: tuple[Problem, ...]
    """Examples that were left out because redaction can't vouch for them."""


def build(
    file: Path,
    workers: Workers,
    observer: Observer,
    out: Path | None = None,
    embedding: Net | None = None,
) -> BuildResult | None:
    """Learn from a catalogue's marks and examples; None where it has neither.

    Scenes are taught by `embedding` where it is given, and by the net that ships where not.

    Raises `CatalogueInvalid`; `PicturesUnusable`, which names every picture that can't be used
    and its entry; `NetUnusable`; `OutputUnwritable`.
    """
    catalogue = load_catalogue(file)
    if not catalogue.files:
        return None
    path = out if out is not None else built_path(file)
    require_place(path)
    marks, examples, digests, withheld = _read(catalogue, file.parent, workers, observer)
    parts = learn(marks, examples, observer, embedding)
    record = BuiltRecord.model_validate(
        {
            "schema": SCHEMA,
            "catalogue": catalogue.digest,
            "files": dict(sorted(digests.items())),
            "brands": sorted({mark.label for mark in marks}),
            "scenes": sorted(examples),
            "models": shipped_models(),
            "embedding": embedding.digest if embedding and examples else None,
        }
    )
    return BuildResult(path, write_built(path, record, parts), record, withheld)


def _read(
    catalogue: Catalogue, folder: Path, workers: Workers, observer: Observer
) -> tuple[tuple[Mark, ...], Examples, dict[str, str], tuple[Problem, ...]]:
    wanted = sum(len(brand.marks) for brand in catalogue.brands)
    if wanted:
        observer.stage("read the marks", wanted)
    with Drawer() as drawer:
        marks = read_marks(catalogue, folder, drawer, observer.step)
    require_none(marks.problems)
    wanted = sum(len(scene.examples) for scene in catalogue.scenes)
    if wanted:
        observer.stage("redact the examples", wanted)
    examples = read_examples(catalogue, folder, workers, observer.step)
    require_none(examples.problems)
    return marks.marks, examples.scenes, marks.digests | examples.digests, examples.withheld


def learn(
    marks: Sequence[Mark], examples: Examples, observer: Observer, embedding: Net | None = None
) -> dict[str, Arrays]:
    """Return the arrays of each part of recognition; a part without pictures has none."""
    one_thread()
    parts: dict[str, Arrays] = {}
    if marks:
        from engine.recognition.keypoints import build_keypoints  # noqa: PLC0415  reads its words
        from engine.recognition.regions import fit_regions  # noqa: PLC0415  loads its net

        observer.stage("index the marks", len(marks))
        parts["keypoints"] = build_keypoints(marks, observer.step)
        observer.stage("learn the marks", len(marks))
        parts["regions"] = fit_regions(marks, observer.step)
    if examples:
        from engine.recognition.tags import fit_scenes  # noqa: PLC0415  loads its net

        observer.stage("learn the scenes", sum(len(photos) for photos in examples.values()))
        teacher = Backbone() if embedding is None else Backbone(embedding)
        parts["scenes"] = fit_scenes(examples, observer.step, teacher)
    return parts
