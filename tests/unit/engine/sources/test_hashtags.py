import pytest

from engine.sources.hashtags import MOST, hashtags_in, hashtags_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        ("", ()),
        ("#MatchaLatte, coffee #matchalatte", ("matchalatte", "coffee")),
        ("#caf\u00e9 CAFE\u0301", ("caf\u00e9",)),
        ("@ana #ana@example.org www.example.org #2026 #a", ()),
        ("#drink2026", ("drink2026",)),
        ("#girl #beach", ("beach",)),
        ("##double", ()),
    ],
)
def test_hashtags_are_compared_as_people_read_them(text: str | None, expected: object) -> None:
    assert hashtags_of(text) == expected


def test_a_row_gives_so_many_and_no_more() -> None:
    assert len(hashtags_of(" ".join(f"#tag{n}" for n in range(100)))) == MOST


@pytest.mark.parametrize(
    ("caption", "tags"),
    [
        ("A good #Matcha, at last. #tea!", ("matcha", "tea")),
        ("(#one) #two\u2026 \u201c#three\u201d #four\u2019", ("one", "two", "three", "four")),
        ("#one#two\uff03three \uff03Four", ("one", "two", "three", "four")),
        ("#one,two #three", ("one", "three")),
        ("me@example.org#zurich https://a.b/#part word", ()),
        ("#me@example.org #@ana # ## #12", ()),
        ("", ()),
    ],
)
def test_of_a_caption_only_hashtags_are_looked_at(caption: str, tags: tuple[str, ...]) -> None:
    assert hashtags_in(caption) == tags
