"""The hand-over of a log from one key to the next: a statement that both keys sign.

It names the log, the number and the root of the entries before it, the old key and the new one:

    crowdlens key.rotate/v1
    <origin>
    <size>
    <root>
    <old vkey>
    <new vkey>

The entry `key.rotate` carries both signatures. Thus the chain of keys can be checked with the first
key and the entries alone; and whoever holds a later key can't write another history before its
hand-over, since the old key's word for the root is part of it. The first line has a space, so that
no statement is a checkpoint, and no checkpoint a statement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.bodies import KeyRotate
from audit.checkpoint import Checkpoint
from audit.entries import Entry
from audit.errors import LogCut, NoteInvalid, SignatureUntrusted
from audit.log_keys import LogKeys, Successor, key_text, log_key
from audit.merkle import consistency_proof, root_hash
from audit.note import Signature, SignedNote, VerifierKey
from audit.trust import Trust

_FIRST_LINE = "crowdlens key.rotate/v1"


@dataclass(frozen=True)
class HandOver:
    """What both keys sign."""

    before: Checkpoint
    """The entries before the hand-over; one entry more, and both keys sign the checkpoint."""
    old: VerifierKey
    new: VerifierKey

    @property
    def size(self) -> int:
        """The tree size of the hand-over itself."""
        return self.before.size + 1

    def text(self) -> str:
        """Return the statement."""
        return f"{_FIRST_LINE}\n{self.before.text()}{self.old}\n{self.new}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a statement; raises `NoteInvalid`."""
        lines = text.split("\n")
        if len(lines) != 7 or lines[0] != _FIRST_LINE or lines[6]:
            raise NoteInvalid("a hand-over of a log's key has exactly six lines")
        before = Checkpoint.parse("\n".join([*lines[1:4], ""]))
        old, new = (VerifierKey.parse(line) for line in lines[4:6])
        if {old.name, new.name} != {before.origin}:
            raise NoteInvalid("a hand-over is between keys of one log")
        return cls(before, old, new)

    def signed(self, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> KeyRotate:
        """Return the entry's body, with both signatures."""
        text = self.text().encode()
        return KeyRotate(
            old=key_text(self.old),
            new=key_text(self.new),
            by_old=old.sign(text).hex(),
            by_new=new.sign(text).hex(),
        )

    def note(self, body: KeyRotate) -> SignedNote:
        """Return the statement as a signed note, for witnesses."""
        signatures = ((self.old, body.by_old), (self.new, body.by_new))
        return SignedNote(
            self.text(),
            tuple(Signature(k.name, k.key_id, bytes.fromhex(s)) for k, s in signatures),
        )

    @classmethod
    def of(cls, origin: str, entry: Entry, root: bytes) -> Self:
        """Return what the keys of an entry signed, where the entries before it have that root."""
        assert isinstance(entry.body, KeyRotate)
        return cls(
            Checkpoint(origin, entry.seq, root),
            log_key(origin, entry.body.old),
            log_key(origin, entry.body.new),
        )


class _Told(Protocol):
    def hand_over(self, old_size: int, proof: Sequence[bytes], statement: bytes) -> None: ...


def tell(
    witness: _Told, known: int, leaves: Sequence[bytes], log: str, told: Iterable[Entry]
) -> None:
    """Tell a witness that remembers `known` entries of each hand-over after them, in order."""
    for entry in told:
        if not isinstance(entry.body, KeyRotate) or entry.seq < known:
            continue
        before = leaves[: entry.seq]
        over = HandOver.of(log, entry, root_hash(before))
        proof = consistency_proof(before, known) if known else ()
        witness.hand_over(known, proof, over.note(entry.body).to_bytes())


def follow(
    trust: Trust, entries: Iterable[Entry], root: Callable[[int], bytes], size: int
) -> LogKeys:
    """Return the log's keys, from the one that the trust file pins through every hand-over.

    `root` gives the root of the first entries, `size` says how many entries there are. Raises
    `SignatureUntrusted` at the first hand-over that is not signed by the key before it and the
    key after it, or that the trust file contradicts; `LogCut` where the log ends before a
    hand-over that the trust file names.
    """
    keys, named = LogKeys(trust.log, (), trust.revoked), list(trust.successors)
    guards = {key.public for key in trust.witness_keys}
    for entry in entries:
        if not isinstance(entry.body, KeyRotate):
            continue
        over = HandOver.of(trust.log.name, entry, root(entry.seq))
        expected = named.pop(0) if named else None
        if expected is not None and expected != Successor(over.new, over.size):
            raise SignatureUntrusted("the log was handed over to another key than is trusted")
        if over.old != keys.newest or over.new in keys.every or over.new.public in guards:
            raise SignatureUntrusted("the log was handed over from, or to, a key that can't be")
        note = over.note(entry.body)
        note.verify_by(over.new)
        if keys.counts(over.old, over.size):
            note.verify_by(over.old)
        elif expected is None:
            raise SignatureUntrusted("the log was handed over with a key that was revoked")
        keys = keys.followed_by(Successor(over.new, over.size))
        if expected is not None:
            keys = LogKeys(keys.first, keys.later, keys.revoked, keys.listed | {over.new})
    if named and named[0].size <= size:
        raise SignatureUntrusted("the log was not handed over where the trust file says")
    if named:
        raise LogCut("the log ends before a hand-over that the trust file names")
    return keys
