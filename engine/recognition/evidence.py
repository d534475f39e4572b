"""What one way of looking saw of one brand in one photo, before the ways are weighed together."""

from dataclasses import dataclass
from typing import Literal

Source = Literal["word", "keypoints", "region"]


@dataclass(frozen=True)
class Evidence:
    """A hint that a brand is in a photo; its strength is raw and compares within a source only."""

    label: str
    source: Source
    strength: float
    box: tuple[float, float, float, float]
    """Left, top, right and bottom, in pixels of the photo that was looked at."""
