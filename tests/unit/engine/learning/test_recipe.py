"""From a policy to a recipe, its price, and a spend from which an auditor recomputes the price."""

import json
import math
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import dp_accounting
import pytest
from dp_accounting.rdp import RdpAccountant

from audit import Code, Log, PolicyAdopt, RunStart, Training, Trust
from engine.learning.interface import Recipe
from engine.learning.recipe import (
    as_one,
    figures_law,
    labels_of_model,
    price_of,
    recipe_of,
    training_of,
)
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace
from policies.catalogue import parse_catalogue
from policies.decision import StudyRules
from policies.errors import PolicyRefuses
from policies.policy import Policy

DAY = date(2026, 6, 1)
CATALOGUE = parse_catalogue("- name: Nimbus\n- name: Kestrel\n", "catalogue.yaml")
MODEL: dict[str, Any] = {
    "id": "head",
    "kind": "brand",
    "contributors": 200,
    "epsilon": "4",
    "delta": "1e-6",
    "sampling_rate": "0.5",
}
IN_RHO = {**MODEL, "epsilon": None, "delta": None, "rho": "0.5"}


def rules(model: dict[str, Any] | None, accounts: int = 1) -> StudyRules:
    unit = "epsilon" if model is None or model["epsilon"] else "rho"
    amounts = {unit: "8", "delta": "1e-5"}
    values = {
        "schema": "crowdlens-policy/v1",
        "id": "p",
        "version": 1,
        "class": "test",
        "purpose": {"statement": "s"},
        "validity": {"not_before": "2026-01-01", "not_after": "2026-12-31"},
        "dataset": {"id": "d", "collection": "made-up"},
        "privacy_unit": {"accounts_of_one_person": accounts},
        "contributions": {"max_cells": 2},
        "budget": {
            "accounting": "pure-dp" if unit == "epsilon" else "zcdp",
            "total": amounts,
            "per_release": amounts,
        },
        "statistics": [{"id": "a", "by": ["brand"], unit: "1"}],
        "dimensions": {
            "brand": {"catalogue": "catalogue.yaml", "digest": CATALOGUE.digest},
            "scene": {"labels": ["kitchen", "beach"]},
            "week": {"from": "2026-W05", "to": "2026-W10"},
        },
        "model_release": model,
    }
    return StudyRules(Policy.model_validate(values), CATALOGUE, Path("p.yaml"))


def test_a_recipe_is_what_the_policy_says() -> None:
    made = recipe_of(rules(MODEL))
    assert made == Recipe(
        "head",
        "brand",
        ("Kestrel", "Nimbus"),
        20,
        Fraction(1, 2),
        made.noise,
        Fraction(1),
        200,
        64,
    )
    assert made.noise.denominator in (d for d in range(1, 10_001) if 10_000 % d == 0)
    assert recipe_of(rules({**MODEL, "noise": "20"})).noise == 20
    assert labels_of_model(rules({**MODEL, "kind": "scene"})) == ("beach", "kitchen")
    assert labels_of_model(rules({**MODEL, "labels": ["Nimbus"]})) == ("Nimbus",)


def test_no_model_no_training() -> None:
    for asked in (recipe_of, price_of, training_of, figures_law):
        with pytest.raises(PolicyRefuses) as caught:
            asked(rules(None))
        assert (caught.value.rule, caught.value.exit_code) == ("PL-TRAIN-012", 7)


def test_a_price_pays_for_a_noise_or_the_policy_is_refused() -> None:
    least = recipe_of(rules(MODEL)).noise
    for model, step in ((MODEL, Fraction(1, 100)), (IN_RHO, Fraction(1, 100))):
        least = recipe_of(rules(model)).noise
        enough = recipe_of(rules({**model, "noise": str(float(least))}))
        assert enough.noise == least
        with pytest.raises(PolicyRefuses) as caught:
            recipe_of(rules({**model, "noise": str(float(least - step))}))
        assert caught.value.rule == "PL-TRAIN-013"
    with pytest.raises(PolicyRefuses) as caught:
        recipe_of(rules({**MODEL, "epsilon": "1e-9"}))
    assert caught.value.rule == "PL-TRAIN-013"
    assert caught.value.hint


def test_rho_gives_no_credit_for_chance() -> None:
    for rate, steps in (("0.5", 20), ("1", 10)):
        made = recipe_of(rules({**IN_RHO, "sampling_rate": rate}))
        assert made.noise == math.ceil(math.sqrt(steps) * 10_000) / Fraction(10_000)


def test_several_accounts_are_as_one_that_is_likelier_and_moves_further() -> None:
    one = recipe_of(rules({**MODEL, "sampling_rate": "1"})).noise
    assert recipe_of(rules({**MODEL, "sampling_rate": "1"}, accounts=3)).noise == 3 * one
    assert recipe_of(rules(IN_RHO, accounts=3)).noise == 3 * recipe_of(rules(IN_RHO)).noise
    sampled = recipe_of(rules(MODEL, accounts=3))
    assert sampled.noise > 3 * recipe_of(rules(MODEL)).noise
    assert sampled.sampling_rate == Fraction(1, 2)
    assert as_one(Fraction(1, 2), Fraction(6), 2) == (Fraction(3, 4), Fraction(3))
    (said,) = training_of(rules(MODEL, accounts=3)).values()
    assert said == Training.of(20, Fraction(1, 2), sampled.noise, 3)


def test_the_figures_are_priced_beside_the_model_and_drawn_exactly() -> None:
    of_two = rules({**MODEL, "figures": {"epsilon": "0.5"}})
    assert {name: str(p) for name, p in price_of(of_two).items()} == {
        "head": "epsilon 4, delta 1e-6",
        "head_figures": "epsilon 0.5, delta 0",
    }
    law = figures_law(of_two)
    assert isinstance(law, DiscreteLaplace)
    assert (law.delta, law.scale) == (0, 4.0)
    assert figures_law(rules(MODEL)) is None
    law = figures_law(rules({**IN_RHO, "figures": {"rho": "0.25"}}, accounts=2))
    assert isinstance(law, DiscreteGaussian)
    assert law.variance_parameter == 16


@pytest.mark.parametrize("accounts", [1, 3])
@pytest.mark.parametrize(
    "model",
    [
        MODEL,
        {**MODEL, "sampling_rate": "1", "epsilon": "1"},
        {**MODEL, "sampling_rate": "0.02", "epochs": "4", "epsilon": "2"},
        IN_RHO,
    ],
)
def test_an_auditor_recomputes_the_price_from_the_log_alone(
    tmp_path: Path, model: dict[str, Any], accounts: int
) -> None:
    study = rules(model, accounts)
    policy = study.policy
    log = Log.create(tmp_path / "log", at=DAY)
    log = Log.open(tmp_path / "log", Trust(log.vkey), DAY)
    log.declare_dataset("d", policy.budget.total.loss)
    log.adopt_policy(
        PolicyAdopt(
            policy=policy.digest,
            id="p",
            version=1,
            class_="test",
            not_after="2026-12-31",
            catalogue=CATALOGUE.digest,
            approvals=(),
        )
    )
    code = Code(version="0.1.0", source=policy.digest)
    start = RunStart(policy=policy.digest, dataset="d", code=code, models=())
    with log.start_run(start) as run:
        unit = policy.budget.accounting
        made = run.reserve(price_of(study), (), unit, training_of(study))
        run.release({"model.safetensors": policy.digest})
    assert dict(made.training) == training_of(study)
    (line,) = [
        json.loads(text)
        for text in (tmp_path / "log" / "entries.jsonl").read_text().splitlines()
        if "budget.reserve" in text
    ]
    (spend,) = line["body"]["statistics"]
    assert recomputed(spend) <= float(spend["cost"].get("epsilon", spend["cost"].get("rho")))
    # And no more is spent than that takes, by much: the noise is the least with four decimals.
    assert recomputed(spend) > 0.99 * float(spend["cost"].get("epsilon", spend["cost"].get("rho")))


def recomputed(spend: dict[str, Any]) -> float:
    """What dp-accounting says that the training costs, of a line of the log that is plain JSON."""
    training, delta = spend["training"], float(spend["cost"]["delta"])
    steps, accounts = training["steps"], training["accounts"]
    rate, noise = float(training["sampling_rate"]), float(training["noise"])
    if delta == 0:
        return float(steps * accounts**2 / (2 * noise**2))
    event = dp_accounting.GaussianDpEvent(noise / accounts)
    joined = 1 - (1 - rate) ** accounts
    if joined < 1:
        event = dp_accounting.PoissonSampledDpEvent(joined, event)
    accountant = RdpAccountant(
        [*range(2, 65), *(2**k * m for k in range(4, 8) for m in (5, 6, 7, 8))]
    )
    accountant.compose(dp_accounting.SelfComposedDpEvent(event, steps))
    return float(accountant.get_epsilon(delta))
