"""Is this machine fit to run studies? One check after the other, none of them fatal by itself."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from engine.errors import EngineError

Status = Literal["fine", "problem", "not checked"]


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    status: Status
    explanation: str
    exit_code: int = 2
    """What the command ends with where this is a problem: a log's own code, else wrong set-up."""


@dataclass(frozen=True)
class OptOuts:
    """An opt-out list to look at: with its key it is proved, with a policy its age is judged."""

    list: Path
    key: Path | None = None
    policy: Path | None = None


def examine_machine(
    log: Path | None,
    trust: Path | None,
    optouts: OptOuts | None = None,
    today: date = date.min,
) -> Iterator[Finding]:
    """Yield a finding for each check: Python, models, disk, opt-out list, log, keys, salts.

    `today` is the UTC date by which the list and the salts are old.
    """
    fit = sys.version_info >= (3, 11)
    yield Finding("python", "fine" if fit else "problem", platform.python_version())
    yield from _models()
    yield _confinement()
    free = shutil.disk_usage(log if log and log.exists() else Path.cwd()).free
    yield Finding(
        "disk", "fine" if free > 200_000_000 else "problem", f"{free // 1_000_000} MB free"
    )
    if optouts is not None:
        yield _optouts(optouts, today)
    if log is None or trust is None:
        yield Finding("log", "not checked", "give --log to have it verified")
        return
    yield from _log(log, trust)
    yield from _keys(log)
    yield _salts(log, today)


def _models() -> Iterator[Finding]:
    from engine.recognition.errors import RecognitionError  # noqa: PLC0415
    from engine.recognition.nets import load  # noqa: PLC0415
    from engine.recognition.weights import LITE0  # noqa: PLC0415
    from engine.recognition.weights.objects import OBJECTS  # noqa: PLC0415
    from engine.recognition.weights.regions import EMBEDDER  # noqa: PLC0415
    from redaction import models, warm_up  # noqa: PLC0415  loads the models
    from redaction.errors import RedactionError  # noqa: PLC0415

    try:
        warm_up()
        for model in models():
            yield Finding("model " + model.name, "fine", model.digest)
        for net in (LITE0, EMBEDDER, OBJECTS):
            load(net)
            yield Finding("model " + net.file.name, "fine", net.digest)
    except (RedactionError, RecognitionError) as error:
        yield Finding("models", "problem", str(error))


def _optouts(given: OptOuts, today: date) -> Finding:
    from engine.optouts import load_secret, open_list, read_list  # noqa: PLC0415  loads polars
    from policies.decision import list_refused  # noqa: PLC0415
    from policies.errors import PoliciesError  # noqa: PLC0415
    from policies.policy import load_policy  # noqa: PLC0415

    name = "opt-out list"
    try:
        stated, _ = read_list(given.list)
        policy = load_policy(given.policy) if given.policy is not None else None
        if given.key is not None:
            dataset = policy.dataset.id if policy is not None else None
            open_list(given.list, load_secret(given.key), today, dataset)
    except (EngineError, PoliciesError) as error:
        return Finding(name, "problem", str(error), error.exit_code)
    age = f"brought up to date {(today - stated.day).days} day(s) ago"
    if policy is None or given.key is None:
        return Finding(name, "not checked", f"{age}; give --policy and --optouts-key")
    if (refusal := list_refused(policy, stated.day, today)) is not None:
        return Finding(name, "problem", str(refusal), refusal.exit_code)
    return Finding(name, "fine", f"{age}, as the policy asks")


def _salts(log: Path, today: date) -> Finding:
    from audit.commitments import expired_runs  # noqa: PLC0415

    late = bool(expired_runs(log, today))
    return Finding(
        "salts of commitments",
        "problem" if late else "fine",
        "some are kept longer than their policy says: run `crowdlens audit erase --expired`"
        if late
        else "none is kept longer than its policy says",
        7,
    )


def _confinement() -> Finding:
    from redaction.decoding.process import filter_holds  # noqa: PLC0415

    name = "decoder's confinement"
    if filter_holds():
        return Finding(name, "fine", "the kernel keeps a decoder from files, sockets and programs")
    return Finding(name, "not checked", "this kernel takes no filter: limits alone hold a decoder")


def _log(log: Path, trust: Path) -> Iterator[Finding]:
    from audit import Trust, verify  # noqa: PLC0415
    from audit.errors import AuditError  # noqa: PLC0415

    try:
        result = verify(log, Trust.load(trust))
    except AuditError as error:
        yield Finding("trust file", "problem", str(error))
        return
    for check in result.checks:
        status: Status = {"passed": "fine", "failed": "problem", "not-checked": "not checked"}[
            check.status
        ]  # type: ignore[assignment]
        code = check.error.exit_code if check.error else 0
        yield Finding("log: " + check.name, status, check.explanation, code)


def _keys(log: Path) -> Iterator[Finding]:
    private = log / "private"
    if not private.is_dir():
        yield Finding("private keys", "not checked", "this copy of the log has none")
        return
    open_to_others = stat.S_IRWXG | stat.S_IRWXO
    loose = [p for p in (private, *private.rglob("*.key")) if os.stat(p).st_mode & open_to_others]
    yield Finding(
        "private keys",
        "problem" if loose else "fine",
        "others can read them: chmod 700 the directory, 600 the keys"
        if loose
        else "only you can read them",
    )
