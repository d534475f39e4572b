"""The state of a trend in one encrypted file.

Encrypted as `engine.encryption` says, in its place by the trend's identity: a file of another trend
does not open. The content is safetensors, which is plain arrays and nothing that runs.

An older copy of a file opens: only the log knows how many periods have been published. Ask for it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import load, save

from engine.durable import replace_whole
from engine.encryption import KEY_BYTES, NotOurs, decrypted, encrypted
from engine.statistics.errors import StudyInvalid
from engine.statistics.running.errors import TrendStateUnusable, TrendStateUnwritable
from engine.statistics.running.memory import DIGEST_BYTES, MEMORY_SCHEMA
from engine.statistics.running.state import TrendState
from engine.statistics.running.trend import Trend

_FORMAT: Final = b"crowdlens-trend/1\n"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other runs away from a trend's file, from before it is read until it is written.

    Two runs that went on from one state would draw the same period twice. Raises
    `TrendStateUnusable` while another has it.
    """
    try:
        handle = os.open(
            path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600
        )
    except OSError as error:
        raise _unwritable(error) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TrendStateUnusable(
                "another run is at this running total", hint="Wait for it, then run again."
            ) from None
        yield
    finally:
        # The lock's file stays: removed, it could be held twice.
        os.close(handle)


def load_state(path: Path, trend: Trend, key: bytes, published: int) -> TrendState:
    """Return the trend's state; the one from before the first period where there is no file yet.

    `published` is the number of periods that the log says are out. Raises `TrendStateUnusable`
    where the file is missing or older than that, unreadable, of another trend, key or format, or
    changed.
    """
    sealed = _read(path)
    state = TrendState.before(trend) if sealed is None else _opened(sealed, trend, key)
    if state.closed < published:
        # INVARIANT: a period whose totals are out is never drawn again.
        raise TrendStateUnusable(
            "the state of this running total is missing, or older than what is published",
            hint="Put the latest one back; without it this running total can't go on.",
        )
    return state


def save_state(path: Path, state: TrendState, key: bytes) -> None:
    """Write the state, mode 0600, so that either the old or the new one is there at any time.

    On the disk when it returns. Raises `TrendStateUnwritable`.
    """
    sealed = encrypted(_FORMAT, _checked(key), state.trend.identity(), _packed(state))
    try:
        replace_whole(path, sealed, 0o600)
    except OSError as error:
        raise _unwritable(error) from None


def _read(path: Path) -> bytes | None:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError:
        raise TrendStateUnusable("the state of this running total can't be read") from None


def _opened(sealed: bytes, trend: Trend, key: bytes) -> TrendState:
    _checked(key)
    if not sealed.startswith(_FORMAT):
        raise TrendStateUnusable("the state of this running total has another format")
    try:
        return _unpacked(decrypted(_FORMAT, key, trend.identity(), sealed), trend)
    except NotOurs:
        raise TrendStateUnusable(
            "the state is another running total's, under another key, or was changed",
            hint="Check that the policy, the dataset and the key are those of the earlier runs.",
        ) from None


def _packed(state: TrendState) -> bytes:
    memory = state.memory
    return save(
        {
            "noisy": np.ascontiguousarray(state.noisy),
            "history": np.ascontiguousarray(state.history),
            "values": np.ascontiguousarray(state.values),
            "contributor": np.frombuffer(b"".join(memory["contributor"]), dtype=np.uint8),
            "series": memory["series"].to_numpy(),
            "used": memory["used"].to_numpy(),
        }
    )


def _unpacked(content: bytes, trend: Trend) -> TrendState:
    """Return the state; only bytes that this module has sealed for this trend get here."""
    arrays: dict[str, NDArray[np.generic]] = load(content)
    digests = arrays["contributor"].tobytes()
    memory = pl.DataFrame(
        {
            "contributor": [
                digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)
            ],
            "series": arrays["series"],
            "used": arrays["used"],
        },
        schema=MEMORY_SCHEMA,
    )
    return TrendState(
        trend,
        arrays["noisy"].astype(np.int64),
        arrays["history"].astype(np.int64),
        memory,
        arrays["values"].astype(np.int64),
    )


def _checked(key: bytes) -> bytes:
    if type(key) is not bytes or len(key) != KEY_BYTES:
        raise StudyInvalid(f"the key of a running total is {KEY_BYTES} bytes")
    return key


def _unwritable(error: OSError) -> TrendStateUnwritable:
    return TrendStateUnwritable(
        f"the state of this running total can't be written: {error.strerror}",
        hint="Give it a directory with room and permission to write.",
    )
