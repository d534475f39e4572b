"""A training in the log: what it says, that it is paid for, and that a killed one pays once."""

import json
import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import BudgetRefused, EntryInvalid, LifecycleBroken, Training
from audit.fsck.training import is_paid
from audit.training_cost import covers
from audit.words import sentence
from policies.amounts import Delta, Epsilon, Loss, Number, Rho, Share
from tests.conftest import Command
from tests.unit.audit import processes

HALF = Training.of(20, Fraction(1, 2), Fraction(100), 1)
FEW = Training.of(2, Fraction(1), Fraction(1000), 1)
COST = ("0.087816", "1e-6")
"""What it costs at that delta, rounded up."""


def reserve(study: Any, run: Any) -> Any:
    return run.reserve({"head": study.loss(*COST)}, training={"head": HALF})


def test_a_training_stands_in_the_log_and_in_its_reservation(study: Any) -> None:
    with study.start() as run:
        assert run.reservation is None
        made = reserve(study, run)
        assert run.reservation is made
        assert dict(made.training) == {"head": HALF}
    spent = json.loads(study.lines()[-2])["body"]["statistics"]
    numbers = {"steps": 20, "sampling_rate": "0.5", "noise": "100", "accounts": 1}
    assert spent == [
        {"id": "head", "cost": {"epsilon": COST[0], "delta": COST[1]}, "training": numbers}
    ]
    (said,) = [sentence(e) for e in study.verify().entries if e.type == "budget.reserve"]
    assert "the model head (20 steps, each with a share of 0.5 of the contributors" in said
    (spend,) = study.open().account(study.DATASET).reservations
    assert spend.models == ("head",)


def test_whoever_reads_the_log_is_told_of_a_training(
    study: Any, crowdlens: Command, tmp_path: Path
) -> None:
    with study.start() as run:
        run.reserve({"head": study.loss("0.1", "1e-7")}, training={"head": FEW})
        run.release({"model.safetensors": study.DIGEST})
    with study.start() as run:
        run.reserve({"head": study.loss("0.1", "1e-7")}, training={"head": FEW})
    where = ("--log", study.log_dir, "--trust", study.trust_file)
    said = crowdlens("budget", *where).out
    assert "training   head for epsilon 0.1, delta 1e-7 (entry 4)" in said
    assert "(entry 7; no model came of it)" in said
    told = json.loads(crowdlens("budget", *where, "--json").out)["datasets"][0]["releases"]
    assert [(r["models"], r["published"]) for r in told] == [(["head"], True), (["head"], False)]
    page = tmp_path / "report.html"
    assert crowdlens("audit", "report", *where, "--out", page).code == 0
    assert "the model head (2 steps, each with a share of 1 " in page.read_text()
    base = tmp_path / "log.sqlite"
    assert crowdlens("audit", "export", *where, "--sqlite", base).code == 0
    with closing(sqlite3.connect(base)) as read:
        rows = read.execute("SELECT * FROM trainings ORDER BY seq").fetchall()
    assert rows[0] == (4, "head", 2, "1", "1000", 1)


def test_a_table_is_written_as_ever(study: Any) -> None:
    with study.start() as run:
        made = run.reserve({"brands": study.loss("0.1")})
    assert made.training == ()
    assert b"training" not in study.entries.read_bytes()
    assert study.open().account(study.DATASET).reservations[0].models == ()


def test_what_does_not_pay_for_a_training_is_not_written(study: Any) -> None:
    with study.start() as run:
        before = study.entries.read_bytes()
        for cost in (study.loss("0.0878", "1e-6"), study.loss("0.9")):
            with pytest.raises(BudgetRefused):
                run.reserve({"head": cost}, training={"head": HALF})
        with pytest.raises(EntryInvalid):
            run.reserve({"head": study.loss("0.5", "1e-6")}, training={"tail": HALF})
        assert study.entries.read_bytes() == before
        assert run.reservation is None
        reserve(study, run)


@pytest.mark.parametrize(
    ("steps", "rate", "noise", "accounts"),
    [(0, 1, 1, 1), (100_001, 1, 1, 1), (1, Fraction(1, 3), 1, 1), (1, 1, 1, 0), (1, 1, 1, 101)],
)
def test_what_the_log_can_not_say_is_refused(
    steps: int, rate: Any, noise: int, accounts: int
) -> None:
    with pytest.raises(EntryInvalid):
        Training.of(steps, Fraction(rate), Fraction(noise), accounts)


KILLED = """
import os
from fractions import Fraction
from audit import Training
with study.open().start_run(study.body()) as run:
    (study.root / "run").write_text(run.run)
    if sys.argv[2] == "after":
        run.reserve(
            {"head": loss("0.087816", "1e-6")},
            training={"head": Training.of(20, Fraction(1, 2), Fraction(100), 1)},
        )
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_training_goes_on_and_spends_nothing_again(study: Any, when: str) -> None:
    assert processes.run(study, KILLED, when).returncode == -9
    log = study.open()
    with log.resume_run((study.root / "run").read_text()) as run:
        if when == "before":
            assert run.reservation is None
            reserve(study, run)
        made = run.reservation
        assert made is not None
        with pytest.raises(LifecycleBroken):
            reserve(study, run)
        assert made.loss == study.loss(*COST)
        assert dict(made.statistics) == {"head": made.loss}
        assert dict(made.training) == {"head": HALF}
        assert (made.run, made.dataset, made.policy) == (run.run, study.DATASET, study.DIGEST)
        assert log.entries()[made.entry_seq].type == "budget.reserve"
        run.release({"model.safetensors": study.DIGEST, "model-card.md": study.DIGEST})
    account = study.open().account(study.DATASET)
    assert account.spent == account.published == study.loss(*COST)
    assert study.verify().exit_code == 0


def test_a_run_that_goes_on_has_the_very_reservation_it_made(study: Any) -> None:
    run = study.start()
    made = run.reserve({"a": study.loss("0.1"), "b": study.loss("0.2", "1e-9")})
    run._lock.drop()
    with study.open().resume_run(run.run) as again:
        assert again.reservation == made


RATES = st.integers(1, 10_000).map(lambda n: Fraction(n, 10_000))
NOISES = st.integers(1_000, 2_000_000).map(lambda n: Fraction(n, 10_000))


@settings(max_examples=60, deadline=None)
@given(
    steps=st.integers(1, 3000),
    rate=RATES,
    noise=NOISES,
    accounts=st.sampled_from([1, 1, 1, 2, 7]),
    epsilon=st.integers(1, 10**8).map(lambda n: Epsilon(Fraction(n, 10**6))),
    delta=st.integers(4, 14).map(lambda n: Delta(Fraction(1, 10**n))),
    in_rho=st.booleans(),
)
def test_both_verifiers_agree_on_what_pays(
    steps: int,
    rate: Fraction,
    noise: Fraction,
    accounts: int,
    epsilon: Epsilon,
    delta: Delta,
    in_rho: bool,
) -> None:
    cost = Loss(None, Delta.zero(), Rho(epsilon.value)) if in_rho else Loss(epsilon, delta)
    numbers = {
        "steps": steps,
        "sampling_rate": str(Share(rate)),
        "noise": str(Number(noise)),
        "accounts": accounts,
    }
    assert covers(cost, steps, rate, noise, accounts) == is_paid(numbers, cost.texts())
