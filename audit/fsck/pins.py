"""The trust file once more: the keys that the auditor got by another way than the log."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from audit.fsck.notes import Key
from audit.fsck.problem import Problem

_APPROVER = re.compile(r"[a-z0-9][a-z0-9-]{0,63} ed25519:[0-9a-f]{64}")


@dataclass(frozen=True)
class Pins:
    """Whom the auditor believes."""

    log: Key
    witnesses: tuple[tuple[Key, Path | None], ...]
    """Of each: its key, and the folder of its memory where that can be read."""
    quorum: int
    approvers: frozenset[tuple[str, str]]
    """Role and key."""
    successors: tuple[tuple[int, Key], ...] = ()
    """Later keys of the log that the file names, each with the size from which it signs."""
    revoked: tuple[tuple[bytes, int], ...] = ()
    """Keys of the log, by their public bytes, each with the last size at which it counts."""

    @classmethod
    def load(cls, path: Path) -> "Pins":
        """Read a trust file; raises `Problem`."""
        try:
            value = yaml.safe_load(path.read_bytes())
        except (OSError, ValueError, yaml.YAMLError, RecursionError):
            raise Problem(2, "the trust file can't be read") from None
        try:
            return cls._of(value, path.parent)
        except (Problem, KeyError, TypeError, AttributeError):
            raise Problem(2, "the trust file breaks its form") from None

    @classmethod
    def _of(cls, value: Any, folder: Path) -> "Pins":
        log = Key.read(value["log"])
        witnesses = tuple(
            (Key.read(w["vkey"]), folder / w["path"] if w.get("path") else None)
            for w in value.get("witnesses", [])
        )
        approvers = [(a["role"], a["key"]) for a in value.get("approvers", [])]
        quorum = value["quorum"]
        later = tuple((s["from"], Key.read(s["vkey"])) for s in value.get("successors", []))
        revoked = tuple((Key.read(r["vkey"]), r["last_good"]) for r in value.get("revoked", []))
        keys = [log, *(key for key, _ in witnesses)]
        if value["schema"] != "crowdlens-trust/v1" or log.kind != 1:
            raise Problem(2, "not a trust file")
        if any(key.kind != 4 for key, _ in witnesses):
            raise Problem(2, "a witness's key is no cosignature key")
        # One key is one guard, whatever names it goes by.
        if len({k.public for k in keys}) < len(keys) or len({k.name for k in keys}) < len(keys):
            raise Problem(2, "one key is listed twice")
        _check_later(keys, later, revoked)
        if type(quorum) is not int or not 0 <= quorum <= len(witnesses):
            raise Problem(2, "the quorum does not fit the witnesses")
        if not all(_APPROVER.fullmatch(" ".join(a)) for a in approvers):
            raise Problem(2, "an approver can't be read")
        stolen = tuple((key.public, size) for key, size in revoked)
        return cls(log, witnesses, quorum, frozenset(approvers), later, stolen)


def _check_later(
    keys: list[Key], later: tuple[tuple[int, Key], ...], revoked: tuple[tuple[Key, int], ...]
) -> None:
    named = [key for _, key in later]
    listed = [*named, *(key for key, _ in revoked)]
    sizes = [1, *(size for size, _ in later)]
    counts = [*sizes, *(size for _, size in revoked)]
    if any((key.name, key.kind) != (keys[0].name, 1) for key in listed):
        raise Problem(2, "a later key of the log is none of its keys")
    if len({k.public for k in [*keys, *named]}) < len(keys) + len(named):
        raise Problem(2, "one key is listed twice")
    if len({key for key, _ in revoked}) < len(revoked):
        raise Problem(2, "one key is revoked twice")
    if any(type(size) is not int or not 0 <= size < 10**15 for size in counts):
        raise Problem(2, "a size can't be read")
    if any(a >= b for a, b in pairwise(sizes)):
        raise Problem(2, "later keys follow each other, each from a larger size")
