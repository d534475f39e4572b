"""What a training keeps, as bytes and back: plain numbers, and nothing that runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from safetensors.numpy import load, save

from engine.learning.embedding_job import Points
from engine.learning.interface import Arrays, Floats, State

_TOLD: Final = "about"


@dataclass(frozen=True, eq=False)
class Paid:
    """Where a training stands whose budget is reserved, or is about to be."""

    run: str
    state: State | None = None
    """After a step."""
    head: Floats | None = None
    """The finished weights."""
    figures: tuple[int, ...] | None = None
    """The card's figures, noise included, once they are drawn."""


def packed_points(points: Sequence[Points | None]) -> bytes:
    """Return what is left of photos, in order."""
    there = [part for part in points if part is not None]
    sizes = np.array([-1 if part is None else len(part.rows) for part in points], np.int64)
    tables = {"sizes": sizes}
    if there:
        tables |= {
            "rows": np.ascontiguousarray(np.concatenate([part.rows for part in there])),
            "targets": np.concatenate([part.targets for part in there]),
        }
    return save(tables)


def unpacked_points(content: bytes) -> list[Points | None]:
    """Read what `packed_points` wrote."""
    tables, at = load(content), 0
    points: list[Points | None] = []
    for size in tables["sizes"].tolist():
        if size < 0:
            points.append(None)
            continue
        here = slice(at, at + size)
        points.append(Points(tables["rows"][here], tables["targets"][here]))
        at += size
    return points


def packed(paid: Paid) -> bytes:
    """Return where a training stands."""
    told = {
        "run": paid.run,
        "step": None if paid.state is None else paid.state.step,
        "figures": None if paid.figures is None else list(paid.figures),
    }
    tables: Arrays = {_TOLD: np.frombuffer(json.dumps(told).encode(), np.uint8)}
    if paid.state is not None:
        tables |= {"weights": paid.state.weights, "velocity": paid.state.velocity}
    if paid.head is not None:
        tables["head"] = paid.head
    return save({name: np.ascontiguousarray(table) for name, table in tables.items()})


def unpacked(content: bytes) -> Paid:
    """Read what `packed` wrote."""
    # Nothing else can be decrypted.
    tables = load(content)
    told = json.loads(tables[_TOLD].tobytes())
    state = None
    if told["step"] is not None:
        state = State(told["step"], tables["weights"], tables["velocity"])
    figures = None if told["figures"] is None else tuple(told["figures"])
    return Paid(told["run"], state, tables.get("head"), figures)
