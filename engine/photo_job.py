"""What is done with one photo, start to end, in whatever process it happens.

Raw bytes go into redaction and nowhere else; what comes out of here has no pixels.
"""

from dataclasses import dataclass
from functools import cached_property

from engine.recognisers import ready
from engine.recognition import Recognised, Recogniser, RecognitionRules, recognise
from engine.recognition.fingerprint import fingerprint_of
from engine.sources import SourcePhoto
from redaction import RedactedPhoto, RedactionRules, redact, warm_up


@dataclass(frozen=True)
class Looked:
    """What is left of a photo."""

    labels: tuple[Recognised, ...]
    fingerprint: bytes | None = None
    """By which photos of one contributor that look the same are told."""


@dataclass(frozen=True)
class PhotoJob:
    """Redact, then recognise. The same for every photo; keeps nothing from one to the next."""

    rules: RedactionRules
    recognition: RecognitionRules
    fingerprints: bool = False
    """Whether the study counts photos that look the same once."""

    @cached_property
    def recognisers(self) -> tuple[Recogniser, ...]:
        """The ways of seeing labels that this study uses."""
        return ready(self.recognition)

    def prepare(self) -> None:
        """Load the models, once a process."""
        warm_up(self.rules)
        _ = self.recognisers

    def __call__(self, photo: SourcePhoto) -> Looked | None:
        """Return the photo's labels, or None where redaction withheld it or recognition failed."""
        redacted = self.redacted(photo)
        return None if redacted is None else self.looked_at(redacted)

    def redacted(self, photo: SourcePhoto) -> RedactedPhoto | None:
        """Return what may be looked at; None where redaction withheld the photo."""
        try:
            raw = photo.read(self.rules.limits.max_bytes)
        except MemoryError:
            # INVARIANT: one photo can't end the run. Redaction withholds what has no bytes.
            raw = b""
        done = redact(raw, self.rules)
        return done if isinstance(done, RedactedPhoto) else None

    def looked_at(self, redacted: RedactedPhoto) -> Looked | None:
        """Return what is seen in it; None where recognition failed."""
        try:
            return Looked(
                recognise(redacted, self.recognisers, self.recognition.least),
                fingerprint_of(redacted) if self.fingerprints else None,
            )
        except Exception:
            # INVARIANT: one photo can't end the run, or its end would tell of that photo. That
            # recognition works at all is seen when it is prepared.
            return None
