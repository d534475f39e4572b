"""What can be wrong with a source. Messages name rows and columns, never their content."""

from typing import ClassVar

from engine.errors import EngineError


class SourceUnusable(EngineError):
    """The source can't be read as a whole: nothing was opened, nothing was logged."""

    code: ClassVar[str] = "source-unusable"
    exit_code: ClassVar[int] = 9
