"""What can go wrong with workers."""

from typing import ClassVar

from engine.errors import EngineError


class WorkersUnready(EngineError):
    """No worker process could load what the work needs."""

    code: ClassVar[str] = "workers-unready"
    exit_code: ClassVar[int] = 1
