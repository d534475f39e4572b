"""What a plan says of a model: the training, its price by two accountants, and its noise."""

from fractions import Fraction
from typing import Any

from engine.cli.console import show
from engine.learning.planning import PlannedModel
from policies.amounts import Number


def show_model(model: PlannedModel) -> None:
    """Print it, below the tables of the plan."""
    recipe, cost, tight = model.recipe, model.cost, model.tight()
    show()
    show(f"a model          {recipe.id}: {len(recipe.labels)} labels of kind {recipe.kind}")
    show(
        f"is trained in    {recipe.steps} steps at rate {_short(recipe.sampling_rate)}, noise"
        f" {_short(recipe.noise)} times the clip, by about {recipe.contributors} contributors"
    )
    stated = "" if cost.rho is None else f": epsilon {model.stated_epsilon:.4g} at {_delta(model)}"
    show(f"a training costs {model.whole}{stated if model.figures is None else ''}")
    if model.figures is not None:
        main = model.figures.main
        show(f"                 of which {main.unit} {main} for figures on its card, each at most")
        show(f"                 {model.figures_half_width} off, 95 times in 100")
        if stated:
            show(f"                 in all{stated.removeprefix(':')}")
    known = "not known" if tight is None else f"{tight:.4g}"
    show(f"the weights      epsilon {known} at {_delta(model)} by the PRV accountant, which is")
    show("                 tighter than what is charged, and decides nothing")
    show(f"the total        pays for {model.trainings} such trainings, if nothing was spent before")


def model_values(model: PlannedModel | None) -> dict[str, Any] | None:
    """Return it as JSON values; None for a policy without a model."""
    if model is None:
        return None
    recipe = model.recipe
    return {
        "id": recipe.id,
        "kind": recipe.kind,
        "labels": list(recipe.labels),
        "steps": recipe.steps,
        "sampling_rate": _short(recipe.sampling_rate),
        "noise": _short(recipe.noise),
        "clip": _short(recipe.clip),
        "contributors": recipe.contributors,
        "accounts_of_one_person": model.accounts,
        "cost": model.whole.texts(),
        "weights": model.cost.texts(),
        "figures": None if model.figures is None else model.figures.texts(),
        "figures_error95": model.figures_half_width,
        "stated_epsilon": model.stated_epsilon,
        "stated_at": str(model.stated_at),
        "prv_epsilon": model.tight(),
        "trainings": model.trainings,
    }


def _delta(model: PlannedModel) -> str:
    return f"delta {model.stated_at}"


def _short(value: Fraction) -> str:
    return str(Number(value))
