"""Whatever an export holds, reading it gives photos or `SourceUnusable`, and nothing else."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.sources import (
    Countries,
    InstagramSource,
    SourcePhoto,
    SourceUnusable,
    TumblrSource,
    XSource,
    find_source,
)
from policies.countries import COUNTRIES
from tests.planted.exports import Shot, write_instagram, write_tumblr, write_x, zipped
from tests.planted.memory import Memory

DAYS = (date.min, date.max)
KEY = b"k" * 32
SHOTS = [Shot(b"a" * 50, date(2026, 6, 2), "#one"), Shot(b"b" * 50, date(2026, 6, 3))]
WRITERS = {"instagram": write_instagram, "x": write_x, "tumblr": write_tumblr}

NAMES = (
    *("media", "uri", "path", "title", "caption", "creation_timestamp", "timestamp", "taken_at"),
    *("ig_stories", "ig_reels_media", "photos", "stories", "label_values", "string_map_data"),
    *("tweet", "id_str", "id", "created_at", "full_text", "entities", "extended_entities", "type"),
    *("media_url_https", "source_status_id_str", "retweeted_status", "account", "username"),
    *("response", "posts", "blog_name", "blog", "name", "original_size", "url", "width", "tags"),
    *("trail", "post", "root_id", "content", "reblogged_from_id", "profile_user", "value"),
    *("media_metadata", "photo_metadata", "exif_data", "latitude", "longitude", "geo"),
    "coordinates",
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["photo", "image", "1780400000", "2026-06-02", "0001-01-01T00:00:00+14:00"]),
    st.sampled_from(["Tue Jun 02 12:00:00 +0000 2026", "a b c d e f", "RT @a", "#a#b,c", "\ud800"]),
    st.sampled_from(["https://[", "https://a/b.jpg", "../a", "/etc/passwd", "a\0b", "//", 10**30]),
)
JSON = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.lists(part, max_size=4),
        st.dictionaries(st.sampled_from(NAMES), part, max_size=6),
    ),
    max_leaves=30,
)


def read(source: InstagramSource | XSource | TumblrSource) -> tuple[SourcePhoto, ...]:
    try:
        found = source.photos(*DAYS, KEY, {"a": "b"}, hashtags=True, countries=Countries(COUNTRIES))
        assert all(photo.region is None or photo.region in COUNTRIES for photo in found)
        return found
    except SourceUnusable as error:
        refused = error
    # What a parser says of it would quote it.
    assert refused.__suppress_context__ or refused.__context__ is None
    assert refused.hint
    return ()


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where each part of a document lies."""
    if not isinstance(value, dict | list):
        return [here]
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return [here, *(found for key, part in parts for found in places(part, (*here, key)))]


def replaced(value: Any, where: tuple[Any, ...], new: Any) -> Any:
    if not where:
        return new
    copy = value.copy()
    copy[where[0]] = replaced(value[where[0]], where[1:], new)
    return copy


def spoiled(document: Any) -> st.SearchStrategy[Any]:
    """Draw the document with one part that is something else."""
    return st.builds(replaced, st.just(document), st.sampled_from(places(document)), JSON)


IG_ACCOUNT = {"profile_user": [{"string_map_data": {"Username": {"value": "ana"}}}]}
IG_MEDIA = {"uri": "a.jpg", "creation_timestamp": 1_780_400_000, "title": "#a"}
IG_POSTS = [
    {"media": [IG_MEDIA], "title": "#b", "creation_timestamp": 1_780_400_000},
    {"timestamp": 1_780_400_000, "label_values": [{"label": "Media", "media": [IG_MEDIA]}]},
]
IG_OLDEST = {"photos": [{"path": "a.jpg", "taken_at": "2026-06-02T12:00:00", "caption": "#a"}]}
X_ACCOUNT = [{"account": {"username": "ana", "accountId": "42"}}]
X_MEDIA = {"type": "photo", "media_url_https": "https://a/b.jpg", "source_status_id": "1"}
X_POSTS = [
    {
        "tweet": {
            "id_str": "1",
            "created_at": "Tue Jun 02 12:00:00 +0000 2026",
            "full_text": "#a",
            "entities": {"media": [X_MEDIA]},
            "extended_entities": {"media": [X_MEDIA]},
        }
    }
]
TUMBLR_IMAGE = {"type": "image", "media": [{"url": "https://a/c.jpg", "width": 9}]}
TUMBLR_POST = {
    "id": 1,
    "id_string": "1",
    "blog_name": "ana",
    "timestamp": 1_780_400_000,
    "tags": ["a"],
    "trail": [{"post": {"id": "1"}}],
    "photos": [{"original_size": {"url": "https://a/b.jpg"}}],
    "content": [TUMBLR_IMAGE],
}
PERSONAL = "personal_information/personal_information/personal_information.json"


def instagram(posts: Any, account: Any = IG_ACCOUNT) -> InstagramSource:
    return InstagramSource(
        Memory({"content/posts_1.json": dumped(posts), PERSONAL: dumped(account)})
    )


def x(posts: Any, account: Any = X_ACCOUNT) -> XSource:
    documents = {
        "data/tweets.js": b"window.YTD.tweets.part0 = " + dumped(posts),
        "data/account.js": b"window.YTD.account.part0 = " + dumped(account),
    }
    return XSource(Memory(documents))


def tumblr(document: Any) -> TumblrSource:
    return TumblrSource(Memory({"posts.json": dumped(document)}))


def test_what_is_spoiled_below_was_good() -> None:
    assert len(read(instagram(IG_POSTS))) == 1
    assert len(read(x(X_POSTS))) == 1
    assert len(read(tumblr([TUMBLR_POST]))) == 2


@given(JSON | spoiled(IG_POSTS), spoiled(IG_ACCOUNT), spoiled(IG_OLDEST))
@example([{"media": [{**IG_MEDIA, "creation_timestamp": 10**30}]}], IG_ACCOUNT, IG_OLDEST)
@example(
    IG_POSTS, {"profile_user": [{"string_map_data": {"Username": {"value": "\ud800"}}}]}, IG_OLDEST
)
def test_any_json_is_read_as_instagrams(posts: Any, account: Any, oldest: Any) -> None:
    read(instagram(posts))
    read(instagram(IG_POSTS, account))
    read(InstagramSource(Memory({"media.json": dumped(oldest), "profile.json": dumped(account)})))


@given(JSON | spoiled(X_POSTS), spoiled(X_ACCOUNT))
@example(X_POSTS, [{"account": {"username": "\udc80"}}])
def test_any_json_is_read_as_xs(posts: Any, account: Any) -> None:
    read(x(posts))
    read(x(X_POSTS, account))


@given(JSON | spoiled([TUMBLR_POST]), spoiled({"response": {"posts": [TUMBLR_POST]}}))
@example([{**TUMBLR_POST, "blog_name": "\ud800"}], {})
def test_any_json_is_read_as_tumblrs(posts: Any, answer: Any) -> None:
    read(tumblr(posts))
    read(tumblr(answer))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_a_document(raw: bytes) -> None:
    read(InstagramSource(Memory({"content/posts_1.json": raw})))
    read(XSource(Memory({"data/tweets.js": raw, "data/account.js": raw})))
    read(TumblrSource(Memory({"posts.json": raw})))


@given(JSON)
def test_a_post_that_is_none_costs_no_other_its_photo(strange: Any) -> None:
    sources = (
        instagram([strange, IG_POSTS[0]]),
        x([strange, X_POSTS[0]]),
        tumblr([strange, TUMBLR_POST]),
    )
    for source in sources:
        assert date(2026, 6, 2) in {photo.day for photo in read(source)}


@pytest.fixture(scope="module", params=WRITERS)
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "export"
    return zipped(WRITERS[request.param](folder, "ana", SHOTS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=4),
    st.floats(0.5, 1),
    st.booleans(),
)
def test_a_damaged_zip_gives_photos_or_one_error(
    archive: Path, changes: list[tuple[float, bytes]], kept: float, near_the_end: bool
) -> None:
    raw = bytearray(archive.read_bytes())
    directory = raw.index(b"PK\x01\x02")
    for where, change in changes:
        # The directory at the end says where all else lies.
        start = directory if near_the_end else 0
        at = start + int(where * (len(raw) - start - len(change)))
        raw[at : at + len(change)] = change
    damaged = archive.with_name("damaged.zip")
    damaged.write_bytes(bytes(raw[: int(kept * len(raw))] if kept < 0.75 else raw))
    try:
        photos = find_source(damaged).photos(*DAYS, KEY, hashtags=True)
    except SourceUnusable:
        return
    for photo in photos:
        assert len(photo.read(20)) <= 21
