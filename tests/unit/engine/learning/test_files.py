"""The files of a head: bytes that depend on numbers and rules alone, and a card for people."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import OutputUnwritable
from engine.learning.card import card_of
from engine.learning.figures import Figures, figures
from engine.learning.files import head_bytes, record_of, write_all
from engine.learning.interface import Examples
from engine.learning.recipe import recipe_of
from engine.recognition.learned.points import digests_of
from engine.statistics.noise import Law
from policies.decision import StudyRules
from policies.heads import read_head_record
from tests.unit.engine.learning.test_recipe import IN_RHO, MODEL, rules

WEIGHTS = np.linspace(-1, 1, 3 * 128, dtype=np.float32).reshape(3, 128)


def card(study: StudyRules, told: Figures | None = None) -> str:
    recipe = recipe_of(study)
    record = record_of(study, recipe, digests_of("brand", None), 128)
    return card_of(study, recipe, record, "sha256:" + "c" * 64, told)


def test_the_file_depends_on_numbers_and_rules_alone(tmp_path: Path) -> None:
    study = rules(MODEL)
    record = record_of(study, recipe_of(study), digests_of("brand", None), 128)
    data = head_bytes(record, WEIGHTS)
    again = record_of(rules(MODEL), recipe_of(rules(MODEL)), digests_of("brand", None), 128)
    assert head_bytes(again, WEIGHTS.copy()) == data
    (tmp_path / "head").write_bytes(data)
    read, _ = read_head_record(tmp_path / "head")
    assert read == record
    assert read.policy == study.policy.digest
    assert (read.cost.epsilon, read.cost.rho, read.cost.delta) == ("4", None, "1e-6")
    assert read.training.noise == str(float(recipe_of(study).noise))
    in_rho = record_of(rules(IN_RHO), recipe_of(rules(IN_RHO)), digests_of("brand", None), 128)
    assert (in_rho.cost.epsilon, in_rho.cost.rho) == (None, "0.5")


def test_a_card_says_what_it_costs_in_either_currency() -> None:
    text = card(rules(MODEL))
    assert "epsilon 4, delta 1e-6" in text
    assert "None: the policy pays for none" in text
    assert "one contributor" in text
    assert "is, with this file and this card, right at most 99 times in 100." in text
    assert "`Kestrel`, `Nimbus`" in text
    text = card(rules(IN_RHO, accounts=2))
    assert "rho 0.5, delta 0" in text
    assert "which is, by Opacus's RDP accountant | epsilon" in text
    assert "one person with up to 2 accounts" in text


def test_a_card_has_figures_under_noise_or_none() -> None:
    model = {**MODEL, "figures": {"epsilon": "0.5"}}
    text = card(rules(model), Figures(-3, 41))
    assert "| contributors who taught something | -3 |" in text
    assert "half of the examples right | 41 |" in text
    assert "price of the figures below | epsilon 0.5, delta 0" in text


class Quiet:
    """A law of no noise, to see what it is added to."""

    def draw(self, draws: int) -> list[int]:
        return [0] * draws


@pytest.mark.parametrize(
    ("targets", "of", "wanted"),
    [
        ([0, 1, 2], [0, 1, 2], (3, 3)),
        ([0, 0, 1], [0, 0, 0], (1, 0)),
        ([0, 1, 2, 1], [0, 0, 1, 1], (2, 1)),
        ([], [], (0, 0)),
    ],
)
def test_a_contributor_counts_once_or_not_at_all(
    targets: list[int], of: list[int], wanted: tuple[int, int]
) -> None:
    # The head tells a row by its largest number; the rows say 0, 1, 2, 1 in turn.
    rows = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]][: len(targets)]
    examples = Examples(rows, np.array(targets, np.int64), np.array(of, np.int64))
    law: Any = Quiet()
    told = figures(examples, np.eye(3, dtype=np.float32), law)
    assert (told.contributors, told.told_right) == wanted


def test_one_contributor_more_moves_each_figure_by_one_at_most() -> None:
    random = np.random.default_rng(5)
    law: Law = Quiet()  # type: ignore[assignment]
    for _ in range(50):
        sizes = random.integers(1, 9, 12)
        rows = random.normal(size=(sizes.sum(), 4)).astype(np.float32)
        targets = random.integers(0, 3, sizes.sum())
        weights = random.normal(size=(3, 4)).astype(np.float32)
        of = np.repeat(np.arange(12), sizes)
        whole = figures(Examples(rows, targets, of), weights, law)
        kept = of != 11
        less = figures(Examples(rows[kept], targets[kept], of[kept]), weights, law)
        assert whole.contributors - less.contributors == 1
        assert whole.told_right - less.told_right in (0, 1)


def test_what_can_not_be_written_is_said(tmp_path: Path) -> None:
    assert list(write_all(tmp_path, {"a": b"1"})) == ["a"]
    with pytest.raises(OutputUnwritable, match="can't be written"):
        write_all(tmp_path, {"a": b"2"})
    assert (tmp_path / "a").read_bytes() == b"1"
