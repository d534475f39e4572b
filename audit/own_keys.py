"""The log's private keys on the machine that writes it: the present one, and the next for a moment.

A new key is made beside the present one and takes its place when the checkpoint that both signed
is there. The old file is gone with that one rename: a key that may sign nothing any more is of use
to nobody but a thief, who could show another beginning of the log to somebody who remembers none.
"""

import os
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.durable import replace_by, writing
from audit.errors import SignatureUntrusted
from audit.keys import create_key, load_key, public_bytes
from audit.note import VerifierKey

_PRESENT = "log.key"
_NEXT = "log.key.next"


class OwnKeys:
    """The private keys in a log's private folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[bytes, Ed25519PrivateKey] = {}

    def create(self) -> Ed25519PrivateKey:
        """Make a log's first key; raises `LogExists`."""
        return create_key(self._folder / _PRESENT)

    def make_next(self) -> Ed25519PrivateKey:
        """Make the next key. One that a killed process left, and no entry names, is dropped."""
        path = self._folder / _NEXT
        with writing(), suppress(FileNotFoundError):
            path.unlink()
        return create_key(path)

    def load(self) -> None:
        """Read the keys; raises `SignatureUntrusted` where there is none, or others can read it."""
        self._held = self._read()

    def of(self, key: VerifierKey) -> Ed25519PrivateKey:
        """Return the private half of a key; raises `SignatureUntrusted` where it is not held."""
        if key.public not in self._held:
            self._held = self._read()
        if key.public not in self._held:
            raise SignatureUntrusted(
                "the log's private key is not the one that signs it now",
                hint="Was an older private folder put back? A key that was handed over is over.",
            )
        return self._held[key.public]

    def settle(self, newest: VerifierKey) -> bool:
        """Put the newest key in its place, where a hand-over to it is sealed; say if it was not."""
        path = self._folder / _NEXT
        if not path.exists() or public_bytes(load_key(self._folder / _PRESENT)) == newest.public:
            return False
        with suppress(SignatureUntrusted):
            if public_bytes(load_key(path)) == newest.public:
                replace_by(self._folder / _PRESENT, path)
                self._held = self._read()
                return True
        # Half a key, or one that no entry names: what a killed process leaves.
        return False

    def _read(self) -> dict[bytes, Ed25519PrivateKey]:
        present = load_key(self._folder / _PRESENT)
        held = {public_bytes(present): present}
        if os.path.lexists(self._folder / _NEXT):
            with suppress(SignatureUntrusted):
                following = load_key(self._folder / _NEXT)
                held[public_bytes(following)] = following
        return held
