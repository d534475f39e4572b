"""From the policy's `model_release` to what a training does, costs, and says of itself in the log.

Everything here is computed from the rules that reviewers signed; no photo is read.
"""

from collections.abc import Mapping
from fractions import Fraction

from audit import Training
from engine.learning.accounting import epsilon_up, noise_for, rho_exactly
from engine.learning.errors import TrainingRefused
from engine.learning.interface import Recipe
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, Law
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Delta, Loss
from policies.decision import StudyRules
from policies.errors import PolicyRefuses
from policies.model_release import ModelRelease

FIGURES = 2
"""Numbers on a model's card: contributors, and those whose photos are mostly told right."""


def recipe_of(rules: StudyRules) -> Recipe:
    """Return what a training under these rules does.

    Raises `PolicyRefuses` for a policy without a model (PL-TRAIN-012), and where the noise that it
    states costs more than its price, or no noise is enough for the price (PL-TRAIN-013).
    """
    model = model_of(rules)
    return Recipe(
        id=model.id,
        kind=model.kind,
        labels=labels_of_model(rules),
        steps=model.steps,
        sampling_rate=model.sampling_rate.value,
        noise=_noise(model, _accounts(rules)),
        clip=model.clip.value,
        contributors=model.contributors,
        photos_per_contributor=model.photos_per_contributor,
    )


def price_of(rules: StudyRules) -> Mapping[str, Loss]:
    """Return what a training reserves: the model's price, and its figures' where it has any."""
    return model_of(rules).prices


def training_of(rules: StudyRules) -> Mapping[str, Training]:
    """Return what the log says of the training beside its price, by the model's id.

    Raises as `recipe_of`.
    """
    recipe = recipe_of(rules)
    return {
        recipe.id: Training.of(recipe.steps, recipe.sampling_rate, recipe.noise, _accounts(rules))
    }


def figures_law(rules: StudyRules) -> Law | None:
    """Return the noise of the card's figures; None where the policy asks for none.

    One contributor moves each of the `FIGURES` numbers by one. The noise is drawn exactly, so that
    it costs no delta.
    """
    figures = model_of(rules).figures
    if figures is None:
        return None
    moved = Sensitivity.of(FIGURES, 1).times(_accounts(rules))
    if figures.rho is not None:
        return DiscreteGaussian(figures.rho, moved)
    assert figures.epsilon is not None
    return DiscreteLaplace(figures.epsilon, moved)


def model_of(rules: StudyRules) -> ModelRelease:
    """Return the policy's `model_release`; raises `PolicyRefuses` (PL-TRAIN-012) for none."""
    model = rules.policy.model_release
    if model is None:
        raise PolicyRefuses(
            "PL-TRAIN-012",
            "the policy releases no model, so nothing is trained",
            hint="Write model_release into the policy and have it approved.",
        )
    return model


def labels_of_model(rules: StudyRules) -> tuple[str, ...]:
    """Return what the model is to tell apart, sorted."""
    model = model_of(rules)
    if model.labels is not None:
        return tuple(sorted(model.labels))
    if model.kind == "brand":
        return tuple(sorted(rules.catalogue.labels))
    return rules.policy.dimensions.keys(model.kind)


def as_one(sampling_rate: Fraction, noise: Fraction, accounts: int) -> tuple[Fraction, Fraction]:
    """Return rate and noise of one contributor whose loss is no less than so many accounts'.

    A step holds any of them with probability 1 - (1 - q)^k, and they then move the sum by k times
    the clip at most. With what each of them may add it is a mixture of shifts, and the loss of a
    mixture is at most that of its worst part (joint quasi-convexity), which is k times the clip.
    """
    return 1 - (1 - sampling_rate) ** accounts, noise / accounts


def _accounts(rules: StudyRules) -> int:
    return rules.policy.privacy_unit.accounts_of_one_person


def _noise(model: ModelRelease, accounts: int) -> Fraction:
    price, delta = model.price.main, model.delta or Delta.zero()
    rate, _ = as_one(model.sampling_rate.value, Fraction(1), accounts)
    try:
        if model.noise is None:
            return noise_for(price, model.steps, rate, delta) * accounts
        _, noise = as_one(model.sampling_rate.value, model.noise.value, accounts)
        if model.rho is not None:
            enough = rho_exactly(model.steps, noise).value <= model.rho.value
        else:
            enough = epsilon_up(model.steps, rate, noise, delta).value <= price.value
    except TrainingRefused as refused:
        raise PolicyRefuses("PL-TRAIN-013", str(refused), hint=refused.hint) from None
    if not enough:
        raise PolicyRefuses(
            "PL-TRAIN-013",
            f"the model's noise costs more than its price, {price.unit} {price}",
            hint="Raise the price, or leave noise out: it is then the least that is paid for.",
        )
    return model.noise.value
