"""What recognition gives, and what a recogniser is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from redaction import RedactedPhoto

Kind = Literal["brand", "scene", "object", "interest"]


@dataclass(frozen=True, order=True)
class Recognised:
    """One label seen in one photo. With the photo's contributor and period: a sighting."""

    kind: Kind
    label: str
    """A label of the catalogue, or of the public lists in `policies.tags`."""


Scores = Mapping[Recognised, float]
"""How sure each label is, 0 to 1: of labels with 0.9, about nine in ten are there."""


class Recogniser(Protocol):
    """One way of seeing labels. Keeps no state from photo to photo."""

    def warm_up(self) -> None:
        """Load what it looks with; raises `NetUnusable` where that is not what was named."""

    def score(self, photo: RedactedPhoto) -> Scores:
        """Return every label that this redacted photo may show, and nothing of the others."""
