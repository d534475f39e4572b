"""Exports of Instagram, X and Tumblr with made-up content, as the platforms write them.

Everything that must stay behind, such as places, devices, names and captions, is there, with a
marker in it. What isn't the account's own (reposts, others' photos) is there as well, and so is a
photo that the export tells of and doesn't hold.
"""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

OTHERS = "somebody-else"
LATITUDE, LONGITUDE = 48.1371546, 11.5754485
"""A place in Germany, far from its borders."""
SECONDS = 1_780_400_000
"""A moment of 2 June 2026."""


@dataclass(frozen=True)
class Shot:
    """A photo that somebody posted."""

    picture: bytes
    day: date
    caption: str = ""

    @property
    def seconds(self) -> int:
        return int(
            datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC).timestamp()
        )


def mojibake(text: str) -> str:
    """Return a text as Instagram writes it."""
    return text.encode().decode("latin-1")


def write_instagram(
    root: Path, account: str, shots: Sequence[Shot], *, marker: str = "", layout: str = "new"
) -> Path:
    """Write an export: the first shot is a post, the second a story, the third a reel's cover.

    Further ones are posts of several photos. The last post tells of a photo that isn't there.
    """
    content = {
        "new": "your_instagram_activity/media",
        "older": "your_instagram_activity/content",
        "old": "content",
    }[layout]
    personal = "personal_information/" * (1 if layout == "old" else 2)
    media = [_instagram_media(root, number, shot, marker) for number, shot in enumerate(shots)]
    posts: list[dict[str, Any]] = []
    if media:
        # A post of one photo has its time and its title on the photo.
        posts.append({"media": [media[0]]})
    for shot, entry in list(zip(shots, media, strict=True))[3:]:
        extra = {"uri": f"media/posts/202606/{marker}video.mp4", "creation_timestamp": shot.seconds}
        title = mojibake(shot.caption)
        bare = {**entry, "title": ""}
        bare.pop("creation_timestamp")
        posts.append({"media": [bare, extra], "title": title, "creation_timestamp": shot.seconds})
    gone = {"uri": f"media/posts/{marker}gone.jpg", "creation_timestamp": SECONDS}
    posts.append({"media": [gone], "title": marker, "creation_timestamp": SECONDS})
    _json(root / content / "posts_1.json", posts)
    _json(root / content / "stories.json", {"ig_stories": media[1:2]})
    _json(root / content / "reels.json", {"ig_reels_media": [{"media": media[2:3]}]})
    _json(
        root / content / "archived_posts.json",
        {"ig_archived_post_media": [{"media": [gone]}]},
    )
    name = {"href": "", "value": mojibake(account), "timestamp": 0}
    said = {"Username": name, "Email": {"value": f"{marker}@example.org"}}
    _json(
        root / personal / "personal_information.json",
        {"profile_user": [{"title": "", "media_map_data": {}, "string_map_data": said}]},
    )
    _json(root / "your_instagram_activity/messages/inbox.json", {"text": marker})
    return root


def _instagram_media(root: Path, number: int, shot: Shot, marker: str) -> dict[str, Any]:
    uri = f"media/posts/202606/{marker}{number}.jpg"
    _bytes(root / uri, shot.picture)
    exif = {"latitude": LATITUDE, "longitude": LONGITUDE, "device_id": marker, "lens_model": marker}
    return {
        "uri": uri,
        "creation_timestamp": shot.seconds,
        "media_metadata": {"photo_metadata": {"exif_data": [exif]}},
        "title": mojibake(f"{shot.caption} {marker}"),
        "cross_post_source": {"source_app": "FB"},
        "backup_uri": f"https://example.org/{marker}",
    }


def write_x(
    root: Path, account: str, shots: Sequence[Shot], *, marker: str = "", singular: bool = False
) -> Path:
    """Write an archive in two parts, with a repost, a quoted photo, a video and a missing photo."""
    kind = "tweet" if singular else "tweets"
    folder = f"data/{kind}_media"
    tweets = []
    for number, shot in enumerate(shots):
        post, name = str(1000 + number), f"{marker}{number}.jpg"
        _bytes(root / folder / f"{post}-{name}", shot.picture)
        tweets.append(_tweet(post, shot.seconds, f"{shot.caption} {marker}", [_x_media(name)]))
    day = SECONDS
    quoted = {**_x_media(f"{marker}q.jpg"), "source_status_id_str": "7", "source_user_id": "8"}
    video = {**_x_media(f"{marker}v.jpg"), "type": "video", "video_info": {}}
    for post, text, media in (
        ("2001", f"RT @{OTHERS}: {marker}", [_x_media(f"{marker}r.jpg")]),
        ("2002", marker, [quoted, video]),
        ("2003", marker, [_x_media(f"{marker}gone.jpg")]),
        ("2004", f"only words {marker}", []),
    ):
        tweets.append(_tweet(post, day, text, media))
        for entry in media[:1]:
            if "gone" not in entry["media_url_https"]:
                name = entry["media_url_https"].rsplit("/", 1)[1]
                _bytes(root / folder / f"{post}-{name}", b"somebody else's")
    half = len(tweets) // 2
    _script(root / f"data/{kind}.js", f"{kind}.part0", [{"tweet": t} for t in tweets[:half]])
    _script(root / f"data/{kind}-part1.js", f"{kind}.part1", [{"tweet": t} for t in tweets[half:]])
    who = {"email": f"{marker}@example.org", "username": account, "accountId": "42"}
    _script(root / "data/account.js", "account.part0", [{"account": who}])
    _script(root / "data/direct-messages.js", "direct_messages.part0", [{"text": marker}])
    return root


def _tweet(post: str, seconds: int, text: str, media: list[dict[str, Any]]) -> dict[str, Any]:
    when = datetime.fromtimestamp(seconds, UTC).strftime("%a %b %d %H:%M:%S +0000 %Y")
    entities = {"media": media[:1], "user_mentions": [{"screen_name": OTHERS}], "hashtags": []}
    return {
        "id": post,
        "id_str": post,
        "created_at": when,
        "full_text": text,
        "entities": entities,
        "extended_entities": {"media": media},
        "retweeted": False,
        "favorite_count": "3",
        "geo": {"type": "Point", "coordinates": [str(LATITUDE), str(LONGITUDE)]},
        "coordinates": {"type": "Point", "coordinates": [str(LONGITUDE), str(LATITUDE)]},
    }


def _x_media(name: str) -> dict[str, Any]:
    url = f"https://pbs.twimg.com/media/{name}"
    return {"type": "photo", "media_url_https": url, "id_str": "5", "sizes": {}}


def write_tumblr(
    root: Path, account: str, shots: Sequence[Shot], *, marker: str = "", answers: bool = False
) -> Path:
    """Write a blog's posts, legacy and NPF in turn, with reblogs, a like and a missing photo.

    One post a file, or with `answers` as the API answers.
    """
    posts: list[dict[str, Any]] = []
    for number, shot in enumerate(shots):
        name = f"{marker}{number}"
        # A download may have another ending than the address.
        _bytes(root / "media" / f"{name}.png", shot.picture)
        tags = [word.removeprefix("#") for word in shot.caption.split() if word[0] == "#"]
        post = _post(3000 + number, account, shot.seconds, [*tags, "two words"], marker)
        posts.append({**post, **_tumblr_photo(f"{name}.jpg", npf=number % 2 == 1)})
    theirs = _post(4001, account, SECONDS, [], marker)
    theirs |= _tumblr_photo(f"{marker}theirs.jpg", npf=False)
    trail = [{"blog": {"name": OTHERS}, "post": {"id": "1"}, "content": [], "is_root_item": True}]
    posts.append({**theirs, "trail": trail})
    posts.append({**theirs, "id": 4002, "id_string": "4002", "trail": [], "reblogged_from_id": "1"})
    posts.append({**theirs, "id": 4003, "id_string": "4003", "trail": [], "liked_timestamp": 1})
    gone = _post(4004, account, SECONDS, [], marker)
    posts.append({**gone, **_tumblr_photo(f"{marker}gone.jpg", npf=True)})
    _bytes(root / "media" / f"{marker}theirs.jpg", b"somebody else's")
    if answers:
        said = {"meta": {"status": 200}, "response": {"blog": {"name": account}, "posts": posts}}
        _json(root / "posts_1.json", said)
    else:
        for post in posts:
            _json(root / "json" / f"{post['id']}.json", post)
    return root


def _post(number: int, blog: str, seconds: int, tags: list[str], marker: str) -> dict[str, Any]:
    own = {"blog": {"name": blog}, "post": {"id": str(number)}, "is_root_item": True}
    return {
        "id": number,
        "id_string": str(number),
        "blog_name": blog,
        "timestamp": seconds,
        "tags": tags,
        "caption": f"<p>{marker}</p>",
        "summary": marker,
        "note_count": 4,
        "post_url": f"https://example.org/{marker}",
        "trail": [own],
    }


def _tumblr_photo(name: str, *, npf: bool) -> dict[str, Any]:
    sizes = [
        {"url": f"https://64.media.tumblr.com/s{width}/{stem}{name}", "width": width, "height": 9}
        for width, stem in ((640, ""), (100, "small-"))
    ]
    if npf:
        block = {"type": "image", "media": sizes[::-1], "alt_text": "alt"}
        return {"type": "blocks", "content": [{"type": "text", "text": "hello"}, block]}
    exif = {"Camera": "a camera"}
    photo = {"caption": "", "original_size": sizes[0], "alt_sizes": sizes, "exif": exif}
    return {"type": "photo", "photos": [photo]}


def zipped(folder: Path, *, inside: str = "") -> Path:
    """Write the folder as a zip beside it, in a folder of its own or none; return the zip."""
    archive = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, f"{inside}{file.relative_to(folder)}")
    return archive


def _json(file: Path, value: Any) -> None:
    # Instagram escapes all that is not ASCII.
    _bytes(file, json.dumps(value).encode())


def _script(file: Path, name: str, value: Any) -> None:
    _bytes(file, f"window.YTD.{name} = {json.dumps(value, indent=2)}".encode())


def _bytes(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
