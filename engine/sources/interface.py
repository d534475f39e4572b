"""What a source hands to a run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from engine.sources.admission import EVERYBODY, Admission
from engine.sources.countries import Countries
from engine.sources.files import PhotoFile
from engine.sources.identities import Persons


@dataclass(frozen=True)
class SourcePhoto:
    """One photo that may be opened: where it lies, and the public keys that its row gives it."""

    file: PhotoFile
    contributor: str
    """The run's key for the account, never the account."""
    day: date
    region: str | None = None
    platform: str | None = None
    hashtags: tuple[str, ...] = ()
    """Of the manifest, and only where the policy asks for them."""
    mark: bytes = b""
    """What stands for the row in the run's commitment to its inputs; nobody can read it."""
    path: str = ""
    """As the source names it, in its plain form: what the labels of a training are of."""

    def read(self, limit: int) -> bytes:
        """Return at most `limit + 1` bytes, as its file does."""
        return self.file.read(limit)


class Source(Protocol):
    """A place that photos come from."""

    def photos(
        self,
        first: date,
        last: date,
        key: bytes,
        persons: Persons | None = None,
        *,
        hashtags: bool = False,
        admission: Admission = EVERYBODY,
        countries: Countries | None = None,
    ) -> tuple[SourcePhoto, ...]:
        """Return the photos of the days from first to last, contributors keyed; open none of them.

        Hashtags are read only where they are asked for. Accounts of one person count as one
        contributor, where `persons` says so. `admission` says whose photos stay out. With
        `countries`, a photo's region is the one of them that its coordinates lie in; without,
        nobody looks at coordinates.

        Raises `SourceUnusable` where the source as a whole can't be read, or has no consent to show
        where that is asked for.
        """

    def lacks(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of the paths that no photo of the source has, whoever's it is.

        Asked of what somebody labelled. Of a photo that stays out for an objection, a missing
        consent or its day it says no more than that it is there. Raises `SourceUnusable`.
        """
