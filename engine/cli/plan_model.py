"""What a plan says of a model: the training, its price by two accountants, and its noise."""

from fractions import Fraction
from typing import Any

from engine.cli.console import show, show_table
from engine.learning.expected import CROWDS, EPSILONS, EXPECTED, WITHOUT, expected_f1
from engine.learning.planning import PlannedModel
from policies.amounts import Number


def show_model(model: PlannedModel) -> None:
    """Print it, below the tables of the plan."""
    recipe, cost, tight = model.recipe, model.cost, model.tight()
    show()
    labels = "1 label" if len(recipe.labels) == 1 else f"{len(recipe.labels)} labels"
    show(f"a model          {recipe.id}: {labels} of kind {recipe.kind}")
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
    show()
    _show_expected(model)


def _show_expected(model: PlannedModel) -> None:
    """Print how good a head was for so many contributors, on public photos."""
    show_table(
        ("contributors", *(f"epsilon {epsilon}" for epsilon in EPSILONS), "no privacy"),
        [
            (
                str(crowd),
                *(f"{EXPECTED[crowd, epsilon]:.2f}" for epsilon in EPSILONS),
                f"{WITHOUT[crowd]:.2f}",
            )
            for crowd in CROWDS
        ],
    )
    show("F1 of a head of 27 brands that so many teach, on public photos: another crowd's figures,")
    show("and no promise of this one's (docs/training.md). Nobody's photos were read for it here.")
    found = expected_f1(model.recipe.contributors, model.weights_epsilon)
    guess, price = model.recipe.contributors, f"epsilon {model.weights_epsilon:.4g}"
    if found is None:
        show(f"For {guess} contributors at {price} nothing was measured: expect less than it says.")
    else:
        show(f"The nearest to {guess} contributors at {price}, and not above: {found:.2f}.")


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
        "expected": {
            "f1": expected_f1(recipe.contributors, model.weights_epsilon),
            "of": "27 brands on public photos, taught by invented contributors",
            "table": [
                {"contributors": crowd, "epsilon": epsilon, "f1": f1}
                for (crowd, epsilon), f1 in EXPECTED.items()
            ]
            + [{"contributors": crowd, "epsilon": None, "f1": f1} for crowd, f1 in WITHOUT.items()],
        },
    }


def _delta(model: PlannedModel) -> str:
    return f"delta {model.stated_at}"


def _short(value: Fraction) -> str:
    return str(Number(value))
