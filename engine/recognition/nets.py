"""ONNX nets by path and digest: what runs is what was named, or nothing runs.

A file is read once; the bytes whose digest was checked are the bytes that are loaded. ONNX holds
a graph and numbers and no code, unlike a pickle. Nets run on one thread: one photo a process
beats one photo on all cores.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from engine.recognition.errors import NetUnusable
from redaction.bfloat16 import Bfloat16Net
from redaction.nets import has_short_numbers, providers

LARGEST: Final = 1 << 30
"""A net of more bytes than this is not loaded."""


@dataclass(frozen=True)
class Net:
    """One file of weights, by name and by what is in it."""

    file: Path
    digest: str
    """`sha256:` and the hex SHA-256 of its bytes."""


def digest_of(raw: bytes) -> str:
    """Return the name of exactly these bytes."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def net_of(file: Path) -> Net:
    """Return a file as it is now, by its digest; raises `NetUnusable` where it can't be read."""
    try:
        with file.open("rb") as opened:
            return Net(file, "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest())
    except OSError as error:
        raise NetUnusable(f"the net {file.name} can't be read", hint="Check its path.") from error


@cache
def load(net: Net, *, short: bool = False) -> Any:
    """Return an `onnxruntime.InferenceSession`, or what runs like one.

    `short` is for a net that may run in bfloat16, where there is any: see `redaction.bfloat16`.
    Raises `NetUnusable`, naming the file.
    """
    name = net.file.name
    try:
        if net.file.stat().st_size > LARGEST:
            raise NetUnusable(f"the net {name} is larger than 1 GiB", hint="Name a smaller one.")
        raw = net.file.read_bytes()
    except OSError as error:
        raise NetUnusable(f"the net {name} can't be read", hint="Check its path.") from error
    # INVARIANT: nothing of a file is interpreted before its digest is the one that was named.
    if digest_of(raw) != net.digest:
        raise NetUnusable(
            f"the net {name} is another file than was named",
            hint="Name its own digest, or install Crowdlens again where it is one of its files.",
        )
    try:
        return Bfloat16Net(raw) if short and has_short_numbers() else _session(raw)
    except Exception as error:
        raise NetUnusable(
            f"the net {name} does not load", hint="It must be a whole ONNX file."
        ) from error


def _session(raw: bytes) -> Any:
    import onnxruntime  # noqa: PLC0415  heavy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # it would print shapes, which are the photo's
    # No net gets more than 512 pixels a side, so that what the arena keeps is some 100 MB a process
    # at the most. Without it the pages of every layer are asked for anew, a twentieth of the time.
    options.enable_cpu_mem_arena = True
    return onnxruntime.InferenceSession(raw, options, providers=providers())


def check_ports(session: Any, name: str, *, inputs: set[str], outputs: set[str]) -> None:
    """Raise `NetUnusable` unless a net takes and gives what its place needs, by name."""
    takes = {port.name for port in session.get_inputs()}
    gives = {port.name for port in session.get_outputs()}
    if takes != inputs or not outputs <= gives:
        raise NetUnusable(
            f"the net {name} does not fit its place",
            hint=f"It must take {sorted(inputs)} and give at least {sorted(outputs)}.",
        )
