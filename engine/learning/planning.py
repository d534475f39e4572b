"""What a training would cost and tell, before any photo is read: from the policy alone."""

from dataclasses import dataclass

from engine.learning.accounting import tightness
from engine.learning.interface import Recipe
from engine.learning.recipe import as_one, figures_law, model_of, recipe_of
from engine.statistics.plan import stated, times
from policies.amounts import Delta, Loss
from policies.decision import StudyRules


@dataclass(frozen=True)
class PlannedModel:
    """One training, before it is run."""

    recipe: Recipe
    accounts: int
    """Of one person, whom the price protects together."""
    cost: Loss
    """Of the weights."""
    figures: Loss | None
    """Of the card's figures; None where it has none."""
    figures_half_width: int | None
    """In 95 % of draws a figure lies at most this far from what is so."""
    stated_epsilon: float
    """Of weights and figures together; of rho, by the accountant at `stated_at`."""
    weights_epsilon: float
    """The same of the weights alone."""
    stated_at: Delta
    """The delta of that epsilon."""
    trainings: int
    """Trainings like this one that the dataset's whole total pays for."""

    @property
    def whole(self) -> Loss:
        """What one training costs, figures included."""
        return self.cost if self.figures is None else self.cost + self.figures

    def tight(self) -> float | None:
        """Return the weights' epsilon at `stated_at` by Opacus's PRV accountant, or None.

        For continuous noise, to show how tight the price is; it takes seconds, and decides nothing.
        """
        rate, noise = as_one(self.recipe.sampling_rate, self.recipe.noise, self.accounts)
        return tightness(self.recipe.steps, rate, noise, self.stated_at)


def plan_model(rules: StudyRules) -> PlannedModel | None:
    """Return what a training under these rules would be; None for a policy without a model.

    Raises `PolicyRefuses` as `recipe_of`.
    """
    policy = rules.policy
    if policy.model_release is None:
        return None
    model, budget = model_of(rules), policy.budget
    figures = None if model.figures is None else model.figures.loss
    law = figures_law(rules)
    whole = sum(model.prices.values(), Loss.zero(budget.accounting))
    at = budget.stated_at if whole.rho is not None else whole.delta
    return PlannedModel(
        recipe_of(rules),
        policy.privacy_unit.accounts_of_one_person,
        model.price,
        figures,
        None if law is None else law.half_width,
        stated(whole, at),
        stated(model.price, at),
        at,
        times(budget.total.loss, whole),
    )
