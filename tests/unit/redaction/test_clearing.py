import pytest

from policies.lexicon import Lexicon
from redaction.clearing import clear

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


def test_an_empty_catalogue_clears_nothing() -> None:
    assert clear("Nike", Lexicon(())).spans == ()
