"""What a run under test notes for the test: photos that are read, counts before noise.

`killed.py` takes them where the environment has RUN_KEYS, in the run's own process and in each of
its workers.

    RUN_KEYS       the run's two secrets, in hex: two runs with the same ones keep the same cells
    NOTE_READS     a file to which the name of each photo's file goes when it is read
    NOTE_COUNTS    a file to which a run's counts go, a line a run, before noise is drawn
    CRASHES        the name of a photo's file, on which a decoder's fault ends the worker
    DEVOURS        the name of one that takes all the memory that there is
"""

import importlib
import json
import os
import signal
from pathlib import Path
from typing import Any


def note() -> None:
    """Take notes of what the environment asks for."""
    if os.environ.keys() & {"CRASHES", "DEVOURS"}:
        _be_hostile(os.environ.get("CRASHES"), os.environ.get("DEVOURS"))
    _give_keys(bytes.fromhex(os.environ["RUN_KEYS"]))
    if "NOTE_READS" in os.environ:
        _note_reads(os.environ["NOTE_READS"])
    if "NOTE_COUNTS" in os.environ:
        _note_counts(os.environ["NOTE_COUNTS"])


def _give_keys(keys: bytes) -> None:
    from engine.store import interface

    half = len(keys) // 2
    interface.RunKeys.fresh = lambda: interface.RunKeys(keys[:half], keys[half:])  # type: ignore[method-assign]


def _note_reads(notes: str) -> None:
    from engine.sources import files

    read = files.PathFile.read

    def noted(file: files.PathFile, limit: int) -> bytes:
        _append(notes, file.path.name)
        return read(file, limit)

    files.PathFile.read = noted  # type: ignore[method-assign]


def _be_hostile(crashes: str | None, devours: str | None) -> None:
    from engine.sources import files

    read = files.PathFile.read

    def hostile(file: files.PathFile, limit: int) -> bytes:
        if file.path.name == crashes:
            os.kill(os.getpid(), signal.SIGSEGV)
        taken = []
        while file.path.name == devours:
            taken.append(bytearray(os.urandom(1 << 16) * 1024))
        return read(file, limit)

    files.PathFile.read = hostile  # type: ignore[method-assign]


def _note_counts(notes: str) -> None:
    # `import` would give the function of that name, which the package shows.
    module = importlib.import_module("engine.statistics.release")
    count_all = module.count_all

    def noted(bounded: Any) -> Any:
        counts = count_all(bounded)
        _append(notes, json.dumps([[int(n) for n in cells] for cells in counts]))
        return counts

    module.count_all = noted


def _append(notes: str, line: str) -> None:
    # One write, so that lines of several processes stay whole.
    handle = os.open(Path(notes), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode() + b"\n")
    finally:
        os.close(handle)
