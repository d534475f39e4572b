"""What the exports of all platforms have in common: from posts to photos of a contributor.

Captions, places, devices, times of day, other people's names and the account's own never get past
this door: a `SourcePhoto` has no room for them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import ClassVar, Final

from engine.sources.admission import EVERYBODY, Admission
from engine.sources.contributor import canonical_contributor, contributor_key
from engine.sources.countries import Countries, Country
from engine.sources.errors import SourceUnusable
from engine.sources.identities import Persons
from engine.sources.interface import SourcePhoto
from engine.sources.places import Place

NO_PHOTOS: Final = frozenset(
    (".mp4", ".mov", ".m4v", ".webm", ".mp3", ".m4a", ".aac", ".srt", ".vtt", ".json", ".html")
)
"""Endings of what posts hold beside photos."""


@dataclass(frozen=True)
class Posted:
    """A photo that an account posted."""

    path: str
    account: str
    day: date
    hashtags: tuple[str, ...] = ()
    country: Country | None = None


class Export(ABC):
    """Photos that lie in an export, as the platform wrote it."""

    platform: ClassVar[str]
    """As a policy's `dimensions.platform` names it."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @staticmethod
    @abstractmethod
    def recognises(place: Place) -> bool:
        """Return whether an export of this platform lies directly here; opens no file."""

    @abstractmethod
    def posted(self, *, hashtags: bool, countries: Countries | None = None) -> Iterator[Posted]:
        """Yield every photo that was posted, in the export's order; hashtags where asked for.

        Coordinates are read where there are `countries` to tell, and go no further than that.

        What is no photo may be among them, such as a video, and a file more than once. Raises
        `SourceUnusable` where the export as a whole can't be read.
        """

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
        """Return the photos of these days, each file once, contributors keyed; open none of them.

        The region is the country, of those asked for, that the export's coordinates lie in.
        Raises `SourceUnusable` where the export as a whole can't be read, or where consent has to
        be shown: exports show none.
        """
        if admission.consent:
            raise SourceUnusable(
                "the policy asks for a consent column, and exports have none",
                hint="Give a folder whose photos.csv has the column consent.",
            )
        kept = []
        seen: set[str] = set()
        for photo in self.posted(hashtags=hashtags, countries=countries):
            account = canonical_contributor(photo.account)
            video = PurePosixPath(photo.path).suffix.lower() in NO_PHOTOS
            if account is None or video or photo.path in seen:
                continue
            # INVARIANT: before the day is asked for, so that a file has one day in every run.
            seen.add(photo.path)
            if first <= photo.day <= last and admission.admits(account, persons):
                kept.append(
                    SourcePhoto(
                        self.place.photo(photo.path),
                        contributor_key((persons or {}).get(account, account), key),
                        photo.day,
                        region=photo.country,
                        platform=self.platform,
                        hashtags=photo.hashtags,
                        mark=admission.mark(account, photo.path, photo.day),
                        path=photo.path,
                    )
                )
        return tuple(kept)

    def lacks(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of the paths that no post has; raises `SourceUnusable`."""
        return frozenset(paths) - {photo.path for photo in self.posted(hashtags=False)}
