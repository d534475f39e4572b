"""`crowdlens policy plan`: what a study would give and cost, before any photo is read."""

from typing import Annotated, Any

import typer

from engine.cli.console import show, show_json, show_table
from engine.cli.options import Json, PolicyFile
from engine.cli.plan_model import model_values, show_model
from engine.learning.planning import plan_model
from engine.statistics.plan import OtherAccounting, Plan, PlannedStatistic, plan
from engine.study import study_of
from policies.amounts import Loss
from policies.decision import load_rules

_COLUMNS = (
    "statistic",
    "measures",
    "cells",
    "K",
    "noise",
    "price",
    "error",
    "stands out",
    "of crowd",
)
Crowd = Annotated[
    int | None,
    typer.Option(
        "--crowd",
        min=1,
        help="A public guess of how many contributors there are; never counted from the photos.",
    ),
]


def plan_policy(policy: PolicyFile, crowd: Crowd = None, json: Json = False) -> None:
    """Say how exact each table would be, what it costs, and how often the budget pays for it.

    Of a model that the policy releases: what a training costs, and with how much noise it learns.

    Reads the policy and its catalogue, and nothing else: no photo, no manifest, no log.

    Example: crowdlens policy plan study.yaml --crowd 2000
    """
    rules = load_rules(policy)
    budget = rules.policy.budget
    planned = plan(study_of(rules), budget.total.loss, budget.stated_at, crowd)
    model = plan_model(rules)
    if json:
        show_json({**_values(planned, crowd), "model": model_values(model)})
        return
    show_table(
        _COLUMNS,
        [_row(statistic) for statistic in planned.statistics],
    )
    show("error: 95 times in 100 a value is at most so far from the count after the bound K.")
    show("stands out: the smallest value that is told from zero. Neither speaks of what")
    show("recognition misses, nor of what the bound leaves out.")
    show()
    show(f"a release costs  {_in_words(planned.cost, planned.stated_epsilon, planned)}")
    show(f"the total is     {_in_words(planned.total, planned.stated_total, planned)}")
    show(f"which pays for   {planned.releases} such releases, if nothing was spent before")
    if planned.accounts > 1:
        show(f"the guarantee is for a person with up to {planned.accounts} accounts")
    for statistic in planned.statistics:
        if statistic.better_price is not None:
            unit = statistic.better_price.unit
            show(f"better split     {statistic.id}: {unit} {statistic.better_price}")
    _show_other(planned.other, planned)
    if model is not None:
        show_model(model)


def _show_other(other: OtherAccounting | None, planned: Plan) -> None:
    own = planned.cost.accounting
    if other is None:
        return
    name = other.price.accounting
    ratio = other.largest_error / other.own_largest_error
    if other.is_better:
        show(f"better noise     {name}: its largest error is {ratio:.2f} times that of {own},")
        show(f"                 at the same epsilon and delta, for {other.price.main.unit}")
        show(f"                 {other.price.main} a release; the total pays for {other.releases}")
    else:
        show(f"best noise       {own}: the largest error with {name} would be {ratio:.2f} times it")


def _in_words(loss: Loss, stated: float, planned: Plan) -> str:
    if loss.rho is None:
        return str(loss)
    return f"{loss}: epsilon {stated:.4g} at delta {planned.stated_at}"


def _row(statistic: PlannedStatistic) -> tuple[str, ...]:
    share = statistic.share_of_crowd
    return (
        statistic.id,
        f"{statistic.measures} by {', '.join(statistic.by) or 'nothing'}",
        _dash(statistic.cells),
        str(statistic.max_cells),
        statistic.mechanism,
        f"{statistic.price.unit} {statistic.price}",
        _dash(statistic.half_width),
        _dash(statistic.stands_out),
        "-" if share is None else f"{100 * share:.2g} %",
    )


def _dash(value: int | None) -> str:
    return "-" if value is None else str(value)


def _values(planned: Plan, crowd: int | None) -> dict[str, Any]:
    other = planned.other
    return {
        "statistics": [
            {
                "id": s.id,
                "measures": s.measures,
                "by": list(s.by),
                "cells": s.cells,
                "max_cells": s.max_cells,
                "mechanism": s.mechanism,
                s.price.unit: str(s.price),
                "std": s.std,
                "error95": s.half_width,
                "stands_out": s.stands_out,
                "stands_out_of_crowd": s.share_of_crowd,
                "better_price": None if s.better_price is None else str(s.better_price),
            }
            for s in planned.statistics
        ],
        "crowd": crowd,
        "cost": {**planned.cost.texts(), "stated_epsilon": planned.stated_epsilon},
        "total": {**planned.total.texts(), "stated_epsilon": planned.stated_total},
        "stated_at": str(planned.stated_at),
        "releases": planned.releases,
        "accounts_of_one_person": planned.accounts,
        "other_accounting": None
        if other is None
        else {
            "accounting": other.price.accounting,
            "better": other.is_better,
            "error_ratio": other.largest_error / other.own_largest_error,
            other.price.main.unit: str(other.price.main),
            "releases": other.releases,
        },
    }
