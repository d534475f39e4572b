"""The file of what was learned from a catalogue: writing and reading it.

Safetensors, so plain numbers and nothing that runs. The bytes depend on the numbers and the record
alone. `policies.built` holds the same file against the policy, without the numbers.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.catalogue.errors import BuiltUnusable
from engine.catalogue.saving import replace
from engine.recognition.keypoints.vocabulary import DIGEST as VOCABULARY_DIGEST
from engine.recognition.keypoints.vocabulary import FILE as VOCABULARY
from engine.recognition.weights import LITE0
from engine.recognition.weights.regions import BANK, BANK_DIGEST, EMBEDDER
from engine.recognition.weights.scenes import OTHERS, OTHERS_DIGEST
from policies.built import BuiltRecord, BuiltUnreadable, read_record
from policies.canonical import canonical_json, digest_of_bytes
from policies.safetensors_header import KEY

PARTS: Final = ("keypoints", "regions", "scenes")
LARGEST: Final = 2 << 30
_HINT: Final = "Run `crowdlens catalogue build` again."

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Built:
    """What was learned from a catalogue; each part's arrays are what its builder gave."""

    record: BuiltRecord
    digest: str
    keypoints: Arrays
    regions: Arrays
    scenes: Arrays


def shipped_models() -> dict[str, str]:
    """Return the digests of the files that what is learned depends on, by their names."""
    return {
        BANK.name: BANK_DIGEST,
        EMBEDDER.file.name: EMBEDDER.digest,
        LITE0.file.name: LITE0.digest,
        OTHERS.name: OTHERS_DIGEST,
        VOCABULARY.name: VOCABULARY_DIGEST,
    }


def built_bytes(record: BuiltRecord, parts: Mapping[str, Arrays]) -> bytes:
    """Return the file of these arrays; the same for the same arrays and record."""
    assert set(parts) <= set(PARTS)
    tensors = {
        f"{part}/{name}": np.ascontiguousarray(array)
        for part, arrays in parts.items()
        for name, array in arrays.items()
    }
    about = canonical_json(record.model_dump(mode="json", by_alias=True)).decode()
    return save(tensors, {KEY: about})


def write_built(path: Path, record: BuiltRecord, parts: Mapping[str, Arrays]) -> str:
    """Write the file in one step and return its digest; raises `OutputUnwritable`."""
    data = built_bytes(record, parts)
    replace(path, data)
    return digest_of_bytes(data)


def load_built(path: Path, expected_digest: str) -> Built:
    """Return what the file holds, once its bytes are the ones that were named.

    Raises `BuiltUnusable` for a file that is missing, damaged or another.
    """
    name = path.name
    try:
        if path.stat().st_size > LARGEST:
            raise BuiltUnusable(f"{name} is larger than 2 GiB", hint=_HINT)
        raw = path.read_bytes()
    except OSError:
        raise BuiltUnusable(f"{name} is missing or can't be read", hint=_HINT) from None
    digest = digest_of_bytes(raw)
    # INVARIANT: nothing of a file is interpreted before its digest is the one that was named.
    if digest != expected_digest:
        raise BuiltUnusable(f"{name} is damaged, or another file than was named", hint=_HINT)
    try:
        record = read_record(io.BytesIO(raw))
        arrays = load(raw)
    except (BuiltUnreadable, SafetensorError, ValueError, KeyError, TypeError) as error:
        why = str(error) if isinstance(error, BuiltUnreadable) else "it holds no numbers of ours"
        raise BuiltUnusable(f"{name} can't be used: {why}", hint=_HINT) from None
    if record.models != shipped_models():
        raise BuiltUnusable(f"{name} was built with other models than these", hint=_HINT)
    keypoints, regions, scenes = (_part(arrays, part) for part in PARTS)
    return Built(record, digest, keypoints, regions, scenes)


def _part(arrays: Arrays, part: str) -> dict[str, NDArray[Any]]:
    start = f"{part}/"
    return {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
