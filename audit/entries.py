"""Entries: one line of canonical JSON each (RFC 8785), in the closed schema of `audit.bodies`.

The leaf of the tree is the line's bytes without its newline. `at` is a UTC date and no finer, and
the caller gives it once, so that no duration can be read from a log.
"""

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from audit.bodies import (
    Body,
    BudgetReserve,
    Closed,
    DatasetDeclare,
    Date,
    KeyRotate,
    LogOpen,
    PolicyAdopt,
    PolicyRevoke,
    Release,
    RunEnd,
    RunId,
    RunInputs,
    RunStart,
    expressible,
)
from audit.errors import EntryInvalid
from policies.amounts import AmountInvalid

_ENCODE = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
MAX_LINE_BYTES = 60_000
"""Below the uint16 that a tlog-tiles bundle allows."""


class _Line(Closed):
    v: Annotated[int, Field(ge=1, le=1)] = 1
    seq: Annotated[int, Field(ge=0, lt=2**53)]
    at: Date

    @property
    def run_id(self) -> str | None:
        """The run that the entry belongs to, None outside runs."""
        return getattr(self, "run", None)

    @property
    def day(self) -> date:
        """The UTC date that the caller gave."""
        return date.fromisoformat(self.at)

    def line(self) -> bytes:
        """Return the canonical bytes, without a newline: the leaf of the tree."""
        # INVARIANT: no field holds a float, a number beyond 2^53 or a key that is not ASCII, so
        # that Python's encoder writes what `policies.canonical` does without a look at each value.
        return _ENCODE(self.model_dump(mode="json", by_alias=True)).encode()


class _LogOpenLine(_Line):
    type: Literal["log.open"] = "log.open"
    body: LogOpen


class _PolicyAdoptLine(_Line):
    type: Literal["policy.adopt"] = "policy.adopt"
    body: PolicyAdopt


class _PolicyRevokeLine(_Line):
    type: Literal["policy.revoke"] = "policy.revoke"
    body: PolicyRevoke


class _KeyRotateLine(_Line):
    type: Literal["key.rotate"] = "key.rotate"
    body: KeyRotate


class _DatasetDeclareLine(_Line):
    type: Literal["dataset.declare"] = "dataset.declare"
    body: DatasetDeclare


class _RunStartLine(_Line):
    type: Literal["run.start"] = "run.start"
    run: RunId
    body: RunStart


class _RunInputsLine(_Line):
    type: Literal["run.inputs"] = "run.inputs"
    run: RunId
    body: RunInputs


class _BudgetReserveLine(_Line):
    type: Literal["budget.reserve"] = "budget.reserve"
    run: RunId
    body: BudgetReserve


class _ReleaseLine(_Line):
    type: Literal["release"] = "release"
    run: RunId
    body: Release


class _RunEndLine(_Line):
    type: Literal["run.end"] = "run.end"
    run: RunId
    body: RunEnd


Entry = (
    _LogOpenLine
    | _KeyRotateLine
    | _PolicyAdoptLine
    | _PolicyRevokeLine
    | _DatasetDeclareLine
    | _RunStartLine
    | _RunInputsLine
    | _BudgetReserveLine
    | _ReleaseLine
    | _RunEndLine
)
"""One entry: `v, seq, type, at, run (inside runs), body`, and `run_id`, `day`, `line()`."""

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="type")])


def parse_entry(value: Any) -> Entry:
    """Return the entry that a JSON value states; raises `EntryInvalid`."""
    with expressible():
        return _ENTRY.validate_python(value)


def parse_canonical(line: bytes) -> Entry | None:
    """Return the entry of a line that is canonical and in the schema, None for any other line.

    One pass over the bytes, for logs that are long. `parse_entry` says what is wrong with another.
    """
    if len(line) > MAX_LINE_BYTES:
        return None
    try:
        entry = _ENTRY.validate_json(line)
    except (ValidationError, AmountInvalid):
        return None
    # INVARIANT: whatever the parser let pass, only the entry's own bytes are the entry.
    return entry if entry.line() == line else None


def make_entry(body: Body, *, seq: int, at: date, run: str | None) -> Entry:
    """Return the entry with that body; raises `EntryInvalid` where it can't be expressed."""
    value: dict[str, Any] = {
        "v": 1,
        "seq": seq,
        "type": body.type,
        "at": at.isoformat(),
        "body": body.model_dump(mode="json", by_alias=True),
    }
    if run is not None:
        value["run"] = run
    entry = parse_entry(value)
    if len(entry.line()) > MAX_LINE_BYTES:
        raise EntryInvalid("an entry that is too long")
    return entry


def entry_schema() -> dict[str, Any]:
    """Return the JSON schema of an entry, for documents and for the test that walks it."""
    return _ENTRY.json_schema(by_alias=True)
