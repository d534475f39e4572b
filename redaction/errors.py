"""What can go wrong with redaction itself.

    RedactionError              the root; nothing else leaves this package
    ├── ModelUnusable           a detector's weights are missing or do not load
    ├── DecoderUnusable         the process that decodes photos can't be started
    ├── CopyUnsound             a copy for a reviewer's eyes that is more than its pixels
    └── PhotoStaysHere          somebody tried to send a redacted photo out of its process

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


class DecoderUnusable(RedactionError):
    """The decoder's process can't be started, so that every photo would be withheld."""

    code = "decoder-unusable"


class CopyUnsound(RedactionError):
    """An encoded copy held something besides its pixels; it was not handed out."""

    code = "copy-unsound"


class PhotoStaysHere(RedactionError):
    """A redacted photo was pickled or copied; pixels stay in the process that redacted them."""

    code = "photo-stays-here"
