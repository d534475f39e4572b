"""The log and what guards it: trust file, witnesses, private keys, salts."""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from audit import Trust, Verification, verify
from audit.commitments import expired_runs
from audit.errors import AuditError, WitnessMissing
from audit.witness import read_memory
from engine.doctor.finding import Finding, Status, advised, judged

_STATUS: dict[str, Status] = {"passed": "fine", "failed": "problem", "not-checked": "not checked"}


def trust_pinned(file: Path, log: Path) -> Finding:
    """Say whether the trust file is one that the log's writer could not have changed with it."""
    name = "trust file"
    if not file.is_file():
        return Finding(
            name,
            "problem",
            "it is not there",
            "Give --trust; `crowdlens init` writes one beside the log.",
            5,
        )
    if os.stat(file).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return Finding(name, "problem", "others can change it", "chmod go-w it.", 5)
    beside = file.absolute().parent in (log.absolute(), log.absolute().parent)
    return advised(
        name,
        well=not beside,
        fine="it is kept apart from the log",
        better="it lies beside the log: whoever changes one can change both",
        fix="Keep a copy that the log's owner can't write, and give it by --trust.",
    )


def witnesses(trust: Trust, log: Path, *, online: bool) -> Iterator[Finding]:
    """Yield of each witness whether it can be asked, and whether it is out of the log's reach."""
    if not trust.witnesses:
        yield Finding(
            "witness",
            "advice",
            "the log has none: nobody else remembers it",
            "crowdlens audit witness init; a study that is no test needs one.",
        )
    for number, witness in enumerate(trust.witnesses, 1):
        name = f"witness {number}" if len(trust.witnesses) > 1 else "witness"
        if witness.url is not None:
            if not online:
                asked = "it is on another machine, and was not asked"
                yield Finding(name, "not checked", asked, "Give --online to ask it.")
        elif witness.path is None:
            yield Finding(name, "not checked", "it can't be asked from here")
        elif not witness.path.is_dir():
            yield Finding(
                name,
                "problem",
                "its folder can't be reached",
                "Mount it, or correct its path in the trust file.",
                6,
            )
        elif (gone := _memory_gone(witness.path)) is not None:
            yield Finding(name, "problem", str(gone), gone.hint, gone.exit_code)
        else:
            yield advised(
                name,
                well=log.is_dir() and os.stat(witness.path).st_dev != os.stat(log).st_dev,
                fine="it can be reached, on another volume than the log",
                better="it can be reached, and lies on the log's own volume",
                fix="Move it to another machine or volume for a real study.",
            )


def _memory_gone(folder: Path) -> WitnessMissing | None:
    """Return why every run would be refused, though the log can be verified; None for no reason."""
    try:
        read_memory(folder)
    except WitnessMissing as error:
        return error
    return None


def log_sound(log: Path, trust: Trust, *, online: bool) -> tuple[Verification, list[Finding]]:
    """Verify the log; return what came out and a finding for each check. Raises `AuditError`."""
    result = verify(log, trust, online=online)
    return result, [
        Finding(
            f"log: {check.name}",
            _STATUS[check.status],
            check.explanation,
            check.error.hint if check.error else "",
            check.error.exit_code if check.error else 0,
        )
        for check in result.checks
    ]


def private_keys(log: Path, witnesses: Sequence[Path]) -> Iterator[Finding]:
    """Yield whether others can read private keys, and whether too many lie in one place."""
    private = log / "private"
    if not private.is_dir():
        yield Finding("private keys", "not checked", "this copy of the log has none")
        return
    people = log.absolute().parent / "keys"
    folders = [
        private,
        *(w for w in witnesses if w.is_dir()),
        *([people] if people.is_dir() else []),
    ]
    files = [key for folder in folders for key in folder.rglob("*.key")]
    open_to_others = stat.S_IRWXG | stat.S_IRWXO
    loose = [path for path in (private, *files) if os.stat(path).st_mode & open_to_others]
    yield judged(
        "private keys",
        well=not loose,
        fine="only you can read them",
        wrong="others can read them",
        fix="chmod 700 their directories, and 600 the keys.",
    )
    held = len(list(people.glob("*.key"))) if people.is_dir() else 0
    yield advised(
        "approvers' keys",
        well=held < 2,
        fine="no two lie here",
        better=f"{held} of them lie here: one person could approve as all of them",
        fix="Give each to its owner, and delete it here, before a real study.",
    )


def salts(log: Path, today: date) -> Finding:
    """Say whether what opens a run's commitments is destroyed when its policy says so."""
    late = bool(expired_runs(log, today))
    return Finding(
        "salts of commitments",
        "problem" if late else "fine",
        "some are kept longer than their policy says"
        if late
        else "none is kept longer than its policy says",
        "crowdlens audit erase --expired" if late else "",
        7,
    )


def unreadable(error: AuditError) -> Finding:
    """Say what is wrong with a trust file or a log that can't be read at all."""
    return Finding("trust file", "problem", str(error), error.hint, error.exit_code)
