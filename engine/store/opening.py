"""A place for what is kept, opened: what a killed run left there, or a new beginning.

`form` is the first line of every file of one sort of store; what is of another does not open.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.encryption import NotOurs, decrypted, encrypted
from engine.store.directory import (
    START,
    STATE,
    StorePlace,
    destroy_key,
    held,
    part_numbers,
    read,
    read_key,
    remove_directory,
    remove_parts,
    replace,
    require_free,
    require_ours,
    write_key,
    writing,
)
from engine.store.errors import StoreUnusable
from engine.store.interface import KEY_BYTES, RunKeys
from engine.store.start import Start

_ID_BYTES: Final = 16


@contextmanager
def held_place(place: StorePlace) -> Iterator[StorePlace]:
    """Make the directory if there is none, and keep other runs away; yield absolute paths.

    Raises `StoreUnusable` where another run is at it, where it holds something else or would hold
    its own key, and `StoreUnwritable`.
    """
    directory, key = place.directory.absolute(), place.key.absolute()
    if key.is_relative_to(directory):
        raise StoreUnusable(
            "the key would lie in the directory that it locks",
            hint="Give --store-key a file in another place.",
        )
    with writing():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_ours(directory)
    with held(directory):
        yield StorePlace(directory, key)


def opened(place: StorePlace, form: bytes) -> tuple[bytes, Start] | None:
    """Return what a killed run left; None where there is no start, or no key for it any more.

    Raises `StoreUnusable` for what is under another key, or of another form.
    """
    sealed = read(place.directory / START)
    key = read_key(place.key)
    if sealed is None or key is None:
        return None
    try:
        return key, Start.parse(decrypted(form, key, b"start", sealed))
    except NotOurs:
        raise StoreUnusable(
            "what is kept there is under another key, or was changed",
            hint="Give the key of the run that was killed, or remove the directory to start over.",
        ) from None


def gone_on_with(place: StorePlace, form: bytes, rules: bytes) -> tuple[bytes, Start]:
    """Return the key and the start of what a run under the same rules left, or new ones.

    What is of other rules is destroyed. Raises `StoreUnusable` and `StoreUnwritable`.
    """
    found = opened(place, form)
    if found is not None and found[1].rules == rules:
        return found
    if found is None and (part_numbers(place.directory) or (place.directory / STATE).exists()):
        raise StoreUnusable(
            "the key of what is kept there is missing, or is no key",
            hint="Give the key of the run that was killed, or remove the directory to start over.",
        )
    if found is None:
        require_free(place.key)
    key = secrets.token_bytes(KEY_BYTES)
    start = Start(secrets.token_bytes(_ID_BYTES), rules, b"", RunKeys.fresh())
    with writing():
        # INVARIANT: a key is destroyed only where it opens what lies here: it may be another's.
        if found is not None:
            destroy_key(place.key)
        remove_parts(place.directory)
    save_start(place, form, key, start)
    with writing():
        write_key(place.key, key)
    return key, start


def save_start(place: StorePlace, form: bytes, key: bytes, start: Start) -> None:
    """Write whose parts these are, encrypted; raises `StoreUnwritable`."""
    replace(place.directory / START, encrypted(form, key, b"start", start.to_bytes()))


def read_sealed(place: StorePlace, form: bytes, key: bytes, name: str, own: bytes) -> bytes | None:
    """Return what a file holds; None where there is none, or none that opens in its `own` place.

    Raises `StoreUnusable`.
    """
    sealed = read(place.directory / name)
    if sealed is None:
        return None
    try:
        return decrypted(form, key, own, sealed)
    except NotOurs:
        return None


def destroy(place: StorePlace) -> None:
    """Destroy the key of a place that is held, then remove the rest; raises `StoreUnwritable`."""
    with writing():
        # INVARIANT: the key goes first: what a crash then leaves behind says nothing.
        destroy_key(place.key)
        remove_parts(place.directory)
        remove_directory(place.directory)


def remove(place: StorePlace, form: bytes) -> None:
    """Destroy the key of what is kept, then remove the rest; nothing where there is no directory.

    Raises `StoreUnusable` while a run is at it or where its key is another's, `StoreUnwritable`.
    """
    if not place.directory.is_dir():
        return
    require_ours(place.directory)
    with held(place.directory):
        found = opened(place, form)
        with writing():
            if found is not None:
                destroy_key(place.key)
            remove_parts(place.directory)
            remove_directory(place.directory)
