"""The rules of one study's redaction: limits, the working size and what text may stay."""

from dataclasses import dataclass, field
from typing import Literal

from policies.lexicon import Lexicon


@dataclass(frozen=True)
class Limits:
    """What is refused before a pixel is decoded."""

    max_bytes: int = 50_000_000
    """Size of the file."""
    max_pixels: int = 50_000_000
    """Width times height, as the file's header states them."""
    min_side: int = 16
    """Pixels on the shorter side, at the working size: what is smaller can't be checked."""
    animations: Literal["first-frame", "withhold"] = "first-frame"
    """What becomes of a file with several frames or pages; the further ones are never opened."""
    max_seconds: float = 8.0
    """Processor time that decoding one file may take."""
    max_memory_mb: int = 1024
    """Memory that decoding one file may take, in MiB."""

    def __post_init__(self) -> None:
        whole = (self.max_bytes, self.max_pixels, self.min_side)
        if min(*whole, self.max_memory_mb) < 1 or not self.max_seconds > 0:
            raise ValueError("limits are at least 1, and a time is more than none")


@dataclass(frozen=True)
class RedactionRules:
    """Everything redaction may depend on besides the photo itself. Picklable."""

    lexicon: Lexicon
    """The words that may stay visible: a catalogue's names, which are public."""
    limits: Limits = field(default_factory=Limits)
    people: Literal["faces", "people"] = "faces"
    """`faces` veils heads; `people` veils whole silhouettes too."""
    text: Literal["default-deny", "pii-only"] = "default-deny"
    """`default-deny` veils every line that is not all catalogue names; `pii-only` veils lines with
    personal data in them, and lines that can't be read."""
    fill: Literal["blend", "solid"] = "blend"
    """What the veil is made of: a smooth blend of the pixels around it, or one grey."""
    working_side: int = 1600
    """Longest side in pixels at which redaction works. Larger photos are scaled down first, and
    the redacted photo keeps that size; smaller ones are left as they are."""

    def __post_init__(self) -> None:
        if not 320 <= self.working_side <= 4096:
            raise ValueError("the working side is between 320 and 4096 pixels")
