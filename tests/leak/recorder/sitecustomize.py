"""Note every file that a Python process opens for writing, workers included.

Loaded by the interpreter where this folder is on PYTHONPATH and CROWDLENS_TEST_RECORD is set.
"""

import os
import sys

_target = os.environ.get("CROWDLENS_TEST_RECORD")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

if _target:
    _record = os.open(_target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _hook(event: str, given: tuple[object, ...]) -> None:
        # A number is a descriptor that was opened, and noted, before.
        if event != "open" or not isinstance(given[0], str | bytes):
            return
        if isinstance(given[2], int) and given[2] & _WRITING:
            os.write(_record, os.path.abspath(os.fsencode(given[0])) + b"\n")

    sys.addaudithook(_hook)
