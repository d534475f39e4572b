"""What recognition gives, and what a recogniser is."""

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


class Recogniser(Protocol):
    """One way of seeing labels. Keeps no state from photo to photo."""

    def recognise(self, photo: RedactedPhoto) -> frozenset[Recognised]:
        """Return the labels that this redacted photo shows."""
