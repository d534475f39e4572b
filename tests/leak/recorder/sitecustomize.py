"""Note every file that a Python process opens for writing, workers included.

Loaded by the interpreter where this folder is on PYTHONPATH and CROWDLENS_TEST_RECORD is set. Where
CROWDLENS_TEST_READS is set too, every file that is opened at all is noted there.
"""

import os
import sys

_target = os.environ.get("CROWDLENS_TEST_RECORD")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

if _target:
    _append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    _record = os.open(_target, _append, 0o600)
    _read_too = os.environ.get("CROWDLENS_TEST_READS")
    _reads = os.open(_read_too, _append, 0o600) if _read_too else None

    def _hook(event: str, given: tuple[object, ...]) -> None:
        # A number is a descriptor that was opened, and noted, before.
        if event != "open" or not isinstance(given[0], str | bytes):
            return
        name = os.path.abspath(os.fsencode(given[0])) + b"\n"
        if isinstance(given[2], int) and given[2] & _WRITING:
            os.write(_record, name)
        if _reads is not None:
            os.write(_reads, name)

    sys.addaudithook(_hook)
