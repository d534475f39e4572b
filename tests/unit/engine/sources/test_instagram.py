from datetime import date
from typing import Any

import pytest

from engine.sources import Countries, InstagramSource
from engine.sources.instagram_account import account_of
from tests.planted.exports import mojibake
from tests.planted.memory import Memory

DAYS = (date.min, date.max)
LATE, EARLY = 1_780_444_799, 1_780_358_400
"""The last second of 2 June 2026 in UTC, and the first."""
PERSONAL = "personal_information/personal_information/personal_information.json"


def account(name: str, field: str = "Username") -> dict[str, Any]:
    said = {mojibake("E-mail-adres ✓"): {"value": "a@b"}, field: {"value": name}}
    return {"profile_user": [{"string_map_data": said}]}


def read(documents: dict[str, Any]) -> dict[str, tuple[date, tuple[str, ...]]]:
    place = Memory({PERSONAL: account("ana"), **documents})
    photos = InstagramSource(place).photos(*DAYS, b"k", hashtags=True)
    return {p.read(99).decode(): (p.day, p.hashtags) for p in photos}


def test_the_time_of_a_post_of_one_photo_is_on_the_photo() -> None:
    media = {"uri": "media/a.jpg", "creation_timestamp": LATE, "title": mojibake("#café")}
    assert read({"content/posts_1.json": [{"media": [media]}]}) == {
        "media/a.jpg": (date(2026, 6, 2), ("café",))
    }


def test_the_time_of_a_post_of_several_photos_is_the_posts() -> None:
    media = [{"uri": f"media/{n}.jpg", "creation_timestamp": 1_000_000_000} for n in "ab"]
    post = {"media": media, "title": "#two", "creation_timestamp": EARLY}
    day = (date(2026, 6, 2), ("two",))
    assert read({"media/posts_2.json": [post]}) == {"media/a.jpg": day, "media/b.jpg": day}


def test_stories_and_covers_of_reels_are_photos_and_videos_are_not() -> None:
    entries = [
        {"uri": f"media/{name}", "creation_timestamp": EARLY}
        for name in ("a.jpg", "b.mp4", "c.webp", "d.MOV", "e.heic", "f")
    ]
    found = read(
        {
            "content/stories.json": {"ig_stories": entries},
            "content/reels.json": {"ig_reels_media": [{"media": [{**entries[0], "uri": "r.jpg"}]}]},
        }
    )
    assert sorted(found) == ["media/a.jpg", "media/c.webp", "media/e.heic", "media/f", "r.jpg"]


def test_posts_that_two_documents_tell_of_count_once() -> None:
    media = {"uri": "media/a.jpg", "creation_timestamp": LATE}
    newer = {"timestamp": EARLY, "label_values": [{"label": "Medien", "media": [media]}]}
    found = read(
        {
            "your_instagram_activity/media/posts.json": [newer],
            "your_instagram_activity/media/posts_1.json": [{"media": [media]}],
        }
    )
    assert list(found) == ["media/a.jpg"]
    assert read({"content/posts_1.json": newer}) == found  # a single one stands alone


def test_the_oldest_exports_are_one_document() -> None:
    photo = {"path": "photos/a.jpg", "taken_at": "2026-06-02T23:30:00-03:00", "caption": "#old"}
    place = Memory(
        {
            "media.json": {"photos": [photo], "videos": [], "stories": [], "profile": [photo]},
            "profile.json": {"username": "ana"},
        }
    )
    (found,) = InstagramSource(place).photos(*DAYS, b"k", hashtags=True)
    assert (found.read(99), found.day, found.hashtags) == (
        b"photos/a.jpg",
        date(2026, 6, 3),
        ("old",),
    )


def test_what_is_not_public_any_more_is_not_opened() -> None:
    media = {"uri": "media/a.jpg", "creation_timestamp": EARLY}
    others = ("archived_posts", "recently_deleted_content", "profile_photos", "reposts", "igtv")
    hidden = {f"content/{name}.json": b"not even JSON" for name in others}
    assert list(read({"content/posts_1.json": [{"media": [media]}], **hidden})) == ["media/a.jpg"]


@pytest.mark.parametrize(
    "field", ["Username", "Benutzername", "Nome utente", mojibake("Nom d\u2019utilisateur")]
)
def test_the_account_is_found_in_its_own_language(field: str) -> None:
    assert account_of(Memory({PERSONAL: account("ana.b", field)})) == "ana.b"
    assert account_of(Memory({PERSONAL: account(mojibake("Ána"), field)})) == "Ána"
    newer = [{"label_values": [{"label": field, "value": "ana.b"}]}]
    assert account_of(Memory({PERSONAL: newer})) == "ana.b"


@pytest.mark.parametrize(
    ("noted", "country"),
    [
        ([{"latitude": 48.137, "longitude": 11.575, "device_id": "d"}], "DE"),
        ([{"iso": 100}, {"latitude": 48.137, "longitude": 11.575}], "DE"),
        ([{"latitude": 48.857, "longitude": 2.352}], None),
        ([{"latitude": 48.137}, {"longitude": 11.575}], None),
        ([{"latitude": None, "longitude": None}], None),
        ({"latitude": 48.137, "longitude": 11.575}, None),
        ([], None),
    ],
)
def test_of_coordinates_the_country_is_read_where_it_is_asked_for(
    noted: Any, country: str | None
) -> None:
    metadata = {"media_metadata": {"photo_metadata": {"exif_data": noted}}}
    here = {"uri": "a.jpg", "creation_timestamp": LATE, **metadata}
    there = {"uri": "b.jpg", "creation_timestamp": LATE}
    place = Memory({PERSONAL: account("ana"), "content/posts_1.json": [{"media": [here, there]}]})
    found = InstagramSource(place).photos(*DAYS, b"k", countries=Countries(["DE"]))
    assert [photo.region for photo in found] == [country, None]
    assert [p.region for p in InstagramSource(place).photos(*DAYS, b"k")] == [None, None]
