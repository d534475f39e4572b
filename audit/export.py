"""A verified log in forms that other programs read: lines of JSON, or one SQLite file.

Only entries that were signed are exported, and only of a log that verifies; the copy is for
reading, and proves nothing by itself.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from audit.bodies import (
    Amounts,
    BudgetReserve,
    DatasetDeclare,
    KeyRotate,
    PolicyAdopt,
    PolicyRevoke,
    Release,
    RunEnd,
    RunInputs,
    RunStart,
)
from audit.durable import create_result
from audit.entries import Entry
from audit.errors import LogExists, LogUnwritable
from audit.merkle import leaf_hash
from audit.verify import Verification
from audit.words import sentence

TABLES = {
    "checkpoint": "origin TEXT, size INTEGER, root TEXT",
    "checks": "name TEXT, status TEXT, explanation TEXT",
    "entries": "seq INTEGER PRIMARY KEY, at TEXT, type TEXT, run TEXT, words TEXT, line TEXT, "
    "leaf TEXT",
    "policies": "seq INTEGER, policy TEXT, id TEXT, version INTEGER, class TEXT, not_after TEXT, "
    "catalogue TEXT, supersedes TEXT",
    "approvals": "seq INTEGER, role TEXT, key TEXT",
    "revocations": "seq INTEGER, policy TEXT, role TEXT, key TEXT",
    "rotations": "seq INTEGER, old TEXT, new TEXT",
    "datasets": "seq INTEGER, dataset TEXT, unit TEXT, currency TEXT, total TEXT, delta TEXT",
    "runs": "seq INTEGER, run TEXT, policy TEXT, dataset TEXT, version TEXT, source TEXT",
    "models": "seq INTEGER, name TEXT, digest TEXT",
    "inputs": "seq INTEGER, run TEXT, inputs TEXT, optouts TEXT",
    "spends": "seq INTEGER, run TEXT, dataset TEXT, policy TEXT, currency TEXT, amount TEXT, "
    "delta TEXT, first_period TEXT, last_period TEXT",
    "statistics": "seq INTEGER, id TEXT, currency TEXT, amount TEXT, delta TEXT",
    "trainings": "seq INTEGER, id TEXT, steps INTEGER, sampling_rate TEXT, noise TEXT, "
    "accounts INTEGER",
    "releases": "seq INTEGER, run TEXT, dataset TEXT, policy TEXT",
    "outputs": "seq INTEGER, name TEXT, digest TEXT",
    "ends": "seq INTEGER, run TEXT, outcome TEXT",
}
"""The tables and their columns. Amounts are text, exact decimals: a float would round a promise."""

Row = tuple[object, ...]


def export_jsonl(verification: Verification, path: Path) -> None:
    """Write the signed lines, byte for byte as they were signed.

    Raises what verification found, `LogExists` where there is a file, `LogUnwritable`.
    """
    _require_verified(verification)
    create_result(path, b"".join(entry.line() + b"\n" for entry in verification.entries))


def export_sqlite(verification: Verification, path: Path) -> None:
    """Write the tables of `TABLES` into a new SQLite file; raises as `export_jsonl`."""
    _require_verified(verification)
    if path.exists():
        raise LogExists("there is something at this path already")
    temporary = path.with_name(path.name + ".new")
    with suppress(OSError):
        temporary.unlink()
    try:
        with closing(sqlite3.connect(temporary)) as base, base:
            for table, columns in TABLES.items():
                base.execute(f"CREATE TABLE {table} ({columns})")
            for table, row in _rows(verification):
                marks = ", ".join("?" * len(row))
                base.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 our names
        os.replace(temporary, path)
    except (OSError, sqlite3.Error) as error:
        raise LogUnwritable(
            "the result can't be written", hint="Is its folder there and yours, with space on it?"
        ) from error


def _require_verified(verification: Verification) -> None:
    if verification.failure is not None:
        raise verification.failure


def _rows(verification: Verification) -> Iterator[tuple[str, Row]]:
    head = (verification.origin, verification.size, verification.root.hex())
    yield "checkpoint", head
    for check in verification.checks:
        yield "checks", (check.name, check.status, check.explanation)
    for entry in verification.entries:
        line = entry.line()
        leaf = leaf_hash(line).hex()
        words = (sentence(entry), line.decode(), leaf)
        yield "entries", (entry.seq, entry.at, entry.type, entry.run_id, *words)
        yield from _parts(entry)


def _parts(entry: Entry) -> Iterator[tuple[str, Row]]:
    if entry.run_id is not None:
        yield from _parts_of_a_run(entry, entry.run_id)
        return
    body, seq = entry.body, entry.seq
    if isinstance(body, PolicyAdopt):
        named = (body.policy, body.id, body.version, body.class_)
        yield "policies", (seq, *named, body.not_after, body.catalogue, body.supersedes)
        for approval in body.approvals:
            yield "approvals", (seq, approval.role, approval.key)
    elif isinstance(body, PolicyRevoke):
        yield "revocations", (seq, body.policy, body.role, body.key)
    elif isinstance(body, KeyRotate):
        yield "rotations", (seq, body.old, body.new)
    elif isinstance(body, DatasetDeclare):
        yield "datasets", (seq, body.dataset, body.unit, *_amounts(body.total))


def _parts_of_a_run(entry: Entry, run: str) -> Iterator[tuple[str, Row]]:
    body, seq = entry.body, entry.seq
    if isinstance(body, RunStart):
        code = (body.code.version, body.code.source)
        yield "runs", (seq, run, body.policy, body.dataset, *code)
        for model in body.models:
            yield "models", (seq, model.name, model.digest)
    elif isinstance(body, RunInputs):
        yield "inputs", (seq, run, body.inputs, body.optouts)
    elif isinstance(body, BudgetReserve):
        periods = body.periods or (None, None)
        yield "spends", (seq, run, body.dataset, body.policy, *_amounts(body.cost), *periods)
        for statistic in body.statistics:
            yield "statistics", (seq, statistic.id, *_amounts(statistic.cost))
            if (training := statistic.training) is not None:
                numbers = (training.steps, training.sampling_rate, training.noise)
                yield "trainings", (seq, statistic.id, *numbers, training.accounts)
    elif isinstance(body, Release):
        yield "releases", (seq, run, body.dataset, body.policy)
        for output in body.outputs:
            yield "outputs", (seq, output.name, output.digest)
    elif isinstance(body, RunEnd):
        yield "ends", (seq, run, body.outcome)


def _amounts(amounts: Amounts) -> tuple[str, str, str]:
    loss = amounts.loss()
    return loss.main.unit, str(loss.main), str(loss.delta)
