import copy
import pickle

import numpy as np
import pytest

from redaction import Box, ClearedWord, Limits, RedactedPhoto, RedactionRules
from redaction.errors import PhotoStaysHere, RedactionError
from redaction.types.photo import seal

ALIASES = frozenset({"Nike"})
WORD = ClearedWord("Nike", 100, Box(0, 0, 4, 4))


def test_nobody_else_makes_a_redacted_photo(noise) -> None:
    with pytest.raises(TypeError):
        RedactedPhoto(noise, (), ALIASES, object())
    with pytest.raises(TypeError):
        RedactedPhoto(noise, ())


def test_words_are_of_the_catalogue(noise) -> None:
    assert seal(noise, (WORD,), ALIASES).words == (WORD,)
    with pytest.raises(ValueError, match="aliases"):
        seal(noise, (ClearedWord("Jane Doe", 100, WORD.box),), ALIASES)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)],
)
def test_pixels_have_one_form(pixels) -> None:
    with pytest.raises(ValueError, match="uint8"):
        seal(pixels, (), ALIASES)


def test_pixels_are_a_fresh_immutable_copy(noise) -> None:
    source = noise[:, ::-1].copy()[:, ::-1]
    photo = seal(source, (), ALIASES)
    assert np.array_equal(photo.pixels, source)
    assert photo.pixels.flags.c_contiguous
    assert not np.shares_memory(photo.pixels, source)
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0] = 0
    with pytest.raises(ValueError, match="WRITEABLE"):
        photo.pixels.setflags(write=True)
    with pytest.raises(AttributeError):
        photo.pixels = source


def test_it_has_pixels_and_words_and_nothing_else(noise) -> None:
    photo = seal(noise, (), ALIASES)
    assert [n for n in dir(photo) if not n.startswith("_")] == ["pixels", "words"]
    assert not hasattr(photo, "__dict__")
    assert repr(photo) == "RedactedPhoto(...)"


def test_it_stays_in_its_process(noise) -> None:
    photo = seal(noise, (), ALIASES)
    for send in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(PhotoStaysHere) as caught:
            send(photo)
        assert isinstance(caught.value, RedactionError)
        assert caught.value.hint


def test_rules_travel_to_workers(rules) -> None:
    assert pickle.loads(pickle.dumps(rules)) == rules


def test_rules_make_sense(rules) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(min_side=0)
    with pytest.raises(ValueError, match="working side"):
        RedactionRules(rules.lexicon, working_side=100_000)
