"""The files of a trained head: its numbers with what they are, and its card.

Safetensors, so plain numbers and nothing that runs. The bytes depend on the numbers and the record
alone: neither the run nor a time is in them.
"""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import save

from engine.durable import sync_directory, write_new
from engine.errors import OutputUnwritable
from engine.learning.descent import SHARPNESS
from engine.learning.interface import NONE_OF_THESE, Floats, Recipe
from engine.learning.recipe import model_of
from policies.amounts import Number, Share
from policies.canonical import canonical_json, digest_of_bytes
from policies.decision import StudyRules
from policies.heads import SCHEMA, TABLE, HeadRecord
from policies.safetensors_header import KEY

CARD_FILE: Final = "model-card.md"


def record_of(
    rules: StudyRules, recipe: Recipe, nets: Mapping[str, str], numbers: int
) -> HeadRecord:
    """Return what a head trained under these rules says of itself: public facts alone."""
    policy = rules.policy
    return HeadRecord.model_validate(
        {
            "schema": SCHEMA,
            "id": recipe.id,
            "kind": recipe.kind,
            "labels": list(recipe.labels),
            "numbers": numbers,
            "sharpness": str(Number(Fraction(SHARPNESS))),
            "nets": dict(sorted(nets.items())),
            "dataset": policy.dataset.id,
            "policy": policy.digest,
            "unit": "contributor",
            "accounts_of_one_person": policy.privacy_unit.accounts_of_one_person,
            "cost": model_of(rules).price.texts(),
            "training": {
                "steps": recipe.steps,
                "sampling_rate": str(Share(recipe.sampling_rate)),
                "noise": str(Number(recipe.noise)),
                "clip": str(Number(recipe.clip)),
                "contributors": recipe.contributors,
                "photos_per_contributor": recipe.photos_per_contributor,
            },
        }
    )


def head_bytes(record: HeadRecord, weights: Floats) -> bytes:
    """Return the file of a head; the same for the same numbers and record."""
    assert weights.shape == (len(record.labels) + NONE_OF_THESE, record.numbers)
    about = canonical_json(record.model_dump(mode="json", by_alias=True)).decode()
    return save({TABLE: np.ascontiguousarray(weights, dtype=np.float32)}, {KEY: about})


def write_all(directory: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """Write the files into a staging place and return their digests by name.

    Nothing is overwritten, and all is on the disk when this returns; raises `OutputUnwritable`.
    """
    try:
        for name, data in files.items():
            write_new(directory / name, data)
        sync_directory(directory)
    except OSError as error:
        raise OutputUnwritable(
            f"the model can't be written: {error.strerror}",
            hint="Make room, then give the same command again.",
        ) from None
    return {name: digest_of_bytes(data) for name, data in files.items()}
