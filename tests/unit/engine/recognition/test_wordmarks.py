import numpy as np
import pytest

from engine.recognition import Recognised, Wordmarks, recognise
from policies.lexicon import Lexicon
from redaction import Box, ClearedWord
from redaction.types.photo import seal

LEXICON = Lexicon((("BW Coffee", "Brightwater"), ("Brightwater", "Brightwater"), ("HP", "HP")))
PIXELS = np.zeros((20, 20, 3), dtype=np.uint8)


def photo(*aliases: str):
    words = tuple(ClearedWord(alias, 100, Box(0, 0, 5, 5)) for alias in aliases)
    return seal(PIXELS, words, LEXICON.aliases)


def test_every_cleared_name_is_its_brand_once() -> None:
    found = recognise(photo("BW Coffee", "Brightwater", "HP"), [Wordmarks(LEXICON)])
    assert found == (Recognised("brand", "Brightwater"), Recognised("brand", "HP"))


def test_a_photo_without_names_shows_nothing() -> None:
    assert recognise(photo(), [Wordmarks(LEXICON)]) == ()


def test_uncleared_text_can_not_travel_with_a_photo() -> None:
    with pytest.raises(ValueError, match="catalogue"):
        photo("555-0137")


@pytest.mark.parametrize("thing", [PIXELS, b"raw", None, "path.jpg"])
def test_recognition_takes_redacted_photos_and_nothing_else(thing: object) -> None:
    with pytest.raises(TypeError):
        recognise(thing, [Wordmarks(LEXICON)])  # type: ignore[arg-type]
