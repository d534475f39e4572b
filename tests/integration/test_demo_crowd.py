"""The demo without photos: a made-up crowd goes through a run, and no other data can that way."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from audit import Trust, verify
from audit.bodies import RunStart
from engine.demo.crowd import Crowd
from engine.run import RunRequest, run
from engine.setup import Place
from engine.workers import LocalWorkers
from policies.errors import PolicyRefuses
from tests.conftest import Command
from tests.places import approve_policy, made_real

TYPES = [
    *("log.open", "dataset.declare", "policy.adopt", "run.start", "run.inputs", "budget.reserve"),
    "release",
]


def test_a_crowd_is_approved_paid_for_released_and_proven(
    crowdlens: Command, tmp_path: Path
) -> None:
    out = tmp_path / "crowd"
    words = ("demo", "--contributors", "300", "--weeks", "9", "--out", out)
    done = crowdlens(*words)
    assert done.code == 0, done.err
    assert "Brightwater" in done.out
    assert "verified, 7 entries" in done.out
    again = crowdlens(*words)
    assert again.code == 2, "what is there is never written over"
    place = Place(out)
    checked = verify(place.log, Trust.load(place.trust), releases=[out / "release"])
    assert checked.exit_code == 0
    assert [entry.type for entry in checked.entries] == TYPES
    starts = [entry.body for entry in checked.entries if isinstance(entry.body, RunStart)]
    assert [start.models for start in starts] == [()], "the log says that no photo was looked at"
    label = json.loads((out / "release" / "privacy-label.json").read_text())
    assert label["class"] == "test"
    table = pl.read_parquet(out / "release" / "release.parquet")
    assert table.filter(statistic="brands").height == 20


def test_a_crowd_of_one_month_is_said_to_have_no_rises(crowdlens: Command, tmp_path: Path) -> None:
    done = crowdlens("demo", "--contributors", "5", "--weeks", "3", "--out", tmp_path / "crowd")
    assert done.code == 0, done.err
    assert "\n  none; more contributors" in done.out


def test_it_says_json_and_takes_either_number_alone(crowdlens: Command, tmp_path: Path) -> None:
    told = crowdlens(
        "demo", "--contributors", "50", "--weeks", "4", "--json", "--out", tmp_path / "a"
    )
    values = json.loads(told.out)
    assert values["verified"] is True
    assert values["rho"] == "0.175"
    assert crowdlens("demo", "--contributors", "0", "--out", tmp_path / "b").code == 2
    assert crowdlens("demo", "--weeks", "0", "--out", tmp_path / "b").code == 2
    assert not (tmp_path / "b").exists()


def request(place: Place, out: Path, crowd: Crowd) -> RunRequest:
    return RunRequest(
        policy=place.policy,
        source=crowd,
        log=place.log,
        trust=place.trust,
        out=out,
        workers=LocalWorkers(1),
        today=datetime.now(UTC).date(),
    )


@pytest.mark.parametrize(
    ("policy_class", "collection"), [("pilot", "consented-panel"), ("test", "test-photos")]
)
def test_a_study_of_anything_else_takes_no_crowd_and_spends_nothing(
    place: Place, tmp_path: Path, policy_class: str, collection: str
) -> None:
    text = place.policy.read_text()
    real = made_real(text, policy_class, collection)
    place.policy.write_text(
        real if policy_class == "pilot" else text.replace("made-up", "test-photos")
    )
    approve_policy(place)
    with pytest.raises(PolicyRefuses, match="PL-CLASS-003"):
        run(request(place, tmp_path / "out", Crowd(10, 2)))
    result = verify(place.log, Trust.load(place.trust))
    assert [entry.type for entry in result.entries] == ["log.open"]
    assert not (tmp_path / "out").exists()


def test_a_class_that_is_made_of_a_crowd_brings_no_rows_of_its_own(
    place: Place, tmp_path: Path
) -> None:
    class Smuggler(Crowd):  # type: ignore[misc]
        pass

    with pytest.raises(PolicyRefuses, match="PL-CLASS-003"):
        run(request(place, tmp_path / "out", Smuggler(10, 2)))
