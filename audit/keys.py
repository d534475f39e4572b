"""Ed25519 private keys in PKCS#8 PEM files that only their owner can read.

Files are made once and never overwritten (`O_EXCL`, mode 0600); a key file that others can read
is refused.
"""

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from audit.durable import create_file
from audit.errors import SignatureUntrusted


def create_key(path: Path) -> Ed25519PrivateKey:
    """Make a new key at `path`; raises `LogExists` where something is already there."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    create_file(path, pem, mode=0o600)
    return private


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read a key; raises `SignatureUntrusted` where it is missing, unsafe or of another type."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(4096)
    except OSError as error:
        raise SignatureUntrusted(
            "a private key can't be read", hint="Check the path and the permissions."
        ) from error
    if mode & 0o077:
        raise SignatureUntrusted(
            "a private key can be read by others", hint=f"Run: chmod 600 {path}"
        )
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SignatureUntrusted("a private key does not parse") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise SignatureUntrusted("a private key is not Ed25519")
    return private


def public_bytes(private: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public key."""
    return private.public_key().public_bytes_raw()
