import pytest

from policies.lexicon import Lexicon
from redaction.clearing import clear, hint

LEXICON = Lexicon((("Coca-Cola", "c"), ("Marks & Spencer", "m"), ("Nike", "n"), ("adidas", "a")))


@pytest.mark.parametrize(
    ("line", "aliases", "whole"),
    [
        ("Nike", ["Nike"], True),
        ("NIKE nike", ["Nike", "Nike"], True),
        ("Coca-Cola ®", ["Coca-Cola"], True),
        ("COCA  COLA", ["Coca-Cola"], True),
        ("Marks & Spencer", ["Marks & Spencer"], True),
        ("MARKS SPENCER", ["Marks & Spencer"], True),
        ("Nike 0151 2345678", ["Nike"], False),
        ("Jane Doe", [], False),
        ("jane@nike.com", [], False),
        ("@ nike", ["Nike"], False),
        # Alike enough for the lexicon, but a word too many or two letters too long.
        ("adidas jo", ["adidas"], False),
        ("adidasjo", [], False),
        # Perhaps a misread name, perhaps somebody's: counted, and veiled.
        ("Adidass", ["adidas"], False),
        ("Marks & Spender", ["Marks & Spencer"], False),
        ("\uff20nike", [], False),
        ("\uff20 nike", ["Nike"], False),
        ("", [], False),
        ("® -", [], False),
    ],
)
def test_clearing(line: str, aliases: list[str], whole: bool) -> None:
    clearing = clear(line, LEXICON)
    assert [span.match.alias for span in clearing.spans] == aliases
    assert clearing.whole is whole


@pytest.mark.parametrize(
    "line",
    [
        "@nike",
        "@nike_fan",
        "@ nike",
        "nike@",
        "ana@nike.com",
        "nike@posteo.example",
        "ana @ nike",
        "nike.com",
        "www.nike.com",
        "http://nike",
        "nike/ana",
        "\\\\nike\\ana",
        "#nike",
        "# nike",
        "\uff03nike",
        "\ufe6bnike",
        "nike #ana",
        "nike_fan",
        "nike-ana",
        "nike:ana",
        "Nike 555-0199",
        "Nike +44 151 2345678",
        "Nike 1",
        "Nike No. 7",
        "Nike Ana",
        "Ana Nike",
        "Ana, Nike",
        "adidas Nike Ana",
        "Ana's Nike",
        "Mr Nike",
        "Nike Road",
        "12 Nike",
        "N.Oyelaran Nike",
        "Nikee",
        "Nik",
        "N1ke",
        "adidas1",
        "adldas",
        "Marks",
        "Spencer",
        "Coca",
        "Coca-Cola-Ana",
        "Nike \u5b89\u5a1c",
        "Nike \u0410\u043d\u043d\u0430",
    ],
)
def test_what_holds_a_name_and_more_is_veiled(line: str) -> None:
    assert not clear(line, LEXICON).whole


@pytest.mark.parametrize(
    "line", ["NIKE", "nike.", "Nike!", "(adidas)", "Nike adidas", "Nike\u00ae"]
)
def test_names_alone_stay(line: str) -> None:
    assert clear(line, LEXICON).whole


def test_a_mark_that_the_catalogue_writes_is_part_of_the_name() -> None:
    tags = Lexicon((("#JustDoIt", "n"), ("A/X", "a")))
    assert clear("#justdoit", tags).whole
    assert clear("A/X", tags).whole
    assert not clear("@justdoit", tags).whole


def test_an_empty_catalogue_clears_nothing() -> None:
    assert clear("Nike", Lexicon(())).spans == ()


@pytest.mark.parametrize(
    ("line", "alias"),
    [
        ("Coca-C", "Coca-Cola"),
        ("zero coca cla", "Coca-Cola"),
        ("adid", "adidas"),
        # A short name is that name or nothing, and digits are never a letter misread.
        ("Nik", None),
        ("adidas 77", "adidas"),
        ("ad1das", None),
        ("Jane Doe", None),
        ("", None),
        # The beginning of a longer word, unless that is a word of its own or an address.
        ("ADIDASLADER", "adidas"),
        ("Cocacolazero", "Coca-Cola"),
        ("www.adidaslader.example", None),
        ("adidaslader@posteo.example", None),
        ("Nikeland", None),
    ],
)
def test_what_resembles_a_name_is_a_hint_and_clears_nothing(line: str, alias: str | None) -> None:
    found = hint(line, LEXICON)
    assert (found.alias if found else None) == alias
    assert found is None or 60 <= found.similarity < 85
    assert not clear(line, LEXICON).whole


@pytest.mark.parametrize("line", ["Nike", "NIKE", "adidas"])
def test_a_name_to_the_letter_is_a_hint_where_it_may_not_clear(line: str) -> None:
    found = hint(line, LEXICON)
    assert found is not None
    assert found.similarity < 85


def test_a_common_word_that_begins_with_a_name_is_no_hint() -> None:
    assert hint("intelligence", Lexicon((("Intel", "i"),))) is None
