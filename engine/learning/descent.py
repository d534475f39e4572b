"""The training itself: a head by DP-SGD, whose unit is the contributor.

Opacus's parts, with our own in the three places where the promise is made: who is drawn
(`engine.learning.sampling`), what one contributor adds (`engine.learning.clipping`), and the noise,
which is OpenDP's exact discrete Gaussian. A "sample" of Opacus is a contributor: one batch element
that holds all of their photos, each with a weight of one over their number.

INVARIANT: what a contributor adds to a step is a function of their own examples and of the weights
before the step. Each is therefore a pass of its own: in a batch, the low bits of one gradient may
depend on who else is there, and a cut to integers would carry that into their sum.

How long a step takes depends on who is drawn; the finished head does not.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from opacus import GradSampleModule
from opacus.optimizers import DPOptimizer
from torch import Tensor, nn

from audit import Reservation
from engine.learning.accounting import check_numbers, epsilon_up, float_up, rho_exactly
from engine.learning.clipping import LARGEST, UNITS, Integers, on_grid
from engine.learning.errors import ExamplesUnusable, TrainingRefused
from engine.learning.interface import NONE_OF_THESE, Examples, Floats, Recipe, Save, State
from engine.learning.sampling import drawn
from engine.statistics.noise import exact

# Chosen on public data, for every policy; `docs/training.md` says how.
LEARNING_RATE: Final = 1.0
MOMENTUM: Final = 0.9
SHARPNESS: Final = 16.0
"""By what a product of unit vectors is multiplied before the softmax."""
PUBLIC_WEIGHT: Final = 0.5
"""Of the public rows' mean gradient, beside the contributors' mean."""

Observer = Callable[[int, int], None]
"""Told after each step: steps done, steps in all."""

_reached: dict[tuple[str, int, str], int] = {}
"""Of each reservation that was drawn on in this process: from which step it may go on."""
_lock = threading.Lock()


def descend(
    examples: Examples,
    others: Floats,
    recipe: Recipe,
    reservation: Reservation,
    *,
    state: State | None = None,
    save: Save | None = None,
    observer: Observer | None = None,
) -> Floats:
    """Return the head's weights, (labels + 1, d) float32: noise included, safe to release.

    Args:
        examples: what contributors teach; already cut to the recipe's photos per contributor. A
            contributor with a row that is not finite adds nothing. None at all is fine: a head of
            nobody is trained in as many steps.
        others: (p, d) public rows that show none of the labels; p may be 0.
        recipe: all that is public.
        reservation: of the log, with at least the recipe's cost under the recipe's id. Good for one
            training; one that was killed goes on from a saved `state`.
        state: where to go on.
        save: called after every step with the state, which is secret.
        observer: called after every step with public numbers.

    Raises:
        TrainingRefused: the reservation does not pay for the recipe, or was used before.
        ExamplesUnusable: arrays of a shape, type or range that the recipe's head can't take.
    """
    width = _checked(examples, others, recipe)
    shape = (len(recipe.labels) + NONE_OF_THESE, width)
    state = _checked_state(state, shape, recipe)
    key = _use(reservation, recipe, state)
    torch.set_num_threads(1)
    head = _Head(shape, recipe, others)
    head.go_on(state)
    split = np.searchsorted(examples.contributors, np.arange(_number(examples) + 1))
    for step in range(state.step, recipe.steps):
        for who in drawn(len(split) - 1, recipe.sampling_rate):
            own = slice(split[who], split[who + 1])
            head.learn(examples.rows[own], examples.targets[own])
        head.finish_step()
        if save is not None:
            save(head.state(step + 1))
            _note(key, step + 1)
        if observer is not None:
            observer(step + 1, recipe.steps)
    _note(key, recipe.steps + 1)
    return head.state(recipe.steps).weights.astype(np.float32)


class ExactOptimizer(DPOptimizer):  # type: ignore[misc]
    """Opacus's optimizer, with sums and noise that are integers."""

    def __init__(self, optimizer: torch.optim.Optimizer, recipe: Recipe, public: "_Public") -> None:
        super().__init__(
            optimizer,
            noise_multiplier=float(recipe.noise),
            max_grad_norm=float(recipe.clip),
            expected_batch_size=float(recipe.sampling_rate * recipe.contributors),
            loss_reduction="mean",
        )
        self.scale = float_up(recipe.noise * UNITS)
        self.public = public
        self.sum = self._nothing()

    def _nothing(self) -> Integers:
        return np.zeros(tuple(self.params[0].shape), np.int64)

    def clip_and_accumulate(self) -> None:
        """Add each contributor's bounded vector of integers."""
        for gradient in self.grad_samples[0].detach().cpu().numpy().astype(np.float64):
            self.sum += on_grid(gradient, self.max_grad_norm)

    def add_noise(self) -> None:
        """Put the sum and its noise into the gradient, and forget the sum."""
        weights = self.params[0]
        noise = np.array(exact.draws("gaussian", self.scale, self.sum.size), np.int64)
        # INVARIANT: the sum is met by exact noise as an integer, before anything is done with it.
        noisy = self.sum + noise.reshape(self.sum.shape)
        self.sum = self._nothing()
        gradient = noisy.astype(np.float64) * (self.max_grad_norm / UNITS)
        weights.grad = torch.from_numpy(gradient).to(weights.device)

    def scale_grad(self) -> None:
        """Divide by the public guess of how many take part, and add the public rows' gradient."""
        super().scale_grad()
        weights = self.params[0]
        weights.grad += PUBLIC_WEIGHT * self.public.gradient(weights.detach())


@dataclass(frozen=True)
class _Public:
    """Public rows, whose gradient needs no noise."""

    rows: Tensor
    target: int

    def gradient(self, weights: Tensor) -> Tensor:
        if len(self.rows) == 0:
            return torch.zeros_like(weights)
        told = torch.softmax(SHARPNESS * self.rows @ weights.T, dim=1)
        told[:, self.target] -= 1
        return SHARPNESS * told.T @ self.rows / len(self.rows)


class _Head:
    """Weights under training, in doubles."""

    def __init__(self, shape: tuple[int, int], recipe: Recipe, others: Floats) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        layer = nn.Linear(shape[1], shape[0], bias=False, dtype=torch.float64)
        self.model = GradSampleModule(layer.to(self.device), loss_reduction="sum")
        rows = torch.from_numpy(others.astype(np.float64)).to(self.device)
        inner = torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
        self.optimizer = ExactOptimizer(inner, recipe, _Public(rows, shape[0] - 1))

    @property
    def weights(self) -> nn.Parameter:
        parameter: nn.Parameter = self.optimizer.params[0]
        return parameter

    def go_on(self, state: State) -> None:
        with torch.no_grad():
            self.weights.copy_(torch.from_numpy(state.weights))
        velocity = torch.from_numpy(state.velocity.copy()).to(self.device)
        self.optimizer.state[self.weights]["momentum_buffer"] = velocity

    def state(self, step: int) -> State:
        velocity = self.optimizer.state[self.weights]["momentum_buffer"]
        return State(step, _array(self.weights), _array(velocity))

    def learn(self, rows: Floats, targets: NDArray[np.int64]) -> None:
        """Add what one contributor's examples teach, all of them together."""
        # A copy of its own, always aligned alike: products may depend on where a row lies.
        inputs = torch.tensor(rows[None], dtype=torch.float64, device=self.device)
        inputs.requires_grad_()  # or torch warns of Opacus's hook
        wanted = torch.tensor(targets, device=self.device)
        told = SHARPNESS * self.model(inputs)[0]
        torch.autograd.backward(nn.functional.cross_entropy(told, wanted))
        self.optimizer.signal_skip_step(do_skip=True)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def finish_step(self) -> None:
        """Draw the noise and move the weights, whoever was drawn."""
        nobody = self.weights.new_zeros((0, *self.weights.shape))
        setattr(self.weights, "grad_sample", nobody)  # noqa: B010  Opacus's attribute, not torch's
        self.optimizer.signal_skip_step(do_skip=False)
        self.optimizer.step()
        self.optimizer.zero_grad()


def _array(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().numpy().copy()


def _number(examples: Examples) -> int:
    return int(examples.contributors[-1]) + 1 if len(examples.contributors) else 0


def _use(reservation: Reservation, recipe: Recipe, state: State) -> tuple[str, int, str]:
    # Only the log makes a Reservation, so what looks like one is none.
    if type(reservation) is not Reservation:
        raise TrainingRefused("a training is drawn against a reservation in the log alone")
    reserved = dict(reservation.statistics).get(recipe.id)
    if reserved is None:
        raise TrainingRefused("the reservation is not for this training")
    # INVARIANT: what is reserved pays for these steps with this noise.
    if reserved.rho is not None:
        paid = rho_exactly(recipe.steps, recipe.noise) <= reserved.rho
    else:
        assert reserved.epsilon is not None
        cost = epsilon_up(recipe.steps, recipe.sampling_rate, recipe.noise, reserved.delta)
        paid = cost <= reserved.epsilon
    if not paid:
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


def _note(key: tuple[str, int, str], step: int) -> None:
    with _lock:
        _reached[key] = step


def _checked(examples: Examples, others: Floats, recipe: Recipe) -> int:
    check_numbers(recipe.steps, recipe.sampling_rate, recipe.noise)
    if not recipe.labels or recipe.clip <= 0 or recipe.contributors < 1:
        raise TrainingRefused("a training needs labels, a clip above 0 and a guess of contributors")
    rows, targets, who = examples.rows, examples.targets, examples.contributors
    if others.ndim != 2 or rows.ndim != 2 or rows.shape[1] != others.shape[1]:
        raise ExamplesUnusable("examples and public rows are not of one width")
    if rows.shape[1] < 1 or rows.shape[1] * (len(recipe.labels) + NONE_OF_THESE) > LARGEST:
        raise ExamplesUnusable("a head has between 1 and 1,048,576 weights")
    if not np.isfinite(others).all():
        raise ExamplesUnusable("public rows are not finite")
    if targets.shape != (len(rows),) or who.shape != (len(rows),):
        raise ExamplesUnusable("rows, targets and contributors are not of one length")
    if not (targets.dtype == who.dtype == np.int64):
        raise ExamplesUnusable("targets and contributors are not int64")
    if len(rows) == 0:
        return int(rows.shape[1])
    if targets.min() < 0 or targets.max() > len(recipe.labels):
        raise ExamplesUnusable("a target is no place in the recipe's labels")
    if who[0] != 0 or not np.isin(np.diff(who), (0, 1)).all():
        raise ExamplesUnusable("contributors are not in order from 0")
    if np.bincount(who).max() > recipe.photos_per_contributor:
        raise ExamplesUnusable("a contributor has more examples than the recipe takes")
    return int(rows.shape[1])


def _checked_state(state: State | None, shape: tuple[int, int], recipe: Recipe) -> State:
    if state is None:
        return State(0, np.zeros(shape), np.zeros(shape))
    fits = state.weights.shape == state.velocity.shape == shape and 0 <= state.step <= recipe.steps
    if not fits or not (np.isfinite(state.weights).all() and np.isfinite(state.velocity).all()):
        raise ExamplesUnusable("the saved state is not of this training")
    return state
