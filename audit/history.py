"""A log's entries as read from `entries.jsonl`: the leaves, the order, the accounts.

One reader for the writer and the verifier, so that what is written is what will verify.
"""

import json
from dataclasses import dataclass, field
from datetime import date

from audit.bodies import LogOpen
from audit.entries import MAX_LINE_BYTES, Entry, parse_entry
from audit.errors import EntryInvalid, LogTampered
from audit.ledger import Ledger
from audit.lifecycle import Lifecycle
from audit.merkle import leaf_hash, root_hash


def split_lines(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the complete lines, without newlines, and the torn tail after the last newline."""
    *lines, tail = data.split(b"\n")
    return lines, tail


def could_be_torn(tail: bytes) -> bool:
    """Say whether a tail may be the beginning of an entry whose writing was cut off.

    A whole JSON value followed by anything is not: there a newline was changed.
    """
    text = tail.decode("utf-8", "replace")
    if text and not text.startswith("{"):
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return True
    return end == len(text)


def parse_json(line: bytes) -> object:
    """Return the line's JSON value; raises `LogTampered`."""
    if len(line) > MAX_LINE_BYTES:
        raise LogTampered("an entry is too long")
    try:
        return json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LogTampered("an entry is not JSON") from error


def parse_line(line: bytes) -> Entry:
    """Return the entry of one line; raises `LogTampered` unless it is canonical and in schema."""
    try:
        entry = parse_entry(parse_json(line))
    except EntryInvalid as error:
        raise LogTampered(str(error)) from error
    if entry.line() != line:
        raise LogTampered("an entry is not in its canonical form")
    return entry


@dataclass
class History:
    """The entries of one log in order, with what follows from them."""

    entries: list[Entry] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    """RFC 6962 leaf hashes, one an entry."""
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    ledger: Ledger = field(default_factory=Ledger)
    _roots: dict[int, bytes] = field(default_factory=dict, init=False, repr=False)

    def check(self, entry: Entry) -> None:
        """Raise the error of the first rule that the entry would break as the next one."""
        self.check_sequence(entry)
        self.lifecycle.check(entry)
        self.ledger.check(entry)

    def check_sequence(self, entry: Entry) -> None:
        """Raise `LogTampered` unless the entry's number and date follow the last one's."""
        if entry.seq != len(self.entries):
            raise LogTampered("the entries are not numbered in order")
        # ISO dates compare as text.
        if self.entries and entry.at < self.entries[-1].at:
            raise LogTampered("the entries' dates go backwards")

    def record(self, entry: Entry) -> None:
        """Add an entry that `check` has passed."""
        self.add_leaf(entry, entry.line())
        self.lifecycle.record(entry)
        self.ledger.record(entry)

    def add_leaf(self, entry: Entry, line: bytes) -> None:
        """Add an entry to the tree alone."""
        self.entries.append(entry)
        self.leaves.append(leaf_hash(line))

    def last_day(self) -> date:
        """Return the date of the newest entry."""
        return self.entries[-1].day

    def origin(self) -> str:
        """Return the origin that the first entry states."""
        first = self.entries[0].body if self.entries else None
        if not isinstance(first, LogOpen):
            raise LogTampered("the log does not begin with log.open")
        return first.origin

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` entries."""
        # Leaves are only ever added: what stands before them keeps its root.
        key = min(size, len(self.leaves))
        if key not in self._roots:
            self._roots[key] = root_hash(self.leaves[:size])
        return self._roots[key]
