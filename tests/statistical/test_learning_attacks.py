"""What an outsider finds out about contributors from a trained head, against what it costs.

Three attacks, all through `descend` itself: gradients, bounds, coins, noise, weights. In the first
two every contributor is a canary: their photos lie in a direction of their own, so that they move
the head by all that the clip allows, and a fair coin says whether they are there.

*Canaries, one by one*: each is a draw of its own of one mechanism. The scores of those who are
there and of those who are not give a lower bound on epsilon at a delta (`epsilon_below`).

*One run* (Steinke, Nasr and Jagielski 2023, arXiv 2305.08846): from one head an outsider guesses
the coins of the canaries it is surest of. It asks for a small delta.

*Likelihood ratios* (LiRA, Carlini et al. 2022, arXiv 2112.03570): many heads are trained with one
contributor and many without. On half of them the outsider fits a normal law to what a head makes of
that contributor's photos, with and without; on the other half the ratio of the two is the score.
Everybody else is there by a coin that the outsider does not know. The target is one like the
others, or the worst one: mislabelled, and in the direction that others take least.

What they find is too high with a probability of at most ALARM a test. It must not exceed what is
paid for; and it must where the noise is a quarter, or where more than the clip gets through. From a
head without clip and noise the third attack nearly always finds the contributor.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from engine.learning import descent
from engine.learning.accounting import epsilon_up, noise_for
from engine.learning.clipping import on_grid
from engine.learning.interface import Examples, Places, Recipe
from policies.amounts import Delta, Epsilon, Loss
from tests.benchmarks.plain_descent import plain_descent
from tests.statistical.auditing import (
    Bools,
    Floats,
    epsilon_below,
    epsilon_of_guesses,
    right_guesses,
)
from tests.unit.engine.learning.trainings import reserved

ALARM = 1e-5
"""Probability of a false alarm of one test."""


def recipe(
    noise: Fraction, steps: int, rate: Fraction, contributors: int, labels: int = 1
) -> Recipe:
    return Recipe(
        id="brand_head",
        kind="brand",
        labels=tuple(f"label{n}" for n in range(labels)),
        steps=steps,
        sampling_rate=rate,
        noise=noise,
        clip=Fraction(1),
        contributors=contributors,
        photos_per_contributor=64,
    )


def trained(examples: Examples, of: Recipe, delta: Delta) -> Floats:
    """Return the weights, paid for at this delta, without public rows."""
    loss = Loss(epsilon_up(of.steps, of.sampling_rate, of.noise, delta), delta)
    others = np.zeros((0, examples.rows.shape[1]), np.float32)
    return descent.descend(examples, others, of, reserved(of, loss)).astype(np.float64)


@dataclass(frozen=True)
class Audit:
    """A training of canaries alone."""

    canaries: int
    noise: Fraction
    steps: int = 1
    rate: Fraction = Fraction(1)
    delta: str = "0.05"

    def epsilon(self) -> float:
        """Return what is paid for at this delta."""
        at = Delta.parse(self.delta)
        return float(epsilon_up(self.steps, self.rate, self.noise, at).value)

    def seen(self) -> tuple[Floats, Bools]:
        """Return each canary's score from one head, and which were there."""
        there = np.random.default_rng().integers(0, 2, self.canaries).astype(bool)
        # Two photos that say the same: what is bounded is a contributor, whatever their photos.
        rows = np.eye(self.canaries, dtype=np.float32)[np.repeat(np.flatnonzero(there), 2)]
        who = np.repeat(np.arange(there.sum(), dtype=np.int64), 2)
        examples = Examples(rows, np.zeros(len(rows), np.int64), who)
        of = recipe(self.noise, self.steps, self.rate, self.canaries)
        weights = trained(examples, of, Delta.parse(self.delta))
        return weights[0] - weights[1], there

    def bound(self) -> float:
        """Return the lower bound on epsilon, canaries taken one by one."""
        scores, there = self.seen()
        return epsilon_below(scores[there], scores[~there], float(self.delta), ALARM)


QUICK = Audit(1_000, Fraction(1), delta="0.2")
MANY = {
    "one step": Audit(6_000, Fraction(1)),
    "ten steps": Audit(3_000, Fraction(3), steps=10),
    "sampled steps": Audit(3_000, Fraction(5, 4), steps=8, rate=Fraction(1, 2)),
}
ONE_RUN = Audit(12_000, noise_for(Epsilon.parse("2"), 1, Fraction(1), Delta.parse("1e-10")))
GUESSES = 1_000


def test_a_head_tells_no_more_of_its_canaries_than_is_paid_for() -> None:
    assert QUICK.bound() <= QUICK.epsilon()


def test_control_a_quarter_of_the_noise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    lessen_the_noise(monkeypatch, 4)
    assert QUICK.bound() > QUICK.epsilon()


def test_control_a_clip_that_lets_four_times_as_much_through_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(descent, "on_grid", lambda gradient, clip: 4 * on_grid(gradient, clip))
    assert QUICK.bound() > QUICK.epsilon()


def lessen_the_noise(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    whole = descent.noised
    monkeypatch.setattr(descent, "noised", lambda total, scale: whole(total, scale / by))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", MANY)
def test_many_canaries_tell_something_and_no_more_than_is_paid_for(name: str) -> None:
    audit = MANY[name]
    bound, paid = audit.bound(), audit.epsilon()
    assert 0 < bound <= paid


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_guesses_from_one_head_are_right_no_oftener_than_is_paid_for() -> None:
    scores, there = ONE_RUN.seen()
    guesses, right = right_guesses(scores, there, GUESSES)
    assert epsilon_of_guesses(len(there), guesses, right, 1e-10, ALARM) <= 2, right
    # The outsider is no fool: by chance it would be right so often once in 10,000 times.
    assert epsilon_of_guesses(len(there), guesses, right, 1e-10, 1e-4) > 0, right


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_control_guesses_from_one_head_with_a_quarter_of_the_noise_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lessen_the_noise(monkeypatch, 4)
    scores, there = ONE_RUN.seen()
    guesses, right = right_guesses(scores, there, GUESSES)
    assert epsilon_of_guesses(len(there), guesses, right, 1e-10, ALARM) > 2, right


# One contributor, many heads.

DELTA = Delta.parse("1e-6")
WIDTH, LABELS, POOL, PHOTOS, STEPS, HEADS = 16, 3, 24, 4, 6, 600


@cache
def pool() -> tuple[Floats, Places]:
    """Return the photos of everybody but the target, (pool, photos, width), and their targets."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(LABELS, WIDTH))
    targets = random.integers(0, LABELS, (POOL, PHOTOS))
    rows = centres[targets] + 1.5 * random.normal(size=(POOL, PHOTOS, WIDTH))
    return rows / np.linalg.norm(rows, axis=2, keepdims=True), targets


def target(worst: bool) -> tuple[Floats, Places]:
    """Return the photos of the contributor who is looked for, and their targets."""
    rows, targets = pool()
    if not worst:
        random = np.random.default_rng(2)
        noise = random.normal(size=(PHOTOS, WIDTH)) / np.sqrt(WIDTH)
        own = rows[0] + 1.5 * noise
        return own / np.linalg.norm(own, axis=1, keepdims=True), targets[0]
    # The direction in which everybody else's photos lie least; all said to be one label.
    axes = np.linalg.svd(rows.reshape(-1, WIDTH))[2]
    return np.repeat(axes[-1:], PHOTOS, axis=0), np.full(PHOTOS, LABELS - 1)


def crowd(there: Bools, worst: bool, with_target: bool) -> Examples:
    rows, targets = pool()
    own_rows, own_targets = target(worst)
    parts = [rows[there], own_rows[None]] if with_target else [rows[there]]
    told = [targets[there], own_targets[None]] if with_target else [targets[there]]
    photos = np.concatenate(parts)
    return Examples(
        photos.reshape(-1, WIDTH).astype(np.float32),
        np.concatenate(told).ravel().astype(np.int64),
        np.repeat(np.arange(len(photos), dtype=np.int64), PHOTOS),
    )


def seen(of: Recipe, worst: bool, heads: int, *, private: bool) -> tuple[Floats, Floats]:
    """Return what so many heads with the target, and as many without, make of its photos.

    That is the mean log odds of what the photos were said to show: what LiRA looks at.
    """
    random = np.random.default_rng()
    own_rows, own_targets = target(worst)
    told: tuple[list[float], list[float]] = ([], [])
    for with_target in (True, False):
        for _ in range(heads):
            examples = crowd(random.integers(0, 2, POOL).astype(bool), worst, with_target)
            if private:
                weights = trained(examples, of, DELTA)
            else:
                weights = plain_descent(examples, np.zeros((0, WIDTH)), of)
            logits = descent.SHARPNESS * own_rows @ weights.T
            right = logits[np.arange(PHOTOS), own_targets]
            logits[np.arange(PHOTOS), own_targets] = -np.inf
            told[0 if with_target else 1].append(
                float(np.mean(right - np.logaddexp.reduce(logits, axis=1)))
            )
    return np.array(told[0]), np.array(told[1])


def ratios(into: Floats, out: Floats) -> tuple[Floats, Floats]:
    """Return the log likelihood ratios of the second halves, by laws fitted to the first."""
    half = len(into) // 2
    laws = [(part[:half].mean(), part[:half].std()) for part in (into, out)]

    def ratio(values: Floats) -> Floats:
        with_it, without = (
            -(((values - mean) / spread) ** 2) / 2 - np.log(spread) for mean, spread in laws
        )
        return np.asarray(with_it - without)

    return ratio(into[half:]), ratio(out[half:])


def area(likely: Floats, unlikely: Floats) -> float:
    """Return the probability that one with the target scores above one without."""
    order = np.searchsorted(np.sort(unlikely), likely) / len(unlikely)
    return float(order.mean())


def caught_at(likely: Floats, unlikely: Floats, false: float) -> float:
    """Return which share is caught where so many are accused falsely."""
    return float(np.mean(likely > np.quantile(unlikely, 1 - false)))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("worst", [False, True], ids=["one like the others", "the worst one"])
@pytest.mark.parametrize("epsilon", ["1", "4"])
def test_likelihood_ratios_tell_no_more_of_a_contributor_than_is_paid_for(
    epsilon: str, worst: bool
) -> None:
    likely, unlikely = ratios(*seen(priced(epsilon), worst, HEADS, private=True))
    bound = epsilon_below(likely, unlikely, float(DELTA.value), ALARM)
    assert bound <= float(epsilon)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("worst", [False, True], ids=["one like the others", "the worst one"])
def test_control_without_clip_and_noise_the_contributor_is_found(worst: bool) -> None:
    of = recipe(Fraction(1), 60, Fraction(1), POOL // 2, LABELS)
    likely, unlikely = ratios(*seen(of, worst, HEADS, private=False))
    # With noise for epsilon 1 the area is below .6, and fewer than .03 are caught.
    assert area(likely, unlikely) > (0.95 if worst else 0.85)
    assert caught_at(likely, unlikely, 0.01) > (0.5 if worst else 0.1)
    assert not worst or epsilon_below(likely, unlikely, float(DELTA.value), ALARM) > 1


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_control_likelihood_ratios_catch_a_sixteenth_of_the_noise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A few hundred heads show less than the canaries do, which catch a quarter.
    lessen_the_noise(monkeypatch, 16)
    likely, unlikely = ratios(*seen(priced("1"), True, HEADS, private=True))
    assert epsilon_below(likely, unlikely, float(DELTA.value), ALARM) > 1


def priced(epsilon: str) -> Recipe:
    noise = noise_for(Epsilon.parse(epsilon), STEPS, Fraction(1), DELTA)
    return recipe(noise, STEPS, Fraction(1), POOL // 2, LABELS)


def told(likely: Floats, unlikely: Floats) -> str:
    """Return the attack's figures."""
    bound = epsilon_below(likely, unlikely, float(DELTA.value), ALARM)
    caught = ", ".join(f"{caught_at(likely, unlikely, rate):.3f} at {rate}" for rate in (0.01, 0.1))
    return f"area {area(likely, unlikely):.3f}, caught {caught}, epsilon at least {bound:.2f}"
