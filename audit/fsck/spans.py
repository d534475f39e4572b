"""The log's keys once more: who may sign the checkpoint of which size.

A key signs from its hand-over to the next one's; at a hand-over both sign. That a key agreed to its
successor is in the entry `key.rotate`: both keys' signatures over the log's name, the size and root
of the tree before, and both keys.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from audit.fsck.notes import Head, Key
from audit.fsck.pins import Pins
from audit.fsck.problem import Problem, untrusted


@dataclass(frozen=True)
class Spans:
    """The keys in their order, each with the size from which it signs."""

    keys: tuple[tuple[int, Key], ...]
    named: frozenset[bytes]
    """Public bytes of the later keys that the trust file itself names."""
    stolen: dict[bytes, int]
    """Of each revoked key, by its public bytes, the last size at which it counts."""

    @classmethod
    def of_pins(cls, pins: Pins) -> "Spans":
        """Return what the trust file alone says."""
        later = pins.successors
        named = frozenset(key.public for _, key in later)
        return cls(((0, pins.log), *later), named, dict(pins.revoked))

    def check(self, head: Head) -> None:
        """Raise `Problem` unless those signed a checkpoint whose turn it was, and no other key."""
        size = head.size
        if head.origin != self.keys[0][1].name:
            raise untrusted("this is another log than the trust file names")
        turns = [place for place, (start, _) in enumerate(self.keys) if start <= size]
        place = turns[-1]
        start, present = self.keys[place]
        if size > self.stolen.get(present.public, size):
            raise untrusted("the log's key was revoked before it signed this")
        due = {place}
        if place and start == size:
            former = self.keys[place - 1][1]
            good = size <= self.stolen.get(former.public, size)
            if good or present.public not in self.named:
                due.add(place - 1)
        for number, (_, key) in enumerate(self.keys):
            if number in due:
                head.check_signed(key)
            elif head.by(key) and size <= self.stolen.get(key.public, size):
                raise untrusted("a key of the log signed outside its span")


def follow(pins: Pins, entries: Sequence[dict[str, Any]], roots: dict[int, bytes]) -> Spans:
    """Return the keys that the entries lead to from the first one; raises `Problem`."""
    start = Spans.of_pins(pins)
    known, named = [start.keys[0]], list(pins.successors)
    taken = {key.public for key, _ in pins.witnesses} | {pins.log.public}
    for entry in entries:
        if entry["type"] != "key.rotate":
            continue
        place, body = entry["seq"], entry["body"]
        old, new = (_key(pins.log.name, body[name]) for name in ("old", "new"))
        named_here = named.pop(0) if named else None
        if named_here not in (None, (place + 1, new)):
            raise untrusted("the log was handed over to another key than is trusted")
        if old != known[-1][1] or new.public in taken:
            raise untrusted("the log was handed over from, or to, a key that can't be")
        text = _statement(pins.log.name, place, roots[place], old, new)
        agreed = [(new, "by_new")]
        if place + 1 <= start.stolen.get(old.public, place + 1):
            agreed.append((old, "by_old"))
        elif named_here is None:
            raise untrusted("the log was handed over with a key that was revoked")
        if not all(key.signed(bytes.fromhex(body[name]), text) for key, name in agreed):
            raise untrusted("a hand-over is not signed by both keys")
        taken.add(new.public)
        known.append((place + 1, new))
    if named and named[0][0] <= len(entries):
        raise untrusted("the log was not handed over where the trust file says")
    if named:
        raise Problem(4, "the log ends before a hand-over that the trust file names")
    return Spans(tuple(known), start.named, start.stolen)


def places(entries: Iterable[dict[str, Any]]) -> set[int]:
    """Return the sizes whose roots hand-overs name."""
    return {entry["seq"] for entry in entries if entry["type"] == "key.rotate"}


def _key(name: str, text: str) -> Key:
    data = b"\x01" + bytes.fromhex(text[-64:])
    return Key(name, 1, data[1:], hashlib.sha256(name.encode() + b"\n" + data).digest()[:4])


def _statement(name: str, size: int, root: bytes, old: Key, new: Key) -> bytes:
    lines = ["crowdlens key.rotate/v1", name, str(size), base64.b64encode(root).decode()]
    for key in (old, new):
        public = base64.b64encode(b"\x01" + key.public).decode()
        lines.append(f"{name}+{key.key_id.hex()}+{public}")
    return "".join(f"{line}\n" for line in lines).encode()
