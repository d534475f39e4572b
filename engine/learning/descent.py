"""The training itself: a head by DP-SGD, whose unit is the contributor.

Opacus's parts, with our own in the three places where the promise is made: who is drawn
(`engine.learning.sampling`), what one contributor adds (`engine.learning.clipping`), and the noise,
which is OpenDP's exact discrete Gaussian. A "sample" of Opacus is a contributor: one batch element
that holds all of their photos, each with a weight of one over their number.

INVARIANT: what a contributor adds to a step is a function of their own examples and of the weights
before the step. Each is therefore a pass of its own: in a batch, the low bits of one gradient may
depend on who else is there, and a cut to integers would carry that into their sum.

How long a step takes depends on who is drawn. It is hidden from nobody who watches the machine, and
nothing that leaves tells of it.
"""

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
from engine.learning.accounting import float_up
from engine.learning.admission import check_recipe, check_state, reached, shape_of, use
from engine.learning.clipping import UNITS, Integers, on_grid
from engine.learning.interface import Examples, Floats, Recipe, Save, State
from engine.learning.sampling import drawn
from engine.statistics.noise import exact

# The same for every policy. Chosen by folds among four fifths of invented contributors, on public
# photos; `docs/training.md` says how, and what the last fifth gives.
LEARNING_RATE: Final = 1.25
MOMENTUM: Final = 0.8
SHARPNESS: Final = 6.0
"""By what a product of unit vectors is multiplied before the softmax. With a clip of 1 the first
steps cut nearly every contributor's gradient to it, so that all count alike."""
PUBLIC_WEIGHT: Final = 1.0
"""Of the public rows' mean gradient, beside the contributors' mean."""

Observer = Callable[[int, int], None]
"""Told after each step: steps done, steps in all."""


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
        reservation: of the log, under the recipe's id for its steps, rate and noise, and with at
            least their cost. Good for one training; one that was killed goes on from its `state`.
        state: where to go on.
        save: called after every step with the state, which is secret.
        observer: called after every step with public numbers.

    Raises:
        TrainingRefused: the reservation is for another training, does not pay for this one, or was
            used before.
        ExamplesUnusable: arrays of a shape, type or range that the recipe's head can't take.
    """
    check_recipe(recipe)
    shape = shape_of(examples, others, recipe)
    state = state or State(0, np.zeros(shape), np.zeros(shape))
    check_state(state, shape, recipe)
    used = use(reservation, recipe, state)
    torch.set_num_threads(1)
    head = _Head(shape, recipe, others)
    head.go_on(state)
    starts = _starts(examples)
    for step in range(state.step, recipe.steps):
        for who in drawn(len(starts) - 1, recipe.sampling_rate):
            own = slice(starts[who], starts[who + 1])
            head.learn(examples.rows[own], examples.targets[own])
        head.finish_step()
        if save is not None:
            save(head.state(step + 1))
            reached(used, step + 1)
        if observer is not None:
            observer(step + 1, recipe.steps)
    reached(used, recipe.steps)
    return head.state(recipe.steps).weights.astype(np.float32)


def noised(total: Integers, scale: float) -> Integers:
    """Return the sum with an independent draw of the discrete Gaussian on every coordinate."""
    # INVARIANT: the sum is met by exact noise as an integer, before anything is done with it.
    noise = np.array(exact.draws("gaussian", scale, total.size), np.int64)
    return total + noise.reshape(total.shape)


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
        noisy = noised(self.sum, self.scale)
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


def _starts(examples: Examples) -> NDArray[np.int64]:
    """Return where each contributor's examples begin, and where the last one's end."""
    number = int(examples.contributors[-1]) + 1 if len(examples.contributors) else 0
    return np.searchsorted(examples.contributors, np.arange(number + 1)).astype(np.int64)
