"""Heads that tests make themselves, as `crowdlens train` would write them."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from engine.recognition.learned.points import digests_of
from policies.canonical import canonical_json, digest_of_bytes
from policies.heads import SCHEMA, TABLE
from policies.safetensors_header import KEY


def head_record(kind: str = "brand", labels: tuple[str, ...] = ("Kestrel",), **more: Any) -> Any:
    """Return what a head says of itself, with changes."""
    return {
        "schema": SCHEMA,
        "id": "own_head",
        "kind": kind,
        "labels": list(labels),
        "numbers": 128 if kind == "brand" else 2560,
        "sharpness": "6",
        "nets": digests_of(kind, None),  # type: ignore[arg-type]
        "dataset": "test-photos",
        "policy": "sha256:" + "0" * 64,
        "unit": "contributor",
        "accounts_of_one_person": 1,
        "cost": {"epsilon": "4", "delta": "1e-6"},
        "training": {
            "steps": 20,
            "sampling_rate": "0.5",
            "noise": "2.5",
            "clip": "1",
            "contributors": 200,
            "photos_per_contributor": 64,
        },
    } | more


def write_head(path: Path, record: Any, weights: Any = None, **tables: Any) -> str:
    """Write a head and return its digest."""
    if weights is None:
        weights = np.zeros((len(record["labels"]) + 1, record["numbers"]))
    made = {TABLE: np.asarray(weights, dtype=np.float32), **tables}
    data = save(made, {KEY: canonical_json(record).decode()})
    path.write_bytes(data)
    return digest_of_bytes(data)
