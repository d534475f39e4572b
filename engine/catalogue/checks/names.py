"""Names that are read where no brand is, or that are easily taken for one another."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from engine.catalogue.checks.remark import Remark, Topic
from policies.catalogue import Catalogue, Entry
from policies.lexicon import EXACT_UP_TO, fold
from policies.words import is_common_word

SHORT: Final = 3
"""Letters of a name that is found inside much else."""
ALIKE: Final = 80
"""rapidfuzz ratio of two names from which one misread letter takes one for the other."""
_ROWS: Final = 500


def check_names(catalogue: Catalogue) -> Iterator[Remark]:
    """Yield what may go wrong with the names of brands."""
    for brand in catalogue.brands:
        for name in _names(brand):
            if remark := _weak(brand, name):
                yield remark
    yield from _alike(catalogue)


def _weak(brand: Entry, name: str) -> Remark | None:
    advice = "" if brand.marks else "; give it marks"
    if is_common_word(name):
        sentence = f"{name!r} is a common word, which counts only with other evidence{advice}"
        return Remark(Topic.COMMON_WORD, brand.name, sentence)
    if len(fold(name)) <= SHORT:
        sentence = f"{name!r} is so short that it is read in other things too{advice}"
        return Remark(Topic.SHORT_NAME, brand.name, sentence)
    return None


def _alike(catalogue: Catalogue) -> Iterator[Remark]:
    owners = {fold(name): (name, brand) for brand in catalogue.brands for name in _names(brand)}
    # Shorter names are taken to the letter.
    folded = [text for text in owners if len(text) > EXACT_UP_TO]
    related = _Related(catalogue)
    told: set[tuple[str, str]] = set()
    for start in range(0, len(folded), _ROWS):
        rows = folded[start : start + _ROWS]
        scores = process.cdist(rows, folded, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)
        for row, column in zip(*np.nonzero(scores), strict=True):
            (name, brand), (other, its) = owners[rows[row]], owners[folded[column]]
            if start + row >= column or related(brand, its) or (brand.name, its.name) in told:
                continue
            told.add((brand.name, its.name))
            sentence = f"{name!r} is spelled much like {other!r} of {its.name!r}"
            yield Remark(Topic.ALIKE_NAMES, brand.name, sentence)


class _Related:
    """Says whether one brand is the other, or belongs to it by whatever line of parents."""

    def __init__(self, catalogue: Catalogue) -> None:
        parents = {brand.name: brand.parent for brand in catalogue.brands}
        self._lines: dict[str, set[str]] = {}
        for brand in catalogue.brands:
            line, at = set(), brand.parent
            while at is not None:
                line.add(at)
                at = parents[at]
            self._lines[brand.name] = line

    def __call__(self, one: Entry, other: Entry) -> bool:
        return (
            one.name == other.name
            or one.name in self._lines[other.name]
            or other.name in self._lines[one.name]
        )


def _names(brand: Entry) -> list[str]:
    """Return the names that differ once folded."""
    return list({fold(name): name for name in [*reversed(brand.aliases), brand.name]}.values())
