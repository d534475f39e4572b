from datetime import date
from typing import Any

import pytest

from engine.sources import TumblrSource
from engine.sources.contributor import contributor_key
from tests.planted.memory import Memory

DAYS = (date.min, date.max)
BASE: dict[str, Any] = {"id": 7, "id_string": "7", "blog_name": "ana", "timestamp": 1_780_444_799}


def photo(name: str = "a.jpg") -> dict[str, Any]:
    return {"original_size": {"url": f"https://64.media.tumblr.com/x/{name}", "width": 900}}


def image(*widths: int) -> dict[str, Any]:
    sizes = [{"url": f"https://64.media.tumblr.com/{w}.png", "width": w} for w in widths]
    return {"type": "image", "media": sizes}


def read(*posts: dict[str, Any], photos: tuple[str, ...] = ()) -> list[str]:
    found = TumblrSource(Memory({"posts.json": [*posts]}, photos)).photos(*DAYS, b"k")
    return [p.read(99).decode() for p in found]


@pytest.mark.parametrize("name", ["posts.json", "posts_2.json", "posts-2.json", "posts2.json"])
@pytest.mark.parametrize("wrapped", ["post list", "posts", "answer", "bare answer"])
def test_answers_of_the_api_are_read_in_every_wrapping(name: str, wrapped: str) -> None:
    posts = [{**BASE, "photos": [photo()]}]
    said: Any = {
        "post list": posts,
        "posts": {"blog": {}, "posts": posts},
        "answer": {"meta": {}, "response": {"posts": posts}},
        "bare answer": {"response": posts},
    }[wrapped]
    (found,) = TumblrSource(Memory({name: said})).photos(*DAYS, b"k")
    assert (found.read(99), found.day) == (b"media/a.jpg", date(2026, 6, 2))


def test_the_widest_size_of_an_image_counts() -> None:
    assert read({**BASE, "content": [image(100, 1280, 640), {"type": "text"}]}) == [
        "media/1280.png"
    ]


def test_a_file_is_found_by_its_name_wherever_it_lies_and_however_it_ends() -> None:
    post = {**BASE, "photos": [photo("a.jpg"), photo("b.jpg"), photo("c.jpg")]}
    photos = ("media/64.media.tumblr.com/x/a.webp", "posts/7/b.jpg")
    assert read(post, photos=photos) == [*photos, "media/c.jpg"]


REBLOGS: list[dict[str, Any]] = [
    {"reblogged_from_id": "1"},
    {"reblogged_root_id": 1},
    {"root_id": 1},
    {"trail": [{"post": {"id": "1"}}, {"post": {"id": "7"}}]},
]


@pytest.mark.parametrize("sign", REBLOGS)
def test_of_a_reblog_only_what_was_added_counts(sign: dict[str, Any]) -> None:
    trail = [{"post": {"id": "1"}, "content": [image(5)], "blog": {"name": "ben"}}]
    post = {**BASE, "photos": [photo()], "content": [image(9)], "trail": trail, **sign}
    assert read(post) == ["media/9.png"]


@pytest.mark.parametrize(
    "sign", [{"root_id": "7"}, {"trail": [{"post": {"id": 7}}]}, {"trail": []}]
)
def test_a_post_of_ones_own_is_no_reblog(sign: dict[str, Any]) -> None:
    assert read({**BASE, "photos": [photo()], **sign}) == ["media/a.jpg"]


def test_liked_posts_are_left_out() -> None:
    assert read({**BASE, "photos": [photo()], "liked_timestamp": 1}) == []
    liked = {"response": {"liked_posts": [{**BASE, "photos": [photo()]}], "posts": []}}
    assert TumblrSource(Memory({"posts.json": liked})).photos(*DAYS, b"k") == ()


def test_each_post_counts_for_the_blog_that_posted_it() -> None:
    posts = [
        {**BASE, "photos": [photo("a.jpg")]},
        {**BASE, "photos": [photo("b.jpg")], "blog_name": None, "blog": {"name": "Ben"}},
        {**BASE, "photos": [photo("c.jpg")], "blog_name": ""},
    ]
    found = TumblrSource(Memory({"posts.json": posts})).photos(*DAYS, b"k")
    assert [p.contributor for p in found] == [
        contributor_key(name, b"k") for name in ("ana", "ben")
    ]


def test_tags_of_several_words_are_no_hashtags() -> None:
    post = {**BASE, "photos": [photo()], "tags": ["Matcha", "two words", "a,b", 7, "x@y", "#Latte"]}
    (found,) = TumblrSource(Memory({"posts.json": [post]})).photos(*DAYS, b"k", hashtags=True)
    assert found.hashtags == ("matcha", "latte")
