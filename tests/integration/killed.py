"""Run a command that kills itself (SIGKILL) just before its n-th durable step.

Usage: python killed.py N WORD...  Durable steps are fsync, rename, replace, mkdir and unlink, the
system calls whose order the promises rest on. With N = 0 it kills nothing and prints how many
steps there were.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

STEPS = ("fsync", "rename", "replace", "mkdir", "unlink")
count = 0
# Out here, for worker processes import this file too.
if "RUN_KEYS" in os.environ:
    from tests.integration.run_notes import note

    note()


def counted(call: Callable[..., Any], fatal: int) -> Callable[..., Any]:
    """Return the call, deadly as the `fatal`-th of all."""

    def step(*given: Any, **named: Any) -> Any:
        global count  # noqa: PLW0603
        count += 1
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)

    return step


if __name__ == "__main__":
    fatal = int(sys.argv[1])
    for name in STEPS:
        setattr(os, name, counted(getattr(os, name), fatal))
    sys.argv = ["crowdlens", *sys.argv[2:]]
    if "PART_PHOTOS" in os.environ:
        # So that few photos make several parts.
        from engine.store import encrypted

        encrypted.PART_PHOTOS = int(os.environ["PART_PHOTOS"])
    from engine.cli.main import main

    try:
        main()
    finally:
        sys.stderr.write(f"steps {count}\n")
