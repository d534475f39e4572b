"""An archive of X, formerly Twitter: photos of the account's own posts.

Only the account, the days, the names of photos and, where they are asked for, hashtags and the
country are taken. Of the archive's files, `account.js` and the posts are opened and no other: no
messages, likes, contacts or deleted posts. Nothing of a script is run: it is cut down to the JSON
in it.
"""

import re
from collections.abc import Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from engine.sources.countries import Countries, Country
from engine.sources.documents import (
    damaged,
    id_of,
    objects,
    parse_json,
    part,
    read_text,
    text_of,
    utc_day,
)
from engine.sources.errors import SourceUnusable
from engine.sources.export import Export, Posted
from engine.sources.hashtags import hashtags_in
from engine.sources.manifest import parse_taken_at
from engine.sources.places import Place

FOLDERS: Final = ("data/", "")
"""Where all of it lies, newer archives first."""
MEDIA: Final = ("tweets_media", "tweet_media")
"""Where the photos lie in that, newer archives first."""
_POSTS = re.compile(r"(tweets|tweet)(-part\d+)?\.js")
_OPENING = re.compile(r"\s*window\.YTD\.\w+\.part\d+\s*=\s*")


class XSource(Export):
    """One account's archive."""

    platform: ClassVar[str] = "x"

    @staticmethod
    def recognises(place: Place) -> bool:
        """Return whether an archive of X lies here."""
        files = place.files("data")
        return "account.js" in files or any(_posts(place, folder) for folder in FOLDERS)

    def posted(self, *, hashtags: bool, countries: Countries | None = None) -> Iterator[Posted]:
        """Yield the account's photos; a post's day is its date in UTC.

        Raises `SourceUnusable` for an archive that is damaged, holds no posts or does not name
        its account.
        """
        found = {folder: _posts(self.place, folder) for folder in FOLDERS}
        base = next((folder for folder in FOLDERS if found[folder]), None)
        if base is None:
            raise SourceUnusable(
                "the X archive holds no posts",
                hint="It lacks data/tweets.js. If it came in parts, unpack all into one folder.",
            )
        documents = [base + name for name in found[base]]
        account = self._account(base)
        media = (base + name for name in MEDIA)
        folder = next((path for path in media if self.place.files(path)), base + MEDIA[0])
        for number, path in enumerate(documents, start=1):
            what = f"the X archive's document {number} of {len(documents)}"
            for entry in objects(self._script(path, what)):
                post = entry.get("tweet", entry)
                day = _day(text_of(post, "created_at"))
                if day is None or _is_repost(post):
                    continue
                tags = hashtags_in(text_of(post, "full_text")) if hashtags else ()
                country = _country(post, countries) if countries is not None else None
                for name in _own_photos(post):
                    yield Posted(f"{folder}/{name}", account, day, tags, country)

    def _account(self, base: str) -> str:
        what = "the X archive's account.js"
        if "account.js" in self.place.files(base.rstrip("/")):
            said = self._script(f"{base}account.js", what)
            if name := text_of(said, 0, "account", "username"):
                return name
        raise SourceUnusable(
            "the X archive does not name its account", hint="It lacks account.js: get it again."
        )

    def _script(self, path: str, what: str) -> Any:
        """Return the list that a script assigns; raises `SourceUnusable`."""
        text = read_text(self.place, path, what)
        opening = _OPENING.match(text)
        said = (
            parse_json(text[opening.end() :].rstrip().removesuffix(";"), what) if opening else None
        )
        if not isinstance(said, list):
            raise damaged(what)
        return said


def _posts(place: Place, folder: str) -> list[str]:
    return [name for name in place.files(folder.rstrip("/")) if _POSTS.fullmatch(name)]


def _own_photos(post: Any) -> Iterator[str]:
    """Yield the names that the archive gives to the post's photos; not those of others."""
    post_id = id_of(post, "id_str") or id_of(post, "id")
    extended = list(objects(post, "extended_entities", "media"))
    for media in extended or objects(post, "entities", "media"):
        source = id_of(media, "source_status_id_str") or id_of(media, "source_status_id")
        name = _last(text_of(media, "media_url_https") or text_of(media, "media_url"))
        if media.get("type") == "photo" and source in ("", post_id) and post_id and name:
            yield f"{post_id}-{name}"


def _country(post: Any, countries: Countries) -> Country | None:
    """Return the country that the post was sent from; its coordinates get no further.

    `geo` has the latitude first, as X had it first, and `coordinates` the longitude, as GeoJSON.
    """
    if (geo := part(post, "geo", "coordinates")) is not None:
        return countries.of(part(geo, 0), part(geo, 1))
    point = part(post, "coordinates", "coordinates")
    return countries.of(part(point, 1), part(point, 0))


def _last(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).name
    except ValueError:
        return ""


def _is_repost(post: Any) -> bool:
    return (
        text_of(post, "full_text").startswith("RT @") or part(post, "retweeted_status") is not None
    )


def _day(written: str) -> date | None:
    """Return the UTC day of `Sat Dec 06 18:20:30 +0000 2025`, or of an ISO 8601 date."""
    words = written.split()
    if len(words) != 6:
        return utc_day(parse_taken_at(written))
    name, month, day, time, zone, year = words
    try:
        return utc_day(parsedate_to_datetime(f"{name}, {day} {month} {year} {time} {zone}"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
