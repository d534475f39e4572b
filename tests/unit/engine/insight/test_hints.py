"""Sentences: made where the bounds support them, of the cells they name, and nowhere else."""

import numpy as np
import polars as pl
import pytest

from engine.insight.hints import RISK, Hint, Question, hints, questions
from engine.insight.hints.hint import stretch_words
from engine.insight.released import Released
from engine.statistics.dimensions import Dimension
from engine.statistics.interface import Statistic, Study
from engine.statistics.measures import Photos, Together
from tests.unit.engine.insight.made import (
    BRAND,
    BRANDS,
    SCENE,
    WEEK,
    WITH_SCENE,
    everything,
    released,
    statistic,
    study,
)

REGION = Dimension("region", ("DE", "FR"))
MONTHS = Dimension("month", tuple(f"2026-{month:02}" for month in range(1, 7)))


def _words(found: tuple[Hint, ...], kind: str) -> list[str]:
    return [hint.words for hint in found if hint.kind == kind]


def test_a_rise_and_a_fall_are_named_with_their_bounds() -> None:
    counts = {"Adidas": (100, 300), "Nike": (400, 200), "Puma": (250, 250)}
    of = study(statistic("brands", BRAND, MONTHS))

    def count(_: Statistic, cell: tuple[str, ...]) -> int:
        first, last = counts[cell[0]]
        return first if cell[1] <= "2026-03" else last

    found = hints(released(of, count))
    (rise,) = (hint for hint in found if hint.kind == "rise")
    assert rise.words.startswith(
        "Adidas is seen more: 3.00 times as often in May to June 2026 as in January to "
        "February 2026, between "
    )
    assert 1 < rise.low < 3 < rise.high
    assert rise.cells == (
        "brands: Adidas, 2026-01 to 2026-02 (sum 200) and 2026-05 to 2026-06 (sum 600)"
    )
    (fall,) = (hint for hint in found if hint.kind == "fall")
    assert fall.words.startswith("Nike is seen less: 0.50 times as often")
    assert fall.low < 0.5 < fall.high < 1


def test_the_first_of_each_category_is_named_with_its_share() -> None:
    counts = dict(zip(BRANDS, (300, 100, 50), strict=True))
    of = study(statistic("brands", BRAND))
    one = released(of, lambda _, cell: counts[cell[0]])
    (first,) = hints(one)
    assert first.words.startswith(
        "Adidas is seen most among brands: its share of voice is 67 %, between "
    )
    assert first.low < 2 / 3 < first.high
    grouped = hints(one, {"Adidas": "sport", "Nike": "sport", "Puma": "shoes"})
    assert _words(grouped, "leader")[0].startswith(
        "Adidas is seen most among brands of the category sport: its share of voice is 75 %"
    )
    # A category of one brand has no first.
    assert len(grouped) == 1


def test_labels_that_are_equal_have_no_first() -> None:
    assert hints(released(study(statistic("brands", BRAND)), lambda *_: 300)) == ()


def test_what_goes_together_is_named_more_and_less() -> None:
    of = study(statistic("pairs", BRAND, WITH_SCENE, measure=Together()))

    def count(_: Statistic, cell: tuple[str, ...]) -> int:
        return 400 if cell == ("Nike", "street") else 200

    found = hints(released(of, count))
    assert [hint.kind for hint in found] == ["together"] * len(found)
    assert found[0].words.startswith("Nike appears with street more than chance: lift 1.")
    assert found[0].cells == "pairs: Nike, street (400 of 600), against every brand"
    assert any(
        w.startswith("Nike appears with beach less than chance") for w in _words(found, "together")
    )


def test_sentences_say_labels_of_public_lists_in_words_and_brands_as_they_are() -> None:
    brand, scene = Dimension("brand", ("a_b", "c")), Dimension("with_scene", ("ski_slope", "x"))
    of = study(statistic("pairs", brand, scene, measure=Together()))
    pairs = hints(released(of, lambda _, cell: 900 if cell == ("a_b", "ski_slope") else 300))
    more = "a_b appears with ski slope more than chance"
    (first,) = (hint for hint in pairs if hint.words.startswith(more))
    assert first.cells.startswith("pairs: a_b, ski_slope (")
    scenes = Dimension("scene", ("ski_slope", "x"))
    moved = released(
        study(statistic("scenes", scenes, MONTHS)),
        lambda _, cell: 900 if cell[0] == "ski_slope" and cell[1] == MONTHS.keys[-1] else 300,
    )
    said = [hint.words for hint in hints(moved)]
    assert any(words.startswith("ski slope is seen more: ") for words in said)
    assert any(words.startswith("ski slope is seen most among scenes") for words in said)


def test_brands_that_meet_are_named_where_they_meet_more_and_never_where_less() -> None:
    other = Dimension("with_brand", BRANDS)
    of = study(
        statistic("pairs", BRAND, other, measure=Together()),
        statistic("brands", BRAND),
        statistic("posters"),
    )

    def count(one: Statistic, cell: tuple[str, ...]) -> int:
        if one.id == "posters":
            return 2_000
        if one.id == "brands":
            return 500
        return 300 if cell == ("Adidas", "Nike") else 5

    assert _words(hints(released(of, count)), "together") == [
        words
        for words in _words(hints(released(of, count)), "together")
        if "Adidas and Nike" in words
    ]
    assert (
        "appear in one photo more than chance: lift 2.40"
        in _words(hints(released(of, count)), "together")[0]
    )


def test_where_and_when_a_label_is_seen_more_than_others() -> None:
    of = study(statistic("places", BRAND, REGION), statistic("months", BRAND, MONTHS))

    def count(one: Statistic, cell: tuple[str, ...]) -> int:
        if one.id == "places":
            return 600 if cell == ("Nike", "DE") else 200
        return 600 if cell == ("Puma", "2026-04") else 200

    found = hints(released(of, count))
    begun = "Nike is seen more in DE than brands at large: index 1."
    assert any(words.startswith(begun) for words in _words(found, "place"))
    (first, *_) = _words(found, "season")
    assert first.startswith("Puma is seen more in April than brands at large: index ")


def test_questions_follow_from_the_study_and_never_from_a_value() -> None:
    of = everything()
    rng = np.random.default_rng(3)
    some = [
        [
            q.about
            for q in questions(released(of, lambda *_, many=many: many, ("geometric", 4.0), rng))
        ]
        for many in (0, 5, 5_000)
    ]
    assert some[0] == some[1] == some[2]
    assert len(some[0]) == len(set(some[0])) > 4


def test_of_two_tables_that_could_answer_one_is_asked() -> None:
    of = study(
        statistic("fine", BRAND, WEEK),
        statistic("coarse", BRAND, WEEK, REGION),
        statistic("photos", BRAND, WEEK, measure=Photos(3)),
        statistic("scenes", SCENE, WEEK),
    )
    asked = [question.about for question in questions(released(of, lambda *_: 10))]
    assert [about for about in asked if about.startswith("movement")] == [
        "movement in fine",
        "movement in scenes",
    ]
    assert [about for about in asked if about.startswith("region")] == ["region in coarse"]


def test_the_whole_risk_is_shared_out_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def asked(*_: object) -> tuple[Question, ...]:
        return tuple(Question(str(n), lambda risk: given.append(risk) or ()) for n in range(7))

    monkeypatch.setattr("engine.insight.hints.questions", asked)
    assert hints(released(everything(), lambda *_: 300)) == ()
    assert len(given) == 7
    assert sum(given) == pytest.approx(RISK) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        ("2026-03", "March 2026"),
        ("2026-03 to 2026-05", "March to May 2026"),
        ("2025-12 to 2026-01", "December 2025 to January 2026"),
        ("2026-W03 to 2026-W05", "2026-W03 to 2026-W05"),
        ("2026-03-01", "2026-03-01"),
    ],
)
def test_months_are_named(stretch: str, words: str) -> None:
    assert stretch_words(stretch) == words


def test_every_sentence_is_true_of_counts_that_are_known() -> None:
    """With noise that happens to be nothing, each named number is the counts' own."""
    of: Study = study(statistic("brands", BRAND, MONTHS, REGION))
    rng = np.random.default_rng(11)
    counts = {cell: int(rng.integers(50, 900)) for cell in of.statistics[0].grid()}
    one: Released = released(of, lambda _, cell: counts[cell], ("geometric", 0.4))
    found = hints(one)
    assert len(found) > 10
    cells = one.table
    for hint in found:
        assert hint.low <= hint.value <= hint.high
        if hint.kind == "leader":
            whole = cells.group_by("brand").agg(pl.col("value").sum())
            share = whole["value"].max() / whole["value"].sum()  # type: ignore[operator]
            assert hint.value == pytest.approx(share)
