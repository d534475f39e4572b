"""What tests of training share: invented examples, a recipe, and a reservation for it."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np

from audit import Training
from audit.runs import _MADE_HERE, Reservation
from engine.learning.accounting import epsilon_up
from engine.learning.interface import Examples, Floats, Recipe
from engine.learning.recipe import as_one
from policies.amounts import Delta, Loss

DELTA = Delta.parse("1e-6")
RECIPE = Recipe(
    id="brand_head",
    kind="brand",
    labels=("acme", "zeta"),
    steps=6,
    sampling_rate=Fraction(1, 2),
    noise=Fraction(2),
    clip=Fraction(1),
    contributors=20,
    photos_per_contributor=64,
)
WIDTH = 5
_sequence = itertools.count()


def recipe(**changes: object) -> Recipe:
    return replace(RECIPE, **changes)  # type: ignore[arg-type]


def reserved(
    of: Recipe, loss: Loss | None = None, *, said: Training | None = None, accounts: int = 1
) -> Reservation:
    """Return what the log hands out after writing a spend: by default, the recipe's exact cost."""
    if loss is None:
        rate, noise = as_one(of.sampling_rate, of.noise, accounts)
        loss = Loss(epsilon_up(of.steps, rate, noise, DELTA), DELTA)
    said = said or Training.of(of.steps, of.sampling_rate, of.noise, accounts)
    return Reservation(
        run="test-training",
        dataset="panel",
        policy="sha256:" + "0" * 64,
        loss=loss,
        statistics=((of.id, loss),),
        entry_seq=next(_sequence),
        training=((of.id, said),),
        token=_MADE_HERE,
    )


def unit_rows(random: np.random.Generator, number: int, width: int = WIDTH) -> Floats:
    rows = random.normal(size=(number, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def crowd(photos: list[int], *, width: int = WIDTH, classes: int = 3, seed: int = 0) -> Examples:
    """Return invented examples of contributors with so many photos each, of separable classes."""
    random = np.random.default_rng(seed)
    centres = 3 * np.random.default_rng(99).normal(size=(classes, width))
    targets = random.integers(0, classes, sum(photos))
    rows = centres[targets] + random.normal(size=(len(targets), width))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    who = np.repeat(np.arange(len(photos)), photos)
    return Examples(rows.astype(np.float32), targets.astype(np.int64), who.astype(np.int64))


def public(number: int = 30, width: int = WIDTH) -> Floats:
    return unit_rows(np.random.default_rng(7), number, width)


def without(examples: Examples, gone: int) -> Examples:
    """Return the examples of everybody but one, numbered anew."""
    kept = examples.contributors != gone
    who = examples.contributors[kept]
    return Examples(examples.rows[kept], examples.targets[kept], np.where(who > gone, who - 1, who))
