"""What a source hands to a run."""

import os
import stat
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from engine.sources.identities import Persons


@dataclass(frozen=True)
class SourcePhoto:
    """One photo that may be opened: where it lies, and the public keys that its row gives it."""

    file: Path
    contributor: str
    """The run's key for the account, never the account."""
    day: date
    region: str | None = None
    platform: str | None = None
    hashtags: tuple[str, ...] = ()
    """Of the manifest, and only where the policy asks for them."""

    def read(self, limit: int) -> bytes:
        """Return at most `limit + 1` bytes, as `read_photo` does."""
        return read_photo(self.file, limit)


def read_photo(file: Path, limit: int) -> bytes:
    """Return at most `limit + 1` bytes, so that more than the limit can be told.

    A file that is missing, unreadable or not a plain file gives no bytes: redaction then
    withholds it like any other photo that it can't check.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return b""
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read(limit + 1)
    except OSError:
        return b""
    finally:
        os.close(handle)


class Source(Protocol):
    """A place that photos come from."""

    def photos(
        self,
        first: date,
        last: date,
        key: bytes,
        persons: Persons | None = None,
        *,
        hashtags: bool = False,
    ) -> tuple[SourcePhoto, ...]:
        """Return the photos of the days from first to last, contributors keyed; open none of them.

        Hashtags are read only where they are asked for. Accounts of one person count as one
        contributor, where `persons` says so.

        Raises `SourceUnusable` where the source as a whole can't be read.
        """
