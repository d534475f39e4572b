"""Commitments to what a run read: whoever holds the salts can open them, and nobody else.

A commitment is HMAC-SHA256 under a fresh salt of 256 bits, so that its text has one length and says
nothing: neither how much was read nor whether a known photo or account was among it. The salts lie
in the log's private folder, `private/commitments/RUN.json`. No verifier reads them and no export
holds them: destroying them is how a run's inputs are erased from the log for good, and what was
signed stays as it was.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError

from audit.bodies import Closed, Date, RunId, RunInputs
from audit.durable import create_file, make_directory, read_bytes, sync_directory, writing
from audit.errors import LogExists, SaltsGone
from audit.merkle import leaf_hash, root_hash
from policies.canonical import canonical_json

SALT_BYTES: Final = 32
_FOLDER: Final = Path("private", "commitments")
_Salt = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Salts:
    """One run's salts; each is used once."""

    inputs: bytes
    """Of the rows that were read; it keys their marks as well."""
    optouts: bytes
    """Of the opt-out list."""

    @classmethod
    def fresh(cls) -> Self:
        """Return new ones from the system's generator."""
        return cls(secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SALT_BYTES))


@dataclass(frozen=True)
class Opening:
    """What it takes to say whether a source is the one that a run read. Private, for a time."""

    salts: Salts
    first: date
    last: date
    """The days of the study that the run read."""
    consent: bool
    """Whether the policy asked for a consent column."""
    keep_until: date
    """The last day on which the salts may be kept (the policy's retention)."""


class _File(Closed):
    run: RunId
    inputs: _Salt
    optouts: _Salt
    first: Date
    last: Date
    consent: bool
    keep_until: Date


def commit_rows(salts: Salts, marks: Iterable[bytes]) -> str:
    """Return the commitment to the rows with these marks, in whatever order they come."""
    # A tree, so that one row could be shown without the others.
    root = root_hash([leaf_hash(mark) for mark in sorted(marks)])
    return _committed(salts.inputs, b"inputs", root)


def commit_list(salts: Salts, data: bytes) -> str:
    """Return the commitment to an opt-out list, byte for byte."""
    return _committed(salts.optouts, b"opt-outs", hashlib.sha256(data).digest())


def _committed(salt: bytes, what: bytes, value: bytes) -> str:
    message = b"crowdlens commitment v1\0" + what + b"\0" + value
    return "hmac-sha256:" + hmac.new(salt, message, hashlib.sha256).hexdigest()


def body_of(salts: Salts, marks: Iterable[bytes], optouts: bytes | None) -> RunInputs:
    """Return the entry's body; `optouts` is the list that was applied, None where none was."""
    listed = None if optouts is None else commit_list(salts, optouts)
    return RunInputs(inputs=commit_rows(salts, marks), optouts=listed)


def keep(log: Path, run: str, opening: Opening) -> None:
    """Write a run's salts, durably, where only the log's owner can read them."""
    with suppress(LogExists):
        make_directory(log / _FOLDER, 0o700)
    value = _File(
        run=run,
        inputs=opening.salts.inputs.hex(),
        optouts=opening.salts.optouts.hex(),
        first=opening.first.isoformat(),
        last=opening.last.isoformat(),
        consent=opening.consent,
        keep_until=opening.keep_until.isoformat(),
    )
    create_file(_place(log, run), canonical_json(value.model_dump()) + b"\n", mode=0o600)


def opening_of(log: Path, run: str) -> Opening:
    """Return what a run's commitments are opened with; raises `SaltsGone`."""
    data = read_bytes(_place(log, run))
    if data is None:
        raise SaltsGone(
            "the run's salts are not there, so nobody can say any more what it read",
            hint="They were destroyed, or this copy of the log has no private folder.",
        )
    try:
        value = _File.model_validate(json.loads(data))
    except (ValueError, RecursionError, ValidationError):
        value = None
    if value is None or value.run != run:
        raise SaltsGone("the run's salts can't be read", hint="Their file was changed.")
    return Opening(
        Salts(bytes.fromhex(value.inputs), bytes.fromhex(value.optouts)),
        date.fromisoformat(value.first),
        date.fromisoformat(value.last),
        value.consent,
        date.fromisoformat(value.keep_until),
    )


def kept_runs(log: Path) -> tuple[str, ...]:
    """Return the runs whose salts are there, sorted."""
    try:
        found = sorted((log / _FOLDER).glob("*.json"))
    except OSError:
        return ()
    return tuple(file.stem for file in found)


def expired_runs(log: Path, today: date) -> tuple[str, ...]:
    """Return the runs whose salts may be kept no longer; what can't be read may not, either."""
    found = []
    for run in kept_runs(log):
        try:
            if opening_of(log, run).keep_until >= today:
                continue
        except SaltsGone:
            pass
        found.append(run)
    return tuple(found)


def destroy(log: Path, runs: Sequence[str]) -> tuple[str, ...]:
    """Destroy the salts of these runs; return those that were there.

    Each file is overwritten and removed. A disk that keeps old blocks, a snapshot or a backup may
    hold them for longer: that is outside what a program can promise.
    """
    destroyed = []
    for run in runs:
        path = _place(log, run)
        if not path.is_file():
            continue
        with writing():
            size = path.stat().st_size
            descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                os.write(descriptor, bytes(size))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            path.unlink()
            sync_directory(path.parent)
        destroyed.append(run)
    return tuple(destroyed)


def _place(log: Path, run: str) -> Path:
    return log / _FOLDER / f"{run}.json"
