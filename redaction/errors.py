"""What can go wrong with redaction itself.

    RedactionError              the root; nothing else leaves this package
    ├── ModelUnusable           a detector's weights are missing or do not load
    ├── PhotoStaysHere          somebody tried to send a redacted photo out of its process
    └── TruthInvalid            a truth file of an evaluation that can't be read

A photo that can't be redacted is no error: it is `Withheld`. Messages carry no data values.
"""

from typing import ClassVar


class RedactionError(Exception):
    """Root of this package's errors."""

    code: ClassVar[str] = "redaction"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ModelUnusable(RedactionError):
    """A detector can't be loaded, so that every photo would be withheld."""

    code = "model-unusable"


class PhotoStaysHere(RedactionError):
    """A redacted photo was pickled or copied; pixels stay in the process that redacted them."""

    code = "photo-stays-here"


class TruthInvalid(RedactionError):
    """A truth file whose columns or numbers can't be used."""

    code = "truth-invalid"
    exit_code = 9
