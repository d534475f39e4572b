"""Instagram's "Download your information", as JSON: posts, stories and reels.

Only the account, the days, the paths of photos and, where they are asked for, hashtags and the
country are taken. Archived and deleted posts, profile pictures, drafts, reposts and messages are
never opened.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Final

from engine.sources.countries import Countries, Country
from engine.sources.documents import (
    damaged,
    day_of_seconds,
    objects,
    part,
    read_json,
    text_of,
    utc_day,
)
from engine.sources.errors import SourceUnusable
from engine.sources.export import Export, Posted
from engine.sources.hashtags import hashtags_in
from engine.sources.instagram_account import account_of, plain
from engine.sources.manifest import parse_taken_at
from engine.sources.places import Place

FOLDERS: Final = (
    *("your_instagram_activity/media", "your_instagram_activity/content"),
    *("content", "media"),
)
"""Where the posts lie, newer exports first."""
OLDEST: Final = "media.json"
"""All posts, in exports of 2018 to 2020."""
_POSTS = re.compile(r"(posts|stories|reels)(_\d+)?\.(json|html)")
_LISTS: Final = ("ig_stories", "ig_reels_media")
_OLD_LISTS: Final = ("photos", "stories")


class InstagramSource(Export):
    """One account's export."""

    platform: ClassVar[str] = "instagram"

    @staticmethod
    def recognises(place: Place) -> bool:
        """Return whether an export of Instagram lies here, in whatever format."""
        return (
            "your_instagram_activity" in place.folders()
            or any(_POSTS.fullmatch(name) for folder in FOLDERS for name in place.files(folder))
            or {OLDEST, "profile.json"} <= set(place.files())
        )

    def posted(self, *, hashtags: bool, countries: Countries | None = None) -> Iterator[Posted]:
        """Yield the account's photos; a post's day is the UTC day of its time stamp.

        Raises `SourceUnusable` for an export that is not JSON, is damaged, holds no posts or does
        not name its account.
        """
        documents = self._documents()
        account = account_of(self.place)
        for number, path in enumerate(documents, start=1):
            what = f"the Instagram export's document {number} of {len(documents)}"
            for entry in _entries(read_json(self.place, path, what), what):
                for media in _media(entry):
                    day = _day(entry) or _day(media)
                    uri = plain(text_of(media, "uri") or text_of(media, "path"))
                    if day is not None and uri:
                        tags = hashtags_in(_caption(entry, media)) if hashtags else ()
                        yield Posted(uri, account, day, tags, _country(media, countries))

    def _documents(self) -> list[str]:
        found = [
            f"{folder}/{name}"
            for folder in FOLDERS
            for name in self.place.files(folder)
            if _POSTS.fullmatch(name)
        ]
        if OLDEST in self.place.files():
            found.append(OLDEST)
        documents = [path for path in found if path.endswith(".json")]
        if found and not documents:
            raise SourceUnusable(
                "the Instagram export is HTML",
                hint="Ask Instagram for it again, in the format JSON.",
            )
        if not documents:
            raise SourceUnusable(
                "the Instagram export holds no posts, stories or reels as JSON",
                hint="Ask Instagram for them; if they came in parts, unpack all into one folder.",
            )
        return documents


def _entries(document: Any, what: str) -> Iterator[dict[str, Any]]:
    if isinstance(document, list):
        yield from objects(document)
        return
    lists = [name for name in (*_LISTS, *_OLD_LISTS) if isinstance(part(document, name), list)]
    if lists:
        for name in lists:
            yield from objects(document, name)
    elif any(isinstance(part(document, name), list) for name in ("media", "label_values")):
        yield document  # a single post stands alone
    else:
        raise damaged(what)


def _media(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from objects(entry, "media")
    for value in objects(entry, "label_values"):
        yield from objects(value, "media")
    if "uri" in entry or "path" in entry:
        yield entry


def _day(of: dict[str, Any]) -> date | None:
    for name in ("creation_timestamp", "timestamp"):
        if day := day_of_seconds(of.get(name)):
            return day
    return utc_day(parse_taken_at(text_of(of, "taken_at") or None))


def _country(media: dict[str, Any], countries: Countries | None) -> Country | None:
    """Return the country that the camera noted; its coordinates get no further."""
    if countries is None:
        return None
    for camera in objects(media, "media_metadata", "photo_metadata", "exif_data"):
        if "latitude" in camera and "longitude" in camera:
            return countries.of(camera["latitude"], camera["longitude"])
    return None


def _caption(entry: dict[str, Any], media: dict[str, Any]) -> str:
    texts = (text_of(said, name) for said in (entry, media) for name in ("title", "caption"))
    return " ".join(plain(text) for text in texts)
