"""Rules from what the nets see to labels, written in files that a reader can judge.

Each label has a table of signs, and of each sign how often a photo that shows it shows the label
(0 to 1). Signs are classes of the classifier, of which a photo has one in the main, so they add
up; and objects and scenes, of which it may have many, so each that is likely there is another
chance: the label is missing only where every sign misleads. What comes out is a probability as far
as the numbers are right, and `tests/benchmarks/bench_tags.py` measures that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

_SIGNS: Final = ("classes", "objects", "scenes")

LIKELY: Final = 0.2
"""Least score of an object or a scene that counts: a crowd of faint signs is none."""

Weights = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Rule:
    """What speaks for one label."""

    label: str
    classes: Weights
    objects: Weights
    scenes: Weights

    def score(self, classes: Weights, objects: Weights, scenes: Weights | None = None) -> float:
        """Return the label's probability from those of its signs; a sign not told counts as 0."""
        missing = 1 - min(1.0, sum(classes.get(n, 0.0) * by for n, by in self.classes.items()))
        for told, weights in ((objects, self.objects), (scenes or {}, self.scenes)):
            for name, by in weights.items():
                if told.get(name, 0.0) >= LIKELY:
                    missing *= 1 - by * told[name]
        return 1 - missing


@cache
def class_names() -> tuple[str, ...]:
    """Return the names of the classifier's 1000 classes, in its order."""
    text = files(__package__).joinpath("classes.txt").read_text("utf-8")
    return tuple(text.splitlines())


def class_scores(logits: NDArray[np.float32]) -> dict[str, float]:
    """Return the probability of each class, from (1000,) logits."""
    powers = np.exp(np.asarray(logits, dtype=np.float64) - float(logits.max()))
    scores = powers / powers.sum()
    return dict(zip(class_names(), scores.tolist(), strict=True))


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of a file beside this module, in its order."""
    told = yaml.safe_load(files(__package__).joinpath(name).read_text("utf-8"))
    return tuple(_rule(label, signs) for label, signs in told.items())


def _rule(label: str, signs: Mapping[str, Any]) -> Rule:
    assert set(signs) <= set(_SIGNS), label
    tables = [_table(signs.get(sign, {})) for sign in _SIGNS]
    return Rule(label, *tables)


def _table(groups: Mapping[float, str]) -> dict[str, float]:
    """From `0.9: stove, dishwasher` to a weight for each name."""
    return {name.strip(): float(by) for by, names in groups.items() for name in names.split(",")}
