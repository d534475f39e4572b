"""What an auditor recomputes from the log alone, by other code than the engine's.

The log's lines are read as plain JSON, and their amounts are composed by dp-accounting. What the
engine states must be the same or more. The runs behind the log are chosen one after another by
what the earlier ones released, as an analyst would: the filter must hold then, too.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import dp_accounting
import polars as pl
import pytest
from dp_accounting.pld.common import DifferentialPrivacyParameters
from dp_accounting.pld.privacy_loss_distribution import from_privacy_parameters, identity
from dp_accounting.rdp import RdpAccountant

from audit import (
    BudgetRefused,
    Code,
    DirectoryWitness,
    Log,
    PolicyAdopt,
    RunStart,
    Trust,
    TrustedWitness,
)
from engine.statistics import (
    SIGHTING_SCHEMA,
    Dimension,
    Photos,
    Statistic,
    Study,
    Top,
    cost_of,
    release,
    stated_epsilon,
)
from engine.statistics.accounting.stated import ORDERS
from policies.amounts import Delta, Epsilon, Loss, Rho

DAY = date(2026, 6, 1)
POLICY, DATASET = "sha256:" + "1" * 64, "panel"
BRAND = Dimension("brand", ("Nike", "Zara"))
AT = Delta.parse("1e-6")
TOTALS = {
    "pure-dp": Loss(Epsilon.parse("2"), Delta.parse("1e-6")),
    "zcdp": Loss(None, Delta.parse("1e-6"), Rho.parse("0.2")),
}
each_currency = pytest.mark.parametrize("currency", TOTALS)


def _log(root: Path, total: Loss) -> Log:
    log = Log.create(root / "log", at=DAY)
    witness = DirectoryWitness.create(root / "witness", log.vkey)
    trusted = (TrustedWitness(witness.vkey, root / "witness"),)
    log = Log.open(root / "log", Trust(log.vkey, trusted, quorum=1, approvers=()), DAY)
    log.declare_dataset(DATASET, total)
    log.adopt_policy(
        PolicyAdopt(
            policy=POLICY,
            id="study",
            version=1,
            class_="test",
            not_after="2026-12-31",
            catalogue=POLICY,
            approvals=(),
        )
    )
    return log


def _study(currency: str, hundredths: int) -> Study:
    price: Epsilon | Rho = Epsilon(Fraction(hundredths, 20))
    if currency == "zcdp":
        price = Rho(Fraction(hundredths, 200))
    return Study(
        (
            Statistic("brands", (BRAND,), price),
            Statistic("first", (BRAND,), price, Top(1)),
            Statistic("photos", (BRAND,), price, Photos(2)),
            Statistic("exactly", (BRAND,), price, mechanism="discrete-laplace"),
        ),
        max_cells=2,
    )


def _spent_by_an_analyst(log: Log, currency: str) -> Loss:
    """Run study after study, each chosen by what the last one said, until the log says no."""
    frame = pl.DataFrame(
        [(f"c{n}", 0, "brand", "Nike", DAY, None, None) for n in range(20)],
        schema=SIGHTING_SCHEMA,
        orient="row",
    )
    start = RunStart(
        policy=POLICY, dataset=DATASET, code=Code(version="0.1.0", source=POLICY), models=()
    )
    hundredths = 2
    while True:
        study = _study(currency, hundredths)
        costs = {s.id: cost_of(study, s) for s in study.statistics}
        with log.start_run(start) as run:
            try:
                budget = run.reserve(costs)
            except BudgetRefused:
                return sum(costs.values(), Loss.zero(study.accounting))
            made = release(frame, study, budget, os.urandom(32))
            run.release({"release.csv": "sha256:" + "2" * 64})
        # The next price follows from a noisy value: it is public, and it is adaptive.
        hundredths = 1 + made.table["value"][0] % 3


def _reserved(log: Log) -> Iterator[dict[str, Any]]:
    """Yield the body of each reservation, read as an outsider would."""
    for line in (log.path / "entries.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        if entry["type"] == "budget.reserve":
            yield entry["body"]


def _declared(log: Log) -> dict[str, str]:
    lines = (log.path / "entries.jsonl").read_bytes().splitlines()
    entries = [json.loads(line) for line in lines]
    return next(e["body"]["total"] for e in entries if e["type"] == "dataset.declare")


@each_currency
def test_adaptively_chosen_runs_stop_exactly_at_the_total(currency: str, tmp_path: Path) -> None:
    log = _log(tmp_path, TOTALS[currency])
    refused = _spent_by_an_analyst(log, currency)
    costs = [body["cost"] for body in _reserved(log)]
    assert len(costs) >= 3
    unit = "epsilon" if currency == "pure-dp" else "rho"
    declared = _declared(log)
    for name in (unit, "delta"):
        assert sum(Fraction(cost[name]) for cost in costs) <= Fraction(declared[name])
    account = log.account(DATASET)
    assert account.spent.main.value == sum(Fraction(cost[unit]) for cost in costs)
    assert not (account.spent + refused).within(TOTALS[currency])
    # Of each run, the parts by statistic add up to its cost, to the last digit.
    for body in _reserved(log):
        for name in (unit, "delta"):
            parts = [Fraction(s["cost"][name]) for s in body["statistics"]]
            assert sum(parts) == Fraction(body["cost"][name])


def test_dp_accounting_finds_no_more_epsilon_in_the_log_than_was_spent(tmp_path: Path) -> None:
    log = _log(tmp_path, TOTALS["pure-dp"])
    _spent_by_an_analyst(log, "pure-dp")
    spent = log.account(DATASET).spent
    assert spent.epsilon is not None
    whole = identity()
    for body in _reserved(log):
        for statistic in body["statistics"]:
            # The worst that any mechanism of this price can be: randomised response, and delta.
            cost = {name: float(Fraction(text)) for name, text in statistic["cost"].items()}
            part = from_privacy_parameters(DifferentialPrivacyParameters(**cost))
            whole = whole.compose(part)
    # At the log's own delta and a thousandth more, which numbers are rounded by.
    theirs = whole.get_epsilon_for_delta(float(spent.delta.value) + 1e-9)
    ours = float(spent.epsilon.value)
    assert 0.7 * ours < theirs <= ours + 1e-3
    # A larger delta buys a smaller epsilon, never a larger one.
    assert whole.get_epsilon_for_delta(1e-3) < theirs


def test_dp_accounting_states_no_more_of_a_log_in_rho_than_we_do(tmp_path: Path) -> None:
    log = _log(tmp_path, TOTALS["zcdp"])
    _spent_by_an_analyst(log, "zcdp")
    spent = log.account(DATASET).spent
    assert spent.rho is not None
    accountant = RdpAccountant(orders=ORDERS)
    for body in _reserved(log):
        for statistic in body["statistics"]:
            rho = float(Fraction(statistic["cost"]["rho"]))
            accountant.compose(dp_accounting.dp_event.ZCDpEvent(rho))
    theirs = accountant.get_epsilon(float(AT.value))
    ours = stated_epsilon(spent.rho, AT)
    assert theirs <= ours.epsilon <= 1.01 * theirs
    # And below both lies what Gaussians of this rho have at least.
    assert ours.tightness <= theirs


def test_control_a_log_that_spent_more_is_seen(tmp_path: Path) -> None:
    log = _log(tmp_path, TOTALS["zcdp"])
    _spent_by_an_analyst(log, "zcdp")
    spent = log.account(DATASET).spent
    assert spent.rho is not None
    accountant = RdpAccountant(orders=ORDERS)
    for body in _reserved(log):
        accountant.compose(dp_accounting.dp_event.ZCDpEvent(float(Fraction(body["cost"]["rho"]))))
    accountant.compose(dp_accounting.dp_event.ZCDpEvent(0.01))
    assert accountant.get_epsilon(float(AT.value)) > stated_epsilon(spent.rho, AT).epsilon


def test_what_is_replaced_is_no_neighbour_and_currencies_do_not_mix() -> None:
    # One relation holds for all: add or remove. dp-accounting would not mix them either.
    accountant = RdpAccountant(orders=ORDERS)
    assert accountant.neighboring_relation == dp_accounting.NeighboringRelation.ADD_OR_REMOVE_ONE
    with pytest.raises(TypeError):
        Loss(Epsilon.parse("1"), Delta.zero()) + Loss(None, Delta.zero(), Rho.parse("1"))
