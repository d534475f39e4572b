"""The log's keys in their order, each with the span of tree sizes that it may sign.

A key signs from the hand-over to it up to the hand-over to the next; the checkpoint of a hand-over
itself is signed by both. INVARIANT: a signature outside its key's span rejects the note, so that
whoever finds an old key can't go on with it.
"""

from dataclasses import dataclass, field
from typing import Self

from audit.errors import SignatureUntrusted
from audit.note import ED25519, SignedNote, VerifierKey


@dataclass(frozen=True)
class Successor:
    """A later key of the log."""

    vkey: VerifierKey
    size: int
    """The tree size of the hand-over: the first that it signs, together with the key before."""


@dataclass(frozen=True)
class Revoked:
    """A key that others hold, too."""

    vkey: VerifierKey
    last_good: int
    """The largest tree size up to which its signatures count."""


@dataclass(frozen=True)
class LogKeys:
    """The first key, and those that followed."""

    first: VerifierKey
    later: tuple[Successor, ...] = ()
    """In their order; sizes rise."""
    revoked: tuple[Revoked, ...] = ()
    listed: frozenset[VerifierKey] = field(default=frozenset())
    """Later keys that the trust file itself names: a hand-over to them needs nobody's word."""

    @property
    def newest(self) -> VerifierKey:
        """The key that signs from now on."""
        return self.later[-1].vkey if self.later else self.first

    @property
    def newest_from(self) -> int:
        """The tree size of the newest hand-over; 0 where there was none."""
        return self.later[-1].size if self.later else 0

    @property
    def every(self) -> tuple[VerifierKey, ...]:
        """All keys in their order."""
        return (self.first, *(s.vkey for s in self.later))

    def followed_by(self, successor: Successor) -> Self:
        """Return the keys with one more."""
        return type(self)(self.first, (*self.later, successor), self.revoked, self.listed)

    def counts(self, key: VerifierKey, size: int) -> bool:
        """Say whether the key was still its owner's alone at that size, as far as is known."""
        return all(size <= r.last_good for r in self.revoked if r.vkey == key)

    def signers(self, size: int) -> tuple[VerifierKey, ...]:
        """Return who signs the checkpoint of a tree size: one key, two at a hand-over.

        Raises `SignatureUntrusted` where the key of that size was revoked by then.
        """
        before, now = None, self.first
        for successor in self.later:
            if successor.size > size:
                break
            before = now if successor.size == size else None
            now = successor.vkey
        if not self.counts(now, size):
            raise SignatureUntrusted(
                "the log's key was revoked before it signed this",
                hint="The trust file says up to which size its signatures count.",
            )
        if before is None or (now in self.listed and not self.counts(before, size)):
            return (now,)
        return before, now

    def require_signed(self, note: SignedNote, size: int) -> None:
        """Raise `SignatureUntrusted` unless exactly the keys of that size signed the note.

        Signatures by keys that are none of the log's are ignored.
        """
        signers = self.signers(size)
        outside = [k for k in self.every if k not in signers and self.counts(k, size)]
        if any(signature.is_by(key) for key in outside for signature in note.signatures):
            raise SignatureUntrusted(
                "a key of the log signed outside its span",
                hint="A key that was handed over, or not yet taken over, signs nothing.",
            )
        # After that: of a note that an old key has signed alone, this is what is to be said.
        for key in signers:
            note.verify_by(key)


def log_key(origin: str, text: str) -> VerifierKey:
    """Return a log's key from the way in which entries write it, `ed25519:` and 64 hex digits."""
    return VerifierKey(origin, ED25519, bytes.fromhex(text.removeprefix("ed25519:")))


def key_text(key: VerifierKey) -> str:
    """Return a key as entries write it."""
    return f"ed25519:{key.public.hex()}"
