"""Whether a training may begin: it is paid for, once, and its arrays fit the recipe's head.

All of it is looked at before anybody is drawn. What is asked of examples is their form alone, which
is ours to get right, and never what contributors' photos show.
"""

import threading

import numpy as np

from audit import Reservation, Training
from engine.learning.accounting import check_numbers, epsilon_up, rho_exactly
from engine.learning.clipping import LARGEST
from engine.learning.errors import ExamplesUnusable, TrainingRefused
from engine.learning.interface import NONE_OF_THESE, Examples, Floats, Recipe, State
from engine.learning.recipe import as_one
from policies.amounts import Loss

Use = tuple[str, int, str]
"""A run, the entry that reserved, and the statistic's id."""

_reached: dict[Use, int] = {}
"""Of each reservation that was drawn on in this process: from which step it may go on."""
_lock = threading.Lock()


def use(reservation: Reservation, recipe: Recipe, state: State) -> Use:
    """Use the reservation up, from the state's step on.

    Raises `TrainingRefused` where it is for another training, does not pay for this one, or was
    used before.
    """
    # Only the log makes a Reservation, so what looks like one is none.
    if type(reservation) is not Reservation:
        raise TrainingRefused("a head is trained against a reservation in the log alone")
    reserved = dict(reservation.statistics).get(recipe.id)
    said = dict(reservation.training).get(recipe.id)
    if reserved is None or said is None:
        raise TrainingRefused("the reservation is not for this training")
    # INVARIANT: what the log says of a training is what is trained, and is paid for.
    if said != Training.of(recipe.steps, recipe.sampling_rate, recipe.noise, said.accounts):
        raise TrainingRefused("the reservation is for a training of other numbers")
    if not _paid(reserved, recipe, said.accounts):
        raise TrainingRefused("the reservation does not pay for this training")
    key = (reservation.run, reservation.entry_seq, recipe.id)
    with _lock:
        if key in _reached and state.step < _reached[key]:
            raise TrainingRefused(
                "the reservation has been used",
                hint="A head is trained once per reservation; reserve again, and pay again.",
            )
        _reached[key] = max(1, state.step)
    return key


def _paid(reserved: Loss, recipe: Recipe, accounts: int) -> bool:
    rate, noise = as_one(recipe.sampling_rate, recipe.noise, accounts)
    if reserved.rho is not None:
        return rho_exactly(recipe.steps, noise) <= reserved.rho
    assert reserved.epsilon is not None
    return epsilon_up(recipe.steps, rate, noise, reserved.delta) <= reserved.epsilon


def reached(key: Use, step: int) -> None:
    """Note that a training may go on from this step, and from none before."""
    with _lock:
        _reached[key] = step


def check_recipe(recipe: Recipe) -> None:
    """Raise `TrainingRefused` for a recipe that no head can be trained by."""
    check_numbers(recipe.steps, recipe.sampling_rate, recipe.noise)
    if not recipe.labels or recipe.clip <= 0 or recipe.contributors < 1:
        raise TrainingRefused("a training needs labels, a clip above 0 and a guess of contributors")


def shape_of(examples: Examples, others: Floats, recipe: Recipe) -> tuple[int, int]:
    """Return the head's shape; raises `ExamplesUnusable` where the arrays do not fit it."""
    rows, targets, who = examples.rows, examples.targets, examples.contributors
    if others.ndim != 2 or rows.ndim != 2 or rows.shape[1] != others.shape[1]:
        raise ExamplesUnusable("examples and public rows are not of one width")
    shape = (len(recipe.labels) + NONE_OF_THESE, int(rows.shape[1]))
    if not 0 < shape[0] * shape[1] <= LARGEST:
        raise ExamplesUnusable("a head has between 1 and 1,048,576 weights")
    if not np.isfinite(others).all():
        raise ExamplesUnusable("public rows are not finite")
    if targets.shape != (len(rows),) or who.shape != (len(rows),):
        raise ExamplesUnusable("rows, targets and contributors are not of one length")
    if not (targets.dtype == who.dtype == np.int64):
        raise ExamplesUnusable("targets and contributors are not whole numbers")
    if len(rows) == 0:
        return shape
    if targets.min() < 0 or targets.max() > len(recipe.labels):
        raise ExamplesUnusable("a target is no place in the recipe's labels")
    if who[0] != 0 or not np.isin(np.diff(who), (0, 1)).all():
        raise ExamplesUnusable("contributors are not in order from zero on")
    if np.bincount(who).max() > recipe.photos_per_contributor:
        raise ExamplesUnusable("a contributor has more examples than the recipe takes")
    return shape


def check_state(state: State, shape: tuple[int, int], recipe: Recipe) -> None:
    """Raise `ExamplesUnusable` for a state that is no state of this training."""
    arrays = (state.weights, state.velocity)
    if not 0 <= state.step <= recipe.steps or any(array.shape != shape for array in arrays):
        raise ExamplesUnusable("the saved state is not of this training")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ExamplesUnusable("the saved state is not of this training")
