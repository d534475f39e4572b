"""What can go wrong in the engine.

    EngineError                 the root; nothing else of ours leaves the engine
    ├── OutputTaken             the output directory holds something else
    ├── OutputUnwritable        no room or no permission for an output
    └── (each sub-package draws its own branch in its errors.py)

Every error has a `code` (stable, for scripts), an `exit_code` (the process's), and a `hint`
(what to do). Messages never quote the data: no counts, no names, no digests of rows.
"""

from typing import ClassVar


class EngineError(Exception):
    """Root of this package's errors."""

    code: ClassVar[str] = "engine"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class OutputTaken(EngineError):
    """The output directory is in use, or holds something that this run may not replace."""

    code: ClassVar[str] = "output-taken"
    exit_code: ClassVar[int] = 2


class OutputUnwritable(EngineError):
    """The machine would not write an output."""

    code: ClassVar[str] = "output-unwritable"
    exit_code: ClassVar[int] = 10
