"""Record and replay through a whole training (Re:cord-play, 2026, arXiv 2602.17454).

A training is recorded: who was drawn, the sum of each step, and what left it with its noise. It is
replayed without one contributor, with the same people drawn and with noise under which the same
numbers leave each step, so that the weights before every step are the same as well. Then

- the head is the same to the last bit, so nothing of them got past the noise by another way; and
- each step's sums differ by exactly the vector of integers that this contributor adds at these
  weights, where they were drawn, and not at all where they were not.

Controls put known faults in; the same check must find each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.learning import descent
from engine.learning.clipping import UNITS, length_squared
from engine.learning.errors import LearningError
from engine.learning.interface import Examples, Floats, Recipe, State
from tests.unit.engine.learning.trainings import crowd, public, recipe, reserved, without


@dataclass
class Tape:
    """Of each step: who was drawn, the sum, and the noisy numbers that left it."""

    drawn: list[list[int]] = field(default_factory=list)
    sums: list[np.ndarray] = field(default_factory=list)
    noisy: list[np.ndarray] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    asked: list[tuple[Fraction, float]] = field(default_factory=list)
    heard: list[tuple[int, int]] = field(default_factory=list)


def _trained(
    examples: Examples, others: Floats, of: Recipe, tape: Tape, back: Tape | None, gone: int
) -> Floats | str:
    """Train onto a tape; with another tape, play back what its draws were without one of them."""
    step = iter(range(of.steps))
    tosses = np.random.default_rng(11)

    def drawn(number: int, rate: Fraction) -> list[int]:
        tape.asked.append((rate, 0.0))
        if back is None:
            who = np.flatnonzero(tosses.random(number) < float(rate)).tolist()
        else:
            who = [w - (w > gone) for w in back.drawn[len(tape.drawn)] if w != gone]
        tape.drawn.append(who)
        return who

    def noised(total: np.ndarray, scale: float) -> np.ndarray:
        at = next(step)
        tape.asked.append((Fraction(0), scale))
        tape.sums.append(total.copy())
        if back is None:
            draws = np.random.default_rng(at).normal(0, scale, total.shape).astype(np.int64)
            tape.noisy.append(total + draws)
        else:
            tape.noisy.append(back.noisy[at])
        return tape.noisy[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(descent, "drawn", drawn)
        patch.setattr(descent, "noised", noised)
        try:
            return descent.descend(
                examples,
                others,
                of,
                reserved(of),
                save=tape.states.append,
                observer=lambda *told: tape.heard.append(told),
            )
        except (LearningError, RuntimeError, IndexError) as stopped:
            return repr(stopped)


def _alone(examples: Examples, others: Floats, of: Recipe, gone: int, state: State) -> np.ndarray:
    """Return what the contributor adds at these weights, with nobody else there."""
    own = examples.contributors == gone
    head = descent._Head(state.weights.shape, of, others)
    head.go_on(state)
    head.learn(examples.rows[own], examples.targets[own])
    return np.asarray(head.optimizer.sum)


def _compare(examples: Examples, of: Recipe, gone: int) -> Tape:
    others = public(width=examples.rows.shape[1])
    full, rest = Tape(), Tape()
    with_them = _trained(examples, others, of, full, None, gone)
    without_them = _trained(without(examples, gone), others, of, rest, full, gone)
    # An error would tell as well.
    assert isinstance(with_them, np.ndarray)
    assert isinstance(without_them, np.ndarray)
    assert with_them.tobytes() == without_them.tobytes()
    assert (full.asked, full.heard) == (rest.asked, rest.heard)
    nothing = np.zeros(with_them.shape)
    before = [State(0, nothing, nothing), *full.states]
    for step, (more, less) in enumerate(zip(full.sums, rest.sums, strict=True)):
        moved = more - less
        assert full.states[step].weights.tobytes() == rest.states[step].weights.tobytes()
        if gone in full.drawn[step]:
            assert (moved == _alone(examples, others, of, gone, before[step])).all()
        else:
            assert not moved.any()
        assert length_squared(moved) <= UNITS**2
    return full


crowds = st.builds(
    crowd,
    st.lists(st.integers(1, 40), min_size=1, max_size=7),
    width=st.sampled_from([1, 5, 64]),
    classes=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
recipes = st.builds(
    recipe,
    steps=st.integers(1, 4),
    sampling_rate=st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(1, 10)]),
    clip=st.sampled_from([Fraction(1, 100), Fraction(1), Fraction(30)]),
    noise=st.sampled_from([Fraction(1, 10), Fraction(2)]),
)


def _odd(examples: Examples, kind: str, gone: int) -> Examples:
    rows = examples.rows.copy()
    own = np.flatnonzero(examples.contributors == gone)
    if kind == "no number":
        rows[own[0], 0] = np.nan
    elif kind == "infinite":
        rows[own[0]] = np.inf
    elif kind == "huge":
        rows[own] *= np.float32(1e30)
    return replace(examples, rows=rows)


kinds = st.sampled_from(["plain", "plain", "no number", "infinite", "huge"])


@pytest.mark.timeout(600)
@settings(max_examples=40, deadline=None)
@given(crowds, recipes, kinds, st.data())
def test_a_training_shows_of_one_contributor_what_was_noised(
    examples: Examples, of: Recipe, kind: str, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, int(examples.contributors[-1])))
    _compare(_odd(examples, kind, gone), of, gone)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@settings(max_examples=3_000, deadline=None)
@given(crowds, recipes, kinds, st.data())
def test_thousands_of_trainings_show_of_one_contributor_what_was_noised(
    examples: Examples, of: Recipe, kind: str, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, int(examples.contributors[-1])))
    _compare(_odd(examples, kind, gone), of, gone)


CROWD = crowd([1, 7, 1, 1, 30, 2], width=512)
STEPS = recipe(
    steps=3,
    sampling_rate=Fraction(3, 4),
    noise=Fraction(1, 2),
    # Of gradients, which are about as long, some are clipped; and the weights stay small.
    clip=Fraction(descent.SHARPNESS) * 3 / 4,
    contributors=2_000,
)


@pytest.mark.parametrize("gone", range(6))
def test_each_of_a_crowd_adds_a_vector_of_their_own(gone: int) -> None:
    tape = _compare(CROWD, STEPS, gone)
    assert any(total.any() for total in tape.sums)


def test_a_training_of_one_is_a_neighbour_of_a_training_of_nobody() -> None:
    _compare(crowd([9]), replace(STEPS, sampling_rate=Fraction(1)), 0)


Fault = Callable[[pytest.MonkeyPatch], None]


def _no_clip(patch: pytest.MonkeyPatch) -> None:
    exact = descent.on_grid
    patch.setattr(descent, "on_grid", lambda gradient, clip: exact(gradient, clip) * 2)


def _scaled_by_who_was_drawn(patch: pytest.MonkeyPatch) -> None:
    learn, scale = descent._Head.learn, descent.ExactOptimizer.scale_grad

    def counted(self: descent._Head, *of: object) -> None:
        self.optimizer.expected_batch_size += 1
        learn(self, *of)  # type: ignore[arg-type]

    patch.setattr(descent._Head, "learn", counted)
    patch.setattr(descent.ExactOptimizer, "scale_grad", scale)


def _momentum_of_the_sum_before_noise(patch: pytest.MonkeyPatch) -> None:
    add = descent.ExactOptimizer.add_noise

    def leaky(self: descent.ExactOptimizer) -> None:
        own = torch.from_numpy(self.sum / UNITS)
        add(self)
        self.params[0].grad += 1e-9 * own

    patch.setattr(descent.ExactOptimizer, "add_noise", leaky)


def _an_error_for_somebody(patch: pytest.MonkeyPatch) -> None:
    learn = descent._Head.learn

    def picky(self: descent._Head, rows: np.ndarray, targets: np.ndarray) -> None:
        if len(rows) == 30:
            raise RuntimeError("too many")
        learn(self, rows, targets)

    patch.setattr(descent._Head, "learn", picky)


def _clip_that_looks_at_the_sum(patch: pytest.MonkeyPatch) -> None:
    """Clip by what has been added so far, as a bound that adapts to the crowd would."""
    exact, seen = descent.on_grid, [0.0]

    def adapting(gradient: np.ndarray, clip: float) -> np.ndarray:
        seen[0] = max(seen[0], float(np.abs(gradient).max()))
        return exact(gradient, clip * (1 + seen[0]))

    patch.setattr(descent, "on_grid", adapting)


@pytest.mark.parametrize(
    "fault",
    [
        _no_clip,
        _scaled_by_who_was_drawn,
        _momentum_of_the_sum_before_noise,
        _an_error_for_somebody,
        _clip_that_looks_at_the_sum,
    ],
    ids=lambda fault: fault.__name__,
)
def test_control_a_fault_is_found(fault: Fault) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        with pytest.raises(AssertionError):
            _compare(CROWD, STEPS, 4)


def test_control_doubles_in_place_of_integers_are_found() -> None:
    # A sum of doubles depends on who else is in it, by its last bits.
    with pytest.MonkeyPatch.context() as patch:

        def rough(gradient: np.ndarray, clip: float) -> np.ndarray:
            norm = np.linalg.norm(gradient)
            return gradient * min(1.0, clip / norm) * float(UNITS)

        patch.setattr(descent, "on_grid", rough)
        patch.setattr(
            descent.ExactOptimizer, "_nothing", lambda self: np.zeros(self.params[0].shape)
        )
        with pytest.raises(AssertionError):
            _compare(CROWD, STEPS, 4)
