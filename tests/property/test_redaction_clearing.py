"""Whatever OCR reads, only names of the catalogue come out, and a line stays only as a whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.lexicon import Lexicon, fold
from redaction.clearing import clear

NAMES = ("Coca-Cola", "H&M", "Marks & Spencer", "adidas", "National Geographic Channel", "Nike")
LEXICON = Lexicon(tuple((name, name) for name in NAMES))
PIECES = st.one_of(
    st.sampled_from([*NAMES, "NIKE", "coca", "cola", "adldas", "Jane", "Doe", "0151 23456", "®"]),
    st.sampled_from(["@nike", "nike.com", "jo@nike.com", "#adidas", "-", "&", "adidas2024"]),
    st.text(max_size=12),
)
LINES = st.lists(PIECES, max_size=6).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(LINES)
def test_the_vocabulary_is_closed(line: str) -> None:
    for span in clear(line, LEXICON).spans:
        assert span.match.alias in LEXICON.aliases


@settings(max_examples=400, deadline=None)
@given(LINES)
def test_a_line_stays_only_when_every_letter_of_it_is_cleared(line: str) -> None:
    clearing = clear(line, LEXICON)
    covered = [False] * len(line)
    for span in clearing.spans:
        assert not any(covered[span.start : span.end])
        covered[span.start : span.end] = [True] * (span.end - span.start)
    rest = "".join(c for c, seen in zip(line, covered, strict=True) if not seen)
    if clearing.whole:
        assert clearing.spans
        assert fold(rest) == ""
        assert not set(rest) & set("@/\\#")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.text("abcdefghij", min_size=2, max_size=10))
def test_a_foreign_word_beside_a_name_veils_the_line(name: str, word: str) -> None:
    for line in (f"{name} {word}", f"{word} {name}"):
        assert not clear(line, LEXICON).whole


@settings(max_examples=200, deadline=None)
@given(LINES, st.sampled_from("@#/\\\uff20\uff03\ufe6b"), st.integers(0, 40))
def test_a_mark_of_an_address_anywhere_veils_the_line(line: str, mark: str, at: int) -> None:
    assert not clear(line[:at] + mark + line[at:], LEXICON).whole
