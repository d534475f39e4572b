from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.statistics.errors import StudyInvalid
from engine.statistics.found import FoundLabels, find
from engine.statistics.noise import DiscreteGaussian
from engine.statistics.sightings import SIGHTING_SCHEMA
from policies.amounts import Delta, Epsilon, Rho

DELTA = Delta.parse("1e-6")
DAY = date(2026, 6, 1)


def _found(least: int = 3, k: int = 2, accounts: int = 1, delta: Delta = DELTA) -> FoundLabels:
    return FoundLabels("tags", Rho.parse("0.5"), least, delta, k, accounts)


def _frame(shown: dict[str, int], kind: str = "hashtag") -> pl.LazyFrame:
    """Each label is shown by so many contributors of its own."""
    rows = [
        (f"{label}-{n}", 0, kind, label, DAY, None, None)
        for label, people in shown.items()
        for n in range(people)
    ]
    return pl.LazyFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def test_labels_that_many_show_are_found_and_rare_ones_are_not() -> None:
    seen = find(_frame({"matcha": 400, "latte": 300, "anna": 1, "few": 2}), _found(), 7)
    assert seen["label"].to_list() == ["latte", "matcha"]
    # Scale 1.42: 40 away is 28 deviations.
    assert abs(seen["value"][0] - 300) < 40
    assert seen.columns == ["label", "value", "std"]


def test_a_label_below_least_is_never_seen_whatever_the_noise() -> None:
    loud = FoundLabels("tags", Rho.parse("0.00001"), 3, Delta.parse("0.0009"), 2)
    frame = _frame(dict.fromkeys(map(str, range(3000)), 2))
    assert find(frame, loud, 7).is_empty()


@pytest.mark.parametrize("price", [Rho.parse("0.05"), Epsilon.parse("1")])
@pytest.mark.parametrize(("k", "accounts"), [(1, 1), (5, 1), (3, 2)])
def test_what_hangs_on_one_person_passes_with_the_stated_probability_at_most(
    price: Rho | Epsilon, k: int, accounts: int
) -> None:
    found = FoundLabels("tags", price, 10, DELTA, k, accounts)
    law = found.law
    # The exact chance: K m labels, each m above what it is without the person.
    once = law.tail(found.threshold - (found.least - 1) - accounts) / 2
    assert 1 - (1 - once) ** (k * accounts) <= float(DELTA.value)
    # One lower would not do.
    more = law.tail(found.threshold - 1 - (found.least - 1) - accounts) / 2
    assert 1 - (1 - more) ** (k * accounts) > float(DELTA.value) * 0.99


def test_labels_of_one_person_are_seen_as_often_as_stated() -> None:
    # At a delta of 0.0009 and 200,000 tries some 180 are expected at most; the control looks at
    # a threshold that forgets the person's own contribution. One false alarm in a million.
    delta = Delta.parse("0.0009")
    found = FoundLabels("tags", Rho.parse("0.5"), 1, delta, 1)
    noise = np.array(found.law.draw(200_000))
    hits = int(np.sum(1 + noise > found.threshold))
    assert stats.binom.sf(hits - 1, len(noise), float(delta.value)) > 1e-6
    wrong = int(np.sum(1 + noise > found.threshold - 1))
    assert stats.binom.sf(wrong - 1, len(noise), float(delta.value)) < 1e-6


def test_the_loss_holds_the_selections_delta() -> None:
    assert _found().loss.delta == DELTA
    assert _found().loss.rho == Rho.parse("0.5")
    pure = FoundLabels("tags", Epsilon.parse("1"), 3, DELTA, 2)
    assert pure.loss.delta.value > DELTA.value


labels = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z", "w"])), max_size=40
)


@settings(max_examples=60, deadline=None)
@given(labels, st.integers(1, 3), st.integers(0, 2**64 - 1))
def test_without_one_contributor_k_numbers_move_by_one(
    shown: list[tuple[str, str]], k: int, seed: int
) -> None:
    found = FoundLabels("tags", Rho.parse("0.5"), 1, DELTA, k)

    def counts(who: list[tuple[str, str]]) -> dict[str, int]:
        rows = [(c, 0, "hashtag", label, DAY, None, None) for c, label in who]
        frame = pl.LazyFrame(rows, schema=SIGHTING_SCHEMA, orient="row")
        tape: list[int] = []

        def silent(self: object, draws: int) -> list[int]:
            tape.append(draws)
            return [10_000] * draws

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(DiscreteGaussian, "draw", silent)
            seen = find(frame, found, seed)
        return {row["label"]: row["value"] - 10_000 for row in seen.iter_rows(named=True)}

    before, after = counts(shown), counts([pair for pair in shown if pair[0] != "a"])
    moved = {label: before.get(label, 0) - after.get(label, 0) for label in {*before, *after}}
    assert set(moved.values()) <= {0, 1}
    assert sum(moved.values()) <= k


@pytest.mark.parametrize(
    "wrong",
    [
        {"least": 0},
        {"max_labels": 0},
        {"accounts": 0},
        {"selection_delta": Delta(Fraction(0))},
        {"selection_delta": Delta.parse("0.01")},
    ],
)
def test_what_would_protect_nobody_is_refused(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {
        "id": "tags",
        "price": Rho.parse("0.5"),
        "least": 3,
        "selection_delta": DELTA,
        "max_labels": 2,
    }
    with pytest.raises(StudyInvalid):
        FoundLabels(**{**good, **wrong})  # type: ignore[arg-type]


def test_other_kinds_are_no_hashtags() -> None:
    assert find(_frame({"matcha": 400}, kind="brand"), _found(), 7).is_empty()
