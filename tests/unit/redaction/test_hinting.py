"""Names in pieces: what lines say together is a hint, and nothing of it is seen."""

import numpy as np
import pytest

from policies.lexicon import Lexicon
from redaction.hinting import hinted, joined
from redaction.text import Line

LEXICON = Lexicon((("Red Bull", "r"), ("BMW", "b"), ("HP", "h"), ("Ford", "f")))


def line(text: str, left: float, top: float, *, cut: bool = False, sure: float = 0.9) -> Line:
    """Return a line of text 60 pixels long and 20 high."""
    corners = [[left, top], [left + 60, top], [left + 60, top + 20], [left, top + 20]]
    return Line(np.array(corners), text, sure, read=True, cut=cut)


def names(*lines: Line) -> list[str]:
    found = list(joined(lines, LEXICON, 640, 480))
    assert all(word.similarity < 85 for word in found)
    return [word.alias for word in found]


@pytest.mark.parametrize(("first", "second"), [("RED", "BULL"), ("BULL", "red"), ("Red B", "ull")])
def test_two_lines_that_lie_together_spell_a_name(first: str, second: str) -> None:
    assert names(line(first, 50, 50), line(second, 55, 74)) == ["Red Bull"]


def test_pieces_of_a_badge_spell_a_name_from_three_letters_on() -> None:
    assert names(line("B", 50, 50), line("MW", 115, 50)) == ["BMW"]
    assert names(line("H", 50, 50), line("P", 115, 50)) == []


def test_lines_that_lie_apart_spell_nothing() -> None:
    assert names(line("RED", 50, 50), line("BULL", 50, 200)) == []
    assert names(line("RED", 50, 50), line("BULL", 250, 50)) == []


def test_a_line_more_or_less_spells_nothing() -> None:
    assert names(line("RED", 50, 50), line("BULLS", 50, 74)) == []
    assert names(line("Red Bull", 50, 50), line("", 50, 74)) == []


def test_what_was_hardly_read_spells_and_hints_nothing() -> None:
    unsure = line("RED", 50, 50, sure=0.4)
    assert names(unsure, line("BULL", 50, 74)) == []
    assert hinted(line("Ford", 50, 50, cut=True, sure=float("nan")), LEXICON) == ()


def test_a_word_lies_over_both_lines() -> None:
    (word,) = joined((line("RED", 600, 50), line("BULL", 605, 74)), LEXICON, 640, 480)
    assert (word.box.x0, word.box.y0, word.box.x1, word.box.y1) == (600, 50, 640, 94)


def test_a_short_name_on_a_line_that_was_cut_is_a_hint() -> None:
    (span,) = hinted(line("FORD", 50, 50, cut=True), LEXICON)
    assert (span.match.alias, span.match.similarity) == ("Ford", 84)
