import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.lexicon import Lexicon, fold

LEXICON = Lexicon(
    (
        ("Brightwater", "Brightwater"),
        ("Coca-Cola", "Coca-Cola"),
        ("HP", "HP"),
        ("Nike", "Nike"),
        ("booking.example", "Booking"),
        ("Élan", "Élan"),
    )
)


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("BRIGHTWATER", "Brightwater"),
        ("Brightwatr", "Brightwater"),
        ("coca cola", "Coca-Cola"),
        ("hp", "HP"),
        ("ELAN", "Élan"),
        ("Nike.", "Nike"),
        ("Booking.Example", "booking.example"),
    ],
)
def test_names_match_however_they_are_set(text: str, alias: str) -> None:
    match = LEXICON.match(text)
    assert match is not None
    assert match.alias == alias


@pytest.mark.parametrize(
    "text",
    ["", "Mike", "Nikes", "h", "jo@brightwater.example", "brightwater.example", "brightwater/ana"],
)
def test_what_is_not_a_name_does_not_match(text: str) -> None:
    assert LEXICON.match(text) is None


def test_digits_never_match_by_similarity() -> None:
    lexicon = Lexicon((("Channel 1234567", "Channel"),))
    assert lexicon.match("channel 1234567") is not None
    assert lexicon.match("channel 1234568") is None


@given(st.text(max_size=40))
def test_a_match_is_always_a_name_of_the_catalogue(text: str) -> None:
    match = LEXICON.match(text)
    assert match is None or match.alias in LEXICON.aliases


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_two_labels_can_not_share_a_folded_alias() -> None:
    with pytest.raises(ValueError, match="distinct"):
        Lexicon((("A B", "x"), ("ab", "y")))


@pytest.mark.parametrize(
    ("aliases", "words"), [((), 2), (("Nike",), 2), (("H&M", "Nike"), 2), (("A la Carte",), 3)]
)
def test_a_name_may_be_set_in_several_words(aliases: tuple[str, ...], words: int) -> None:
    assert Lexicon(tuple((alias, alias) for alias in aliases)).longest_in_words == words
