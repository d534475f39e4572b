"""The secret under which accounts stand in an opt-out list.

One secret of the steward's serves every list: each dataset and each purpose has a key of its own,
derived by HKDF-SHA256 (RFC 5869), so that the lists of two datasets can't be compared and none of
the keys says anything of another. Destroying the secret makes every list under it unreadable.
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.durable import sync_directory, write_new
from engine.errors import OutputTaken, OutputUnwritable
from engine.optouts.errors import OptOutKeyUntrusted

SECRET_BYTES: Final = 32
Purpose = Literal["account", "seal", "check"]


@dataclass(frozen=True)
class Secret:
    """32 random bytes that only their owner can read."""

    value: bytes = field(repr=False)

    def key(self, dataset: str, purpose: Purpose) -> bytes:
        """Return the 32 bytes that serve one purpose of one dataset's list."""
        info = b"crowdlens opt-outs v1\0" + purpose.encode() + b"\0" + dataset.encode()
        return HKDF(SHA256(), SECRET_BYTES, salt=None, info=info).derive(self.value)


def create_secret(path: Path) -> Secret:
    """Make a new secret at `path`, mode 0600; raises `OutputTaken` where something is there."""
    secret = Secret(secrets.token_bytes(SECRET_BYTES))
    try:
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_new(path, secret.value.hex().encode() + b"\n", 0o600)
        sync_directory(path.parent)
    except FileExistsError:
        raise OutputTaken("there is something at the key's path already") from None
    except OSError:
        raise OutputUnwritable(
            "the key can't be written", hint="Check the path and its permissions."
        ) from None
    return secret


def load_secret(path: Path) -> Secret:
    """Read a secret; raises `OptOutKeyUntrusted` where it is missing, unsafe or none."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(4096)
    except OSError:
        raise OptOutKeyUntrusted(
            "the opt-out list's key can't be read",
            hint="Give the file that `crowdlens optouts init` made.",
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OptOutKeyUntrusted(
            "the opt-out list's key can be read by others", hint=f"Run: chmod 600 {path}"
        )
    try:
        value = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        value = b""
    if len(value) != SECRET_BYTES:
        raise OptOutKeyUntrusted(
            "the opt-out list's key is no key",
            hint="Give the file that `crowdlens optouts init` made.",
        )
    return Secret(value)
