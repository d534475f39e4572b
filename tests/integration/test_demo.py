"""The demo's story, short and long."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.demo.story import DEMO_BRANDS, REGIONS
from engine.demo.telling import months_before, pivoted, tell, weeks_within
from engine.observer import Silence
from engine.workers import LocalWorkers
from tests.conftest import Command


@pytest.mark.models
def test_the_story_in_short(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    told = tell(tmp_path / "demo", LocalWorkers(1), today, Silence(), contributors=3)
    assert told.done.verification.exit_code == 0
    # Nobody gave a checkpoint that they kept, a time stamp, or the policies themselves.
    unchecked = {check.name for check in told.done.verification.checks if check.status != "passed"}
    assert unchecked == {"anchors", "policy files", "time stamps"}
    assert told.copies.written + told.copies.withheld == 6
    table = told.done.table
    assert table.height == len(DEMO_BRANDS) * (len(told.months) + 1) + len(REGIONS)
    rows = pivoted(table, told.months)
    assert [row[0] for row in rows] == sorted(DEMO_BRANDS)
    assert {len(row) for row in rows} == {len(told.months) + 1}


@pytest.mark.parametrize(
    ("today", "months", "weeks"),
    [
        ("2026-11-27", ("2026-08", "2026-10"), ("2026-W32", "2026-W43")),
        ("2026-03-01", ("2025-12", "2026-02"), ("2025-W49", "2026-W08")),
    ],
)
def test_its_photos_are_of_the_last_whole_months(
    today: str, months: tuple[str, str], weeks: tuple[str, str]
) -> None:
    found = months_before(date.fromisoformat(today))
    assert (found[0], found[-1], len(found)) == (*months, 3)
    within = weeks_within(found)
    assert (within[0], within[-1]) == weeks


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
    assert "verified, 7 entries" in done.out
    told = json.loads(crowdlens("demo", "--json").out)
    assert told["out"] == "crowdlens-demo-2"
    overall = {r["brand"]: r["value"] for r in told["rows"] if r["statistic"] == "brand_overall"}
    # Some 25 contributors apart, under noise of epsilon 0.5 a cell: false alarm about 1 in 20,000.
    assert overall["Brightwater"] > overall["Solvano"] + 2
