"""The demo's story, short and long."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.demo.story import DEMO_BRANDS
from engine.demo.telling import DEMO_WEEKS, pivoted, tell
from engine.observer import Silence
from engine.workers import LocalWorkers
from tests.conftest import Command


@pytest.mark.models
def test_the_story_in_short(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    told = tell(tmp_path / "demo", LocalWorkers(1), today, Silence(), contributors=3)
    assert told.done.verification.exit_code == 0
    # Nobody gave a checkpoint that they kept, or the policies themselves.
    unchecked = {check.name for check in told.done.verification.checks if check.status != "passed"}
    assert unchecked == {"anchors", "policy files"}
    assert told.copies.written + told.copies.withheld == 6
    table = told.done.table
    assert table.height == len(DEMO_BRANDS) * (len(DEMO_WEEKS) + 1)
    rows = pivoted(table, DEMO_WEEKS)
    assert [row[0] for row in rows] == sorted(DEMO_BRANDS)
    assert {len(row) for row in rows} == {len(DEMO_WEEKS) + 1}


@pytest.mark.slow
@pytest.mark.models
def test_the_whole_story_as_a_person_hears_it(
    crowdlens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = crowdlens("demo")
    assert done.code == 0, done.err
    for brand in DEMO_BRANDS:
        assert brand in done.out
    assert "verified, 6 entries" in done.out
    told = json.loads(crowdlens("demo", "--json").out)
    assert told["out"] == "crowdlens-demo-2"
    overall = {r["brand"]: r["value"] for r in told["rows"] if r["statistic"] == "brand_overall"}
    # Some 25 contributors apart, under noise of epsilon 0.5 a cell: false alarm about 1 in 20,000.
    assert overall["Brightwater"] > overall["Solvano"] + 2
