import pytest

from engine.recognition import Recognised, recognise
from engine.recognition.brands import Brands
from engine.recognition.brands.clues import Clues, gathered
from engine.recognition.brands.weighing import weighed
from engine.recognition.evidence import Evidence
from engine.recognition.wordmarks import Wordmarks
from policies.lexicon import Lexicon
from tests.unit.engine.recognition.test_wordmarks import photo

LEAST = {"brand": 0.8}
LEXICON = Lexicon(
    (("Air Jordan", "Air Jordan"), ("Apple", "Apple"), ("Nike", "Nike"), ("Swoosh", "Nike"))
)
LOW, HIGH = (0.0, 0.0, 40.0, 40.0), (200.0, 0.0, 240.0, 40.0)


def brands(*wanted: str, parents: dict[str, str] | None = None) -> Brands:
    return Brands(Wordmarks(LEXICON), wanted, parents=parents)


def test_who_shows_a_sub_brand_shows_the_brand() -> None:
    family = brands("Air Jordan", "Nike", parents={"Air Jordan": "Nike"})
    found = recognise(photo("Air Jordan", lexicon=LEXICON), [family], LEAST)
    assert found == (Recognised("brand", "Air Jordan"), Recognised("brand", "Nike"))
    alone = recognise(photo("Nike", lexicon=LEXICON), [family], LEAST)
    assert alone == (Recognised("brand", "Nike"),)


def test_a_brand_that_was_not_asked_for_is_not_told() -> None:
    family = brands("Nike", parents={"Air Jordan": "Nike"})
    found = recognise(photo("Air Jordan", "Apple", lexicon=LEXICON), [family], LEAST)
    assert found == (Recognised("brand", "Nike"),)


def test_a_common_word_alone_is_no_brand() -> None:
    assert recognise(photo("Apple", lexicon=LEXICON), [brands("Apple")], LEAST) == ()


def test_a_common_word_counts_beside_a_mark() -> None:
    word = Evidence("Apple", "word", 0.3, LOW)
    alone, marked = Evidence("Apple", "region", 0.2, LOW), Evidence("Apple", "keypoints", 3.0, LOW)
    assert weighed(gathered([word])["Apple"]) < 0.5
    both = weighed(gathered([word, alone, marked])["Apple"])
    assert both > max(weighed(gathered([e])["Apple"]) for e in (word, alone, marked))


def test_a_name_that_something_only_resembles_is_no_brand_by_itself() -> None:
    hinted = photo("Air Jordan", lexicon=LEXICON, similarity=70)
    assert recognise(hinted, [brands("Air Jordan")], LEAST) == ()


@pytest.mark.parametrize("clue", ["word", "keypoints", "region", "lead"])
def test_more_of_any_clue_never_makes_it_less_sure(clue: str) -> None:
    amounts = [0.0, 0.1, 0.2, 0.3, 0.6, 0.85, 1.0, 3.0, 6.0, 12.0]
    start = {"word": 0.3, "keypoints": 1.0, "region": 0.05, "lead": 0.02}
    scores = [weighed(Clues(**(start | {clue: amount}))) for amount in amounts]
    assert scores == sorted(scores)
    assert 0 <= scores[0] < scores[-1] <= 1


def test_a_lead_is_over_what_others_are_in_the_same_place() -> None:
    mine = Evidence("Nike", "region", 0.3, LOW)
    here, there = Evidence("Apple", "region", 0.2, LOW), Evidence("Apple", "region", 0.25, HIGH)
    assert gathered([mine, there])["Nike"].lead == pytest.approx(0.3)
    assert gathered([mine, here, there])["Nike"].lead == pytest.approx(0.1)
    assert gathered([mine, here, there])["Apple"].region == 0.25
