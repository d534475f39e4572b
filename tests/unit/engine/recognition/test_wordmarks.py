import numpy as np
import pytest

from engine.recognition import Recognised, recognise
from engine.recognition.brands import Brands
from engine.recognition.wordmarks import Wordmarks
from policies.lexicon import Lexicon
from redaction import Box, ClearedWord
from redaction.types.photo import seal

LEXICON = Lexicon((("BW Coffee", "Brightwater"), ("Brightwater", "Brightwater"), ("HP", "HP")))
PIXELS = np.zeros((20, 20, 3), dtype=np.uint8)


BRANDS = Brands(Wordmarks(LEXICON), ("Brightwater", "HP"))
LEAST = {"brand": 0.8}


def photo(*aliases: str, lexicon: Lexicon = LEXICON, similarity: int = 100):
    words = tuple(ClearedWord(alias, similarity, Box(0, 0, 5, 5)) for alias in aliases)
    return seal(PIXELS, words, lexicon.aliases)


def test_every_cleared_name_is_its_brand_once() -> None:
    found = recognise(photo("BW Coffee", "Brightwater", "HP"), [BRANDS], LEAST)
    assert found == (Recognised("brand", "Brightwater"), Recognised("brand", "HP"))


def test_a_photo_without_names_shows_nothing() -> None:
    assert recognise(photo(), [BRANDS], LEAST) == ()


def test_uncleared_text_can_not_travel_with_a_photo() -> None:
    with pytest.raises(ValueError, match="catalogue"):
        photo("555-0137")


@pytest.mark.parametrize("thing", [PIXELS, b"raw", None, "path.jpg"])
def test_recognition_takes_redacted_photos_and_nothing_else(thing: object) -> None:
    with pytest.raises(TypeError):
        recognise(thing, [BRANDS], LEAST)  # type: ignore[arg-type]
