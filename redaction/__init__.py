"""Raw to redacted: faces, uncleared text and metadata stop here.

Nothing outside this package ever sees a raw pixel. The only way through is `redact`.
"""

from redaction.encode import png_of
from redaction.models import ModelFile, models
from redaction.redact import redact, warm_up
from redaction.rules import Limits, RedactionRules
from redaction.types.photo import Box, ClearedWord, Reason, RedactedPhoto, Withheld

__all__ = [
    "Box",
    "ClearedWord",
    "Limits",
    "ModelFile",
    "Reason",
    "RedactedPhoto",
    "RedactionRules",
    "Withheld",
    "models",
    "png_of",
    "redact",
    "warm_up",
]
