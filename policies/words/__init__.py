"""Common English words: a brand with such a name needs more than its name to be recognised.

`english.txt` is made from SCOWL by `build_words.py`; LICENCES.md says whose it is.
"""

from functools import cache
from pathlib import Path

from policies.lexicon import fold


@cache
def _common() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("english.txt").read_text("ascii").split())


def is_common_word(name: str) -> bool:
    """Say whether the name, folded, is one of some 11,000 common English words."""
    return fold(name) in _common()
