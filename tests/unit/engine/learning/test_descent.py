"""A training from the outside: what it learns, what it needs, and how it goes on."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from audit import Training
from audit.runs import _MADE_HERE
from engine.learning import descent
from engine.learning.errors import ExamplesUnusable, LearningError, TrainingRefused
from engine.learning.interface import Examples, Recipe, State
from policies.amounts import Delta, Epsilon, Loss, Rho
from tests.unit.engine.learning.trainings import (
    DELTA,
    RECIPE,
    WIDTH,
    crowd,
    public,
    recipe,
    reserved,
    without,
)

NOBODY = Examples(np.zeros((0, WIDTH), np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
QUIET = recipe(noise=Fraction(1, 10), sampling_rate=Fraction(1), steps=12)


def _right(examples: Examples, weights: np.ndarray) -> float:
    return float(np.mean(np.argmax(examples.rows @ weights.T, axis=1) == examples.targets))


def test_a_head_learns_from_a_crowd() -> None:
    examples = crowd([4] * 30, width=32)
    of = replace(QUIET, contributors=30)
    weights = descent.descend(examples, public(width=32), of, reserved(of))
    assert weights.dtype == np.float32
    assert weights.shape == (3, 32)
    assert _right(crowd([4] * 60, width=32, seed=1), weights) > 0.9


def test_the_steps_are_scaled_by_the_guess_and_not_by_the_crowd() -> None:
    examples = crowd([1] * 40, width=32)
    few, many = (
        descent.descend(examples, public(0, 32), of, reserved(of))
        for of in (replace(QUIET, contributors=n, steps=1) for n in (10, 1_000))
    )
    assert np.linalg.norm(few) == pytest.approx(100 * np.linalg.norm(many), rel=0.2)


def test_a_head_of_nobody_is_trained_too() -> None:
    weights = descent.descend(NOBODY, public(), RECIPE, reserved(RECIPE))
    assert np.isfinite(weights).all()
    assert weights.any()


def test_an_empty_step_has_its_noise() -> None:
    rare = recipe(sampling_rate=Fraction(1, 10**12), steps=1)
    weights = descent.descend(crowd([3, 3]), public(0), rare, reserved(rare))
    assert (weights != 0).all()


def test_public_rows_are_learned_without_anybody() -> None:
    of = recipe(contributors=10**9, steps=30)
    others = public(200)
    weights = descent.descend(NOBODY, others, of, reserved(of))
    # Centred rows pull in no direction, so look at what they lean to.
    told = others @ weights.T
    assert told[:, -1].mean() > told[:, :-1].mean()


@pytest.mark.parametrize("labels", [("acme",), ("acme", "zeta")])
def test_one_class_alone_is_trained_like_any(labels: tuple[str, ...]) -> None:
    examples = crowd([2] * 10, classes=1)
    of = recipe(labels=labels)
    weights = descent.descend(examples, public(), of, reserved(of))
    assert weights.shape == (len(labels) + 1, WIDTH)


def test_someone_whose_numbers_are_none_changes_nothing_else() -> None:
    examples = crowd([3, 3])
    rows = examples.rows.copy()
    rows[4, 0] = np.nan
    of = replace(QUIET, steps=3)
    weights = descent.descend(replace(examples, rows=rows), public(), of, reserved(of))
    assert np.isfinite(weights).all()


def test_every_training_draws_its_own_noise() -> None:
    one, other = (descent.descend(NOBODY, public(), RECIPE, reserved(RECIPE)) for _ in range(2))
    assert (one != other).mean() > 0.9


@pytest.mark.parametrize("killed_at", [1, 3, 5, 6])
def test_a_training_that_was_killed_goes_on(
    killed_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same draws for both, by step, so that their heads can be compared to the last bit.
    done = [0]
    monkeypatch.setattr(descent, "drawn", lambda number, rate: [n for n in range(number) if n % 2])

    def noised(total: np.ndarray, scale: float) -> np.ndarray:
        draws = np.random.default_rng(done[0]).normal(0, scale, total.shape)
        done[0] += 1
        return total + draws.astype(np.int64)

    monkeypatch.setattr(descent, "noised", noised)
    examples = crowd([1, 5, 2, 9])
    whole = descent.descend(examples, public(), RECIPE, reserved(RECIPE))

    class Killed(Exception):
        pass

    saved: list[State] = []

    def save(state: State) -> None:
        saved.append(state)
        if state.step == killed_at:
            raise Killed

    done[0] = 0
    reservation = reserved(RECIPE)
    with pytest.raises(Killed):
        descent.descend(examples, public(), RECIPE, reservation, save=save)
    assert [state.step for state in saved] == list(range(1, killed_at + 1))
    parts = descent.descend(examples, public(), RECIPE, reservation, state=saved[-1])
    assert parts.tobytes() == whole.tobytes()
    assert done[0] == RECIPE.steps
    for again in (*saved[: RECIPE.steps - 1], None):
        with pytest.raises(TrainingRefused, match="has been used"):
            descent.descend(examples, public(), RECIPE, reservation, state=again)


def test_a_saved_state_is_a_copy() -> None:
    saved: list[State] = []
    descent.descend(NOBODY, public(), RECIPE, reserved(RECIPE), save=saved.append)
    assert [state.step for state in saved] == [1, 2, 3, 4, 5, 6]
    assert len({state.weights.tobytes() for state in saved}) == 6
    assert all(state.weights.dtype == state.velocity.dtype == np.float64 for state in saved)


def test_an_observer_hears_of_steps_alone() -> None:
    heard: list[tuple[int, int]] = []
    descent.descend(
        NOBODY, public(), RECIPE, reserved(RECIPE), observer=lambda *told: heard.append(told)
    )
    assert heard == [(step, 6) for step in range(1, 7)]


def _refused(
    of: Recipe = RECIPE,
    examples: Examples | None = None,
    others: np.ndarray | None = None,
    reservation: object = None,
    state: State | None = None,
) -> LearningError:
    """Return why a training does not begin; it draws nothing, and the reservation stays good."""
    examples = crowd([2, 3]) if examples is None else examples
    others = public() if others is None else others
    given: Any = reserved(RECIPE) if reservation is None else reservation
    with pytest.MonkeyPatch.context() as patch:
        for name in ("drawn", "noised"):
            patch.setattr(descent, name, lambda *_: pytest.fail("something was drawn"))
        with pytest.raises(LearningError) as refused:
            descent.descend(examples, others, of, given, state=state)
    return refused.value


def test_without_a_reservation_nothing_is_drawn() -> None:
    class Reservation:
        run, entry_seq = "r", 1
        statistics, training = reserved(RECIPE).statistics, reserved(RECIPE).training

    assert isinstance(_refused(reservation=Reservation()), TrainingRefused)
    assert isinstance(_refused(reservation=reserved(recipe(id="other"))), TrainingRefused)


@pytest.mark.parametrize(
    "said",
    [
        Training.of(RECIPE.steps - 1, RECIPE.sampling_rate, RECIPE.noise, 1),
        Training.of(RECIPE.steps, Fraction(1, 4), RECIPE.noise, 1),
        Training.of(RECIPE.steps, RECIPE.sampling_rate, RECIPE.noise + 1, 1),
    ],
)
def test_what_the_log_says_is_what_is_trained(said: Training) -> None:
    enough = Loss(Epsilon.parse("100"), DELTA)
    refused = _refused(reservation=reserved(RECIPE, enough, said=said))
    assert isinstance(refused, TrainingRefused)
    unsaid = replace(reserved(RECIPE, enough), training=(), token=_MADE_HERE)
    assert isinstance(_refused(reservation=unsaid), TrainingRefused)


def test_a_person_of_several_accounts_costs_more() -> None:
    one, two = (reserved(RECIPE, accounts=n).loss for n in (1, 2))
    assert one.epsilon is not None
    assert two.epsilon is not None
    assert two.epsilon > one.epsilon
    short = replace(reserved(RECIPE, one, accounts=2), token=_MADE_HERE)
    assert isinstance(_refused(reservation=short), TrainingRefused)
    descent.descend(NOBODY, public(), RECIPE, reserved(RECIPE, accounts=2))


@pytest.mark.parametrize(
    "loss",
    [
        Loss(Epsilon.parse("2.5"), DELTA),
        Loss(Epsilon.parse("20"), Delta.zero()),
        Loss(Epsilon.parse("3"), Delta.parse("1e-12")),
        Loss(None, Delta.zero(), Rho.parse("0.74999")),
    ],
    ids=str,
)
def test_a_reservation_of_too_little_is_refused(loss: Loss) -> None:
    refused = _refused(reservation=reserved(RECIPE, loss))
    assert isinstance(refused, TrainingRefused)
    assert refused.exit_code == 7


@pytest.mark.parametrize(
    "loss",
    [
        Loss(Epsilon.parse("9"), DELTA),
        Loss(None, Delta.zero(), Rho.parse("0.75")),
        Loss(None, DELTA, Rho.parse("1")),
    ],
    ids=str,
)
def test_a_reservation_of_enough_is_good_once(loss: Loss) -> None:
    reservation = reserved(RECIPE, loss)
    descent.descend(NOBODY, public(), RECIPE, reservation)
    assert "has been used" in str(_refused(examples=NOBODY, reservation=reservation))


@pytest.mark.parametrize(
    "of",
    [
        recipe(noise=Fraction(0)),
        recipe(noise=Fraction(1, 20)),
        recipe(noise=Fraction(-2)),
        recipe(steps=0),
        recipe(sampling_rate=Fraction(0)),
        recipe(sampling_rate=Fraction(3, 2)),
        recipe(clip=Fraction(0)),
        recipe(contributors=0),
        recipe(labels=()),
    ],
)
def test_no_head_is_trained_by_such_numbers(of: Recipe) -> None:
    assert isinstance(_refused(of=of), TrainingRefused)


def _examples(**changes: object) -> Examples:
    return replace(crowd([2, 3]), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "examples",
    [
        _examples(rows=np.zeros((5, WIDTH + 1), np.float32)),
        _examples(rows=np.zeros(5, np.float32)),
        _examples(rows=np.zeros((4, WIDTH), np.float32)),
        _examples(targets=np.array([0, 1, 2, 3, 0])),
        _examples(targets=np.array([0, 1, -1, 0, 0])),
        _examples(targets=np.zeros(5)),
        _examples(contributors=np.array([1, 1, 2, 2, 2])),
        _examples(contributors=np.array([0, 0, 2, 2, 2])),
        _examples(contributors=np.array([0, 1, 0, 1, 1])),
        _examples(contributors=np.zeros(5, np.int32)),
        crowd([2, 65]),
    ],
)
def test_examples_of_another_form_are_refused(examples: Examples) -> None:
    refused = _refused(examples=examples)
    assert isinstance(refused, ExamplesUnusable)
    assert refused.exit_code == 9
    assert not any(character.isdigit() for character in str(refused))


@pytest.mark.parametrize(
    "others",
    [
        np.zeros((3, WIDTH - 1), np.float32),
        np.zeros(WIDTH, np.float32),
        np.full((3, WIDTH), np.nan, np.float32),
    ],
)
def test_public_rows_of_another_form_are_refused(others: np.ndarray) -> None:
    assert isinstance(_refused(others=others), ExamplesUnusable)


def test_a_head_of_too_many_weights_is_refused() -> None:
    wide = Examples(np.zeros((0, 2**20), np.float32), NOBODY.targets, NOBODY.contributors)
    others = np.zeros((0, 2**20), np.float32)
    assert isinstance(_refused(examples=wide, others=others), ExamplesUnusable)


@pytest.mark.parametrize(
    "state",
    [
        State(-1, np.zeros((3, WIDTH)), np.zeros((3, WIDTH))),
        State(7, np.zeros((3, WIDTH)), np.zeros((3, WIDTH))),
        State(1, np.zeros((4, WIDTH)), np.zeros((3, WIDTH))),
        State(1, np.zeros((3, WIDTH)), np.zeros((3, 1))),
        State(1, np.full((3, WIDTH), np.inf), np.zeros((3, WIDTH))),
    ],
)
def test_a_state_of_another_training_is_refused(state: State) -> None:
    assert isinstance(_refused(state=state), ExamplesUnusable)


def test_a_refusal_leaves_the_reservation_good() -> None:
    reservation = reserved(RECIPE)
    _refused(others=np.zeros(WIDTH, np.float32), reservation=reservation)
    examples = without(crowd([1, 2, 3]), 1)
    descent.descend(examples, public(), RECIPE, reservation)
