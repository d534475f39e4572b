"""Posts of Tumblr as its API (version 2) gives them, with the photos beside them.

Either `json/` with one post a file and `media/`, as `tumblr-backup --json` saves a blog (with `-D`
photos lie in `posts/`), or answers of the API as `posts*.json` and the photos in `media/`. Legacy
posts and NPF are read. What was reblogged is somebody else's and left out; so are liked posts.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import urlsplit

from engine.sources.countries import Countries
from engine.sources.documents import (
    damaged,
    day_of_seconds,
    id_of,
    objects,
    part,
    read_json,
    text_of,
)
from engine.sources.errors import SourceUnusable
from engine.sources.export import Export, Posted
from engine.sources.hashtags import hashtags_of
from engine.sources.places import Place

_ANSWERS = re.compile(r"posts([-_]?\d+)?\.json")
_POST = re.compile(r"\d+\.json")
_HTML = re.compile(r"posts_index\.html|\d+\.html")


class TumblrSource(Export):
    """Posts of one blog or more: each counts for the blog that posted it."""

    platform: ClassVar[str] = "tumblr"

    @staticmethod
    def recognises(place: Place) -> bool:
        """Return whether posts of Tumblr lie here, in whatever format."""
        return bool(_documents(place)) or bool(_pages(place))

    def posted(
        self,
        *,
        hashtags: bool,
        countries: Countries | None = None,  # noqa: ARG002  Tumblr's posts have no coordinates
    ) -> Iterator[Posted]:
        """Yield the photos of the blog's own posts; a post's day is the UTC day of its time stamp.

        Raises `SourceUnusable` for posts that are not JSON, or damaged.
        """
        documents = _documents(self.place)
        if not documents:
            raise SourceUnusable(
                "the Tumblr export is HTML",
                hint="Crowdlens reads what Tumblr's API gives: see docs/sources.md.",
            )
        for number, path in enumerate(documents, start=1):
            what = f"the Tumblr export's document {number} of {len(documents)}"
            for post in _posts(read_json(self.place, path, what), what):
                day = day_of_seconds(post.get("timestamp"))
                if day is None or "liked_timestamp" in post:
                    continue
                account = text_of(post, "blog_name") or text_of(post, "blog", "name")
                tags = _hashtags(post) if hashtags else ()
                for url in _own_photos(post):
                    yield Posted(self._path(url), account, day, tags)

    @cached_property
    def _media(self) -> dict[str, str]:
        """Of a file's name without its ending, its path: a download may end it otherwise."""
        paths = (*self.place.below("posts"), *self.place.below("media"))
        return {PurePosixPath(path).stem: path for path in paths}

    def _path(self, url: str) -> str:
        try:
            name = PurePosixPath(urlsplit(url).path)
        except ValueError:
            return "media/"
        return self._media.get(name.stem, f"media/{name.name}")


def _documents(place: Place) -> list[str]:
    answers = [name for name in place.files() if _ANSWERS.fullmatch(name)]
    return answers + [f"json/{name}" for name in place.files("json") if _POST.fullmatch(name)]


def _pages(place: Place) -> list[str]:
    folders = ("posts", "posts/html")
    return [name for folder in folders for name in place.files(folder) if _HTML.fullmatch(name)]


def _posts(document: Any, what: str) -> Iterator[dict[str, Any]]:
    for keys in ((), ("posts",), ("response",), ("response", "posts")):
        if isinstance(part(document, *keys), list):
            yield from objects(document, *keys)
            return
    if not (isinstance(document, dict) and id_of(document, "id") and "timestamp" in document):
        raise damaged(what)
    yield document


def _own_photos(post: dict[str, Any]) -> Iterator[str]:
    """Yield the address of each photo that the blog itself posted, in its largest size."""
    if not _is_reblog(post):
        for photo in objects(post, "photos"):
            yield text_of(photo, "original_size", "url")
    # A reblog's `content` is what this blog added; the rest of it is in `trail`.
    for block in objects(post, "content"):
        sizes = [size for size in objects(block, "media") if type(size.get("width")) is int]
        widest = max(sizes, key=lambda size: size["width"], default=part(block, "media", 0))
        if block.get("type") == "image":
            yield text_of(widest, "url")


def _is_reblog(post: dict[str, Any]) -> bool:
    """Return whether the post began with somebody else: they are named, or lead the trail."""
    own = id_of(post, "id_string") or id_of(post, "id")
    if any(name in post for name in ("reblogged_from_id", "reblogged_root_id")):
        return True
    if root := id_of(post, "root_id"):
        return root != own
    trail = part(post, "trail")
    return bool(trail) and id_of(trail, 0, "post", "id") != own


def _hashtags(post: dict[str, Any]) -> tuple[str, ...]:
    """Return the post's tags of one word: a hashtag has no spaces."""
    tags = part(post, "tags")
    words = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return hashtags_of(" ".join(word for word in words if len(word.replace(",", " ").split()) == 1))
