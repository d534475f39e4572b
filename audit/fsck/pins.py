"""The trust file once more: the keys that the auditor got by another way than the log."""

import re
from dataclasses import dataclass
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
        keys = [log, *(key for key, _ in witnesses)]
        if value["schema"] != "crowdlens-trust/v1" or log.kind != 1:
            raise Problem(2, "not a trust file")
        if any(key.kind != 4 for key, _ in witnesses):
            raise Problem(2, "a witness's key is no cosignature key")
        # One key is one guard, whatever names it goes by.
        if len({k.public for k in keys}) < len(keys) or len({k.name for k in keys}) < len(keys):
            raise Problem(2, "one key is listed twice")
        if type(quorum) is not int or not 0 <= quorum <= len(witnesses):
            raise Problem(2, "the quorum does not fit the witnesses")
        if not all(_APPROVER.fullmatch(" ".join(a)) for a in approvers):
            raise Problem(2, "an approver can't be read")
        return cls(log, witnesses, quorum, frozenset(approvers))
