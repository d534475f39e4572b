import json
from datetime import date
from typing import Any

import pytest

from engine.sources import Countries, SourceUnusable, XSource
from tests.planted.memory import Memory

DAYS = (date.min, date.max)
WHEN = "Tue Jun 02 23:59:59 +0000 2026"


def script(name: str, said: Any, end: str = "") -> bytes:
    return f"window.YTD.{name}.part0 = {json.dumps(said)}{end}".encode()


ACCOUNT = script("account", [{"account": {"username": "ana"}}])


def media(name: str = "a.jpg", **more: Any) -> dict[str, Any]:
    return {"type": "photo", "media_url_https": f"https://pbs.twimg.com/media/{name}", **more}


def tweet(*photos: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {"id_str": "7", "created_at": WHEN, "full_text": "", "entities": {"media": [*photos]}}
    return {"tweet": {**said, **more}}


def read(*tweets: dict[str, Any]) -> dict[str, tuple[date, tuple[str, ...]]]:
    place = Memory({"data/account.js": ACCOUNT, "data/tweets.js": script("tweets", tweets)})
    photos = XSource(place).photos(*DAYS, b"k", hashtags=True)
    return {p.read(99).decode(): (p.day, p.hashtags) for p in photos}


def test_a_photo_lies_under_its_posts_number_and_its_own_name() -> None:
    assert read(tweet(media("Ab.jpg?name=large"), full_text="A #Kestrel, at last")) == {
        "data/tweets_media/7-Ab.jpg": (date(2026, 6, 2), ("kestrel",))
    }


def test_all_photos_of_a_post_are_in_its_extended_entities() -> None:
    extended = {"media": [media("a.jpg"), media("b.jpg"), media("c.jpg", type="video")]}
    found = read(tweet(media("a.jpg"), extended_entities=extended))
    assert list(found) == ["data/tweets_media/7-a.jpg", "data/tweets_media/7-b.jpg"]


def test_what_others_posted_is_left_out() -> None:
    assert read(tweet(media(), full_text="RT @ben: look")) == {}
    assert read(tweet(media(), retweeted_status={"id": "1"})) == {}
    assert read(tweet(media(source_status_id_str="8"))) == {}
    assert read(tweet(media(source_status_id=8))) == {}
    assert len(read(tweet(media(source_status_id_str="7")))) == 1
    assert len(read(tweet(media(), full_text="@ben RT this"))) == 1


@pytest.mark.parametrize("when", [WHEN, "2026-06-02T23:59:59.000Z", "2026-06-03T01:00:00+02:00"])
def test_days_are_in_utc(when: str) -> None:
    assert {day for day, _ in read(tweet(media(), created_at=when)).values()} == {date(2026, 6, 2)}


@pytest.mark.parametrize("when", ["", "yesterday", "Tue Jun 99 23:59:59 +0000 2026", "a b c d e f"])
def test_a_post_without_a_day_is_left_out(when: str) -> None:
    assert read(tweet(media(), created_at=when)) == {}


def test_the_oldest_archives_have_no_data_folder_and_no_wrapper() -> None:
    plain = tweet(media())["tweet"]
    place = Memory(
        {"account.js": ACCOUNT, "tweet.js": script("tweet", [plain], ";\n")},
        ("tweet_media/7-a.jpg",),
    )
    assert XSource.recognises(place)
    (found,) = XSource(place).photos(*DAYS, b"k")
    assert found.read(99) == b"tweet_media/7-a.jpg"


def test_nothing_but_posts_and_the_account_is_opened() -> None:
    others = ("deleted-tweets", "like", "direct-messages", "community-tweet", "manifest")
    hidden = {f"data/{name}.js": b"not even a script" for name in others}
    posts = script("tweets", [tweet(media())])
    place = Memory({"data/account.js": ACCOUNT, "data/tweets.js": posts, **hidden})
    assert len(XSource(place).photos(*DAYS, b"k")) == 1


@pytest.mark.parametrize(
    "text", [b"window.YTD.tweets.part0 = alert(1)", b"x = []", b"window.YTD.tweets.part0 = {}"]
)
def test_a_script_is_never_run(text: bytes) -> None:
    with pytest.raises(SourceUnusable, match="damaged"):
        XSource(Memory({"data/account.js": ACCOUNT, "data/tweets.js": text})).photos(*DAYS, b"k")


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ({"geo": {"type": "Point", "coordinates": ["48.137", "11.575"]}}, "DE"),
        ({"coordinates": {"type": "Point", "coordinates": ["11.575", "48.137"]}}, "DE"),
        # Both stand in one post, in either order of the numbers.
        (
            {
                "geo": {"coordinates": [19.076, 72.877]},
                "coordinates": {"coordinates": [72.877, 19]},
            },
            "IN",
        ),
        ({"coordinates": {"type": "Point", "coordinates": ["48.137", "11.575"]}}, None),
        ({"geo": None, "coordinates": None}, None),
        ({"geo": {"coordinates": ["48.137"]}}, None),
        ({"geo": {"coordinates": {"0": "48.137", "1": "11.575"}}}, None),
        ({"geo": {"coordinates": "48.137,11.575"}}, None),
        ({"place": {"full_name": "Munich", "country_code": "DE"}}, None),
    ],
)
def test_of_coordinates_the_country_is_read_where_it_is_asked_for(
    said: dict[str, Any], country: str | None
) -> None:
    script_ = script("tweets", [tweet(media(), **said)])
    source = XSource(Memory({"data/account.js": ACCOUNT, "data/tweets.js": script_}))
    (photo,) = source.photos(*DAYS, b"k", countries=Countries(["DE", "IN"]))
    assert photo.region == country
    (photo,) = source.photos(*DAYS, b"k")
    assert photo.region is None
