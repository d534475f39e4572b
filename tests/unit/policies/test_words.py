import pytest

from policies.words import is_common_word


@pytest.mark.parametrize("name", ["apple", "Apple", "TARGET", "Gap", "shell", "orange"])
def test_common_words_are_known_however_they_are_written(name: str) -> None:
    assert is_common_word(name)


@pytest.mark.parametrize("name", ["Nike", "Heineken", "Brightwater", "Coca-Cola", "", "!"])
def test_made_up_names_are_not(name: str) -> None:
    assert not is_common_word(name)
