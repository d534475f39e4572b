"""What can go wrong with recognition itself.

    EngineError
    └── RecognitionError        the root of this branch
        ├── NetUnusable         a net's file is missing, damaged, or another than was named
        └── HeadUnusable        the same of a trained head, or one of another net

Messages carry no data values.
"""

from typing import ClassVar

from engine.errors import EngineError


class RecognitionError(EngineError):
    """Root of recognition's errors."""

    code: ClassVar[str] = "recognition"


class NetUnusable(RecognitionError):
    """A net can't be loaded, so that nothing would be recognised."""

    code: ClassVar[str] = "net-unusable"
    exit_code: ClassVar[int] = 2


class HeadUnusable(RecognitionError):
    """A trained head can't be looked through."""

    code: ClassVar[str] = "head-unusable"
    exit_code: ClassVar[int] = 9
