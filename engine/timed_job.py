"""The work on one photo with the time that it took, for the operator and nobody else.

INVARIANT: seconds go to the observer of the live process: never into the log, a release or a store.
"""

from dataclasses import dataclass
from time import perf_counter

from engine.photo_job import Looked, PhotoJob
from engine.sources import SourcePhoto


@dataclass(frozen=True)
class Timed:
    """What is left of a photo, and how long each part of the work took."""

    looked: Looked | None
    redact: float
    """Seconds, reading the file included."""
    recognise: float
    """Seconds; 0 where there was nothing to look at."""


@dataclass(frozen=True)
class TimedJob:
    """A `PhotoJob` with a clock beside it."""

    job: PhotoJob

    def prepare(self) -> None:
        """Load the models, once a process."""
        self.job.prepare()

    def __call__(self, photo: SourcePhoto) -> Timed:
        """Do the work on one photo."""
        start = perf_counter()
        redacted = self.job.redacted(photo)
        between = perf_counter()
        looked = None if redacted is None else self.job.looked_at(redacted)
        return Timed(looked, between - start, perf_counter() - between)
