"""Keeping an opt-out list: made once, added to, and said to be up to date.

Every change is whole or not at all, and two at a time wait for each other, so that no objection is
lost between them.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from engine.durable import replace_whole, sync_directory, write_new
from engine.errors import OutputTaken, OutputUnwritable
from engine.optouts.errors import OptOutsUnusable
from engine.optouts.list_file import OptOutList, open_list
from engine.optouts.secret import Secret
from engine.sources import canonical_contributor


def create_list(path: Path, dataset: str, secret: Secret, today: date) -> OptOutList:
    """Write a new list of nobody; raises `OutputTaken` where something is at the path."""
    made = OptOutList.empty(dataset, today, secret)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, made.data, 0o600)
        sync_directory(path.parent)
    except FileExistsError:
        raise OutputTaken(
            "there is something at the list's path already", hint="Nothing was changed."
        ) from None
    except OSError:
        raise _unwritable() from None
    return made


def add_accounts(
    path: Path, secret: Secret, accounts: Iterable[str], today: date
) -> tuple[OptOutList, int]:
    """Add accounts, as the source names them; return the list and how many are new in it.

    That brings the list up to date. Raises `OptOutsUnusable` for an account that is none, by its
    place, with nothing added; and as `open_list`.
    """
    canonical = []
    for place, account in enumerate(accounts, start=1):
        found = canonical_contributor(account)
        if found is None or found == "@":
            raise OptOutsUnusable(
                f"account {place} of those given is empty",
                hint="Give accounts as the source names them. Nothing was added.",
            )
        canonical.append(found)
    if not canonical:
        raise OptOutsUnusable(
            "no account was given",
            hint="If nobody new objects, `crowdlens optouts refresh` says so.",
        )
    with _held(path):
        before = open_list(path, secret, today)
        after = before.with_accounts(canonical, today)
        _replace(path, after.data)
    return after, len(after.marks) - len(before.marks)


def refresh_list(path: Path, secret: Secret, today: date) -> OptOutList:
    """Say that every objection up to today is in the list; raises as `open_list`."""
    with _held(path):
        after = open_list(path, secret, today).with_accounts((), today)
        _replace(path, after.data)
    return after


@contextmanager
def _held(path: Path) -> Iterator[None]:
    try:
        handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        raise _unwritable() from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, data: bytes) -> None:
    try:
        replace_whole(path, data, 0o600)
    except OSError:
        raise _unwritable() from None


def _unwritable() -> OutputUnwritable:
    return OutputUnwritable(
        "the opt-out list can't be written", hint="Check the path, its permissions and the space."
    )
