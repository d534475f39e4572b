import contextlib
import dataclasses
import itertools
import math
import os
import threading
import types
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from audit import Code, DirectoryWitness, Log, PolicyAdopt, RunStart, Trust, TrustedWitness
from audit.runs import _MADE_HERE, Reservation
from engine.statistics import (
    SIGHTING_SCHEMA,
    Dimension,
    Release,
    Statistic,
    Study,
    cost,
    cost_of,
    expected_error,
    release,
    write,
)
from engine.statistics.errors import BudgetRefused, SightingsInvalid
from policies.amounts import Delta, Epsilon, Loss
from policies.periods import monday

KEY = os.urandom(32)
MONDAY = monday("2026-W23")
BRAND = Dimension("brand", ("Zara", "Nike"))
WEEK = Dimension("week", ("2026-W24", "2026-W23"))
STUDY = Study(
    (
        Statistic("per_week", (BRAND, WEEK), Epsilon.parse("1")),
        Statistic("all_weeks", (BRAND,), Epsilon.parse("0.5")),
    ),
    max_cells=3,
)
COLUMNS = {
    "statistic": pl.String,
    "brand": pl.String,
    "week": pl.String,
    "value": pl.Int64,
    "std": pl.Float64,
    "low95": pl.Int64,
    "high95": pl.Int64,
    "mechanism": pl.String,
    "rho": pl.String,
    "epsilon": pl.String,
    "delta": pl.String,
}
_sequence = itertools.count()


def _reserved(study: Study = STUDY, loss: Loss | None = None) -> Reservation:
    """Return what the log hands out after writing a spend; the log has its own tests."""
    return Reservation(
        run="test-release",
        dataset="panel",
        policy="sha256:" + "0" * 64,
        loss=loss or cost(study),
        statistics=tuple((s.id, cost_of(study, s)) for s in study.in_order()),
        entry_seq=next(_sequence),
        token=_MADE_HERE,
    )


def _sightings(people: int) -> pl.DataFrame:
    rows = [(f"c{n}", n, "brand", "Nike", MONDAY, None, None) for n in range(people)]
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _release(people: int, study: Study = STUDY) -> Release:
    return release(_sightings(people), study, _reserved(study), KEY)


def test_the_table_is_complete_typed_and_in_the_policys_order() -> None:
    table = _release(10).table
    assert dict(table.schema) == COLUMNS
    assert table.select("statistic", "brand", "week").rows() == [
        ("all_weeks", "Nike", None),
        ("all_weeks", "Zara", None),
        ("per_week", "Nike", "2026-W23"),
        ("per_week", "Nike", "2026-W24"),
        ("per_week", "Zara", "2026-W23"),
        ("per_week", "Zara", "2026-W24"),
    ]


def test_everything_but_the_values_is_the_same_for_all_data() -> None:
    tables = [_release(n).table for n in (0, 1, 500)]
    noisy = ["value", "low95", "high95"]
    assert tables[0].drop(noisy).equals(tables[1].drop(noisy))
    assert tables[0].drop(noisy).equals(tables[2].drop(noisy))


def test_values_lie_around_the_counts_and_the_bounds_around_the_values() -> None:
    table = _release(100_000).table
    errors = {e.statistic: e for e in expected_error(STUDY)}
    for row in table.iter_rows(named=True):
        count = 100_000 if row["brand"] == "Nike" and row["week"] != "2026-W24" else 0
        error = errors[row["statistic"]]
        # 40 / cell_epsilon is beyond the sampler's support: this can't fail by chance.
        assert abs(row["value"] - count) <= 40 * 6
        assert row["high95"] - row["value"] == row["value"] - row["low95"] == error.half_width
        assert row["std"] == error.std


def test_the_noise_is_made_for_the_cells_that_one_contributor_can_touch() -> None:
    for row in _release(1).table.iter_rows(named=True):
        # per_week: epsilon 1 over K = 3 cells; all_weeks: 0.5 over its 2 cells, fewer than K.
        cell = 1 / 3 if row["statistic"] == "per_week" else 0.5 / 2
        assert row["std"] == pytest.approx(1 / (math.sqrt(2) * math.sinh(cell / 2)))


def test_one_contributor_counts_for_k_cells_through_the_whole_door() -> None:
    # At epsilon 15 a cell, noise other than 0 has a probability of 6e-7 (in all: 4e-6).
    loud = Study((dataclasses.replace(STUDY.statistics[0], price=Epsilon.parse("45")),), 3)
    photos = [
        ("busy", 0, "brand", brand, monday(week), None, None)
        for brand in BRAND.keys
        for week in WEEK.keys
        for _ in range(2500)
    ]
    frame = pl.DataFrame(photos, schema=SIGHTING_SCHEMA, orient="row")
    values = release(frame, loud, _reserved(loud), KEY).table["value"].to_list()
    assert sorted(values) == [0, 1, 1, 1]


def test_negative_values_stay() -> None:
    fine = Study((dataclasses.replace(STUDY.statistics[0], price=Epsilon.parse("0.01")),), 3)
    values = [v for _ in range(10) for v in _release(0, fine).table["value"].to_list()]
    # All 40 are at least 0 with a probability below 10^-11.
    assert min(values) < 0


def test_two_releases_of_the_same_data_have_their_own_noise() -> None:
    fine = Study((dataclasses.replace(STUDY.statistics[0], price=Epsilon.parse("0.00001")),), 3)
    # Each value repeats with a probability below 10^-5, so all four do below 10^-20.
    assert _release(5, fine).table["value"].to_list() != _release(5, fine).table["value"].to_list()


def test_each_row_states_its_statistics_exact_cost() -> None:
    for row in _release(1).table.iter_rows(named=True):
        statistic = next(s for s in STUDY.statistics if s.id == row["statistic"])
        stated = Loss(Epsilon.parse(row["epsilon"]), Delta.parse(row["delta"]))
        assert stated == cost_of(STUDY, statistic)
        assert row["rho"] == str(stated.concentrated())
    assert cost(STUDY).epsilon == Epsilon.parse("1.5")


def test_a_reservation_is_good_for_one_draw() -> None:
    budget = _reserved()
    release(_sightings(1), STUDY, budget, KEY)
    for again in (budget, dataclasses.replace(budget, token=_MADE_HERE)):
        with pytest.raises(BudgetRefused):
            release(_sightings(1), STUDY, again, KEY)


def test_a_failed_draw_uses_its_reservation_up() -> None:
    budget = _reserved()
    with pytest.raises(SightingsInvalid):
        release(pl.DataFrame(), STUDY, budget, KEY)
    with pytest.raises(BudgetRefused):
        release(_sightings(1), STUDY, budget, KEY)


def test_of_many_threads_with_one_reservation_one_draws() -> None:
    budget, drawn, start = _reserved(), [], threading.Barrier(8)

    def draw() -> None:
        start.wait()
        with contextlib.suppress(BudgetRefused):
            drawn.append(release(_sightings(1), STUDY, budget, KEY))

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda loss: Loss.zero(),
        lambda loss: Loss(loss.epsilon, Delta.zero()),
        lambda loss: Loss(loss.epsilon.minus(Epsilon.parse("1e-30")), loss.delta),
        lambda loss: Loss(loss.epsilon + Epsilon.parse("1e-30"), loss.delta),
        lambda loss: loss + loss,
    ],
)
def test_a_reservation_of_another_amount_is_refused_and_not_used_up(change: object) -> None:
    wrong = _reserved(loss=change(cost(STUDY)))  # type: ignore[operator]
    with pytest.raises(BudgetRefused):
        release(_sightings(1), STUDY, wrong, KEY)
    right = dataclasses.replace(wrong, loss=cost(STUDY), token=_MADE_HERE)
    release(_sightings(1), STUDY, right, KEY)


def test_a_reservation_split_otherwise_between_the_statistics_is_refused() -> None:
    (first, one), (second, other) = _reserved().statistics
    for statistics in (((first, other), (second, one)), ((first, one),), ()):
        wrong = dataclasses.replace(_reserved(), statistics=statistics, token=_MADE_HERE)
        with pytest.raises(BudgetRefused):
            release(_sightings(1), STUDY, wrong, KEY)


def test_what_only_looks_like_a_reservation_is_refused() -> None:
    real = _reserved()
    look_alike = types.SimpleNamespace(**dataclasses.asdict(real))
    look_alike.loss, look_alike.statistics = real.loss, real.statistics
    with pytest.raises(BudgetRefused):
        release(_sightings(1), STUDY, look_alike, KEY)  # type: ignore[arg-type]


def test_a_reservation_of_the_log_itself_fits(tmp_path: Path) -> None:
    day = date(2026, 6, 1)
    log = Log.create(tmp_path / "log", at=day)
    witness = DirectoryWitness.create(tmp_path / "witness", log.vkey)
    trusted = (TrustedWitness(witness.vkey, tmp_path / "witness"),)
    log = Log.open(tmp_path / "log", Trust(log.vkey, trusted, quorum=1, approvers=()), day)
    policy, dataset = "sha256:" + "1" * 64, "panel"
    study = Study((Statistic("brands", (BRAND,), Epsilon.parse("0.5")),), 1)
    log.declare_dataset(dataset, cost(study))
    log.adopt_policy(
        PolicyAdopt(
            policy=policy,
            id="study",
            version=1,
            class_="test",
            not_after="2026-12-31",
            catalogue=policy,
            approvals=(),
        )
    )
    code = Code(version="0.1.0", source=policy)
    with log.start_run(RunStart(policy=policy, dataset=dataset, code=code, models=())) as run:
        spends = {s.id: cost_of(study, s) for s in study.statistics}
        budget = run.reserve(spends)
        made = release(_sightings(3), study, budget, KEY)
        assert (made.run, made.policy, made.dataset) == (budget.run, policy, dataset)
        directory = tmp_path / "out"
        directory.mkdir()
        run.release(dict(write(made, directory, ["csv", "json", "parquet"], policy_class="test")))
    assert log.account(dataset).remaining == Loss.zero()


def test_the_delta_of_a_study_is_above_its_samplers_and_can_be_written_down() -> None:
    for statistic in STUDY.statistics:
        stated = cost_of(STUDY, statistic).delta
        assert Delta.parse(str(stated)) == stated
        assert stated.value > 0


def test_a_bound_above_the_grids_size_costs_no_accuracy() -> None:
    tight, loose = Study((STUDY.statistics[1],), 2), Study((STUDY.statistics[1],), 1000)
    assert expected_error(tight) == expected_error(loose)
    assert cost(tight) == cost(loose)


def test_a_release_can_not_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        _release(0).policy = "another"  # type: ignore[misc]


def test_errors_say_nothing_of_the_data(tmp_path: Path) -> None:
    marked = _sightings(3).with_columns(contributor=pl.lit("canary-person")).drop("region")
    with pytest.raises(SightingsInvalid) as caught:
        release(marked, STUDY, _reserved(), KEY)
    assert "canary" not in str(caught.value)
