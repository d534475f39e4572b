"""A study that runs week by week: each week is released once, and totals go on."""

import json
import os
from pathlib import Path

import polars as pl
import pytest

from audit import Log, Trust, verify
from engine.setup import Place
from engine.statistics.running import state as running_state
from tests.conftest import Command
from tests.leak.watched import RECORDER, ROOT
from tests.places import (
    BRANDS,
    WEEKS,
    approve_policy,
    draw_sign,
    make_place,
    run_words,
    write_manifest,
)

pytestmark = pytest.mark.models

BUDGET = """budget:
  accounting: zcdp
  total: {rho: "30", delta: "1e-6"}
  per_release: {rho: "12", delta: "1e-7"}

"""
STATISTICS = """statistics:
  - {id: weekly, by: [brand, week], rho: "2"}
  - {id: so_far, kind: running-total, participations: 2, by: [brand, week], rho: "10"}

"""


def _continual(
    root: Path, statistics: str = STATISTICS, last_week: str = WEEKS[-1], by: str = "week"
) -> Place:
    place = make_place(root, approved=False)
    text = place.policy.read_text(encoding="utf-8")
    for start, end, new in (
        ("budget:", "# What is taken out", BUDGET),
        ("statistics:\n", "# The keys of the tables", statistics),
    ):
        first, last = text.index(start), text.index(end)
        text = text[:first] + new + text[last:]
    text = text.replace(f"to: {WEEKS[-1]}", f"to: {last_week}")
    if by == "day":
        days = "day: {from: 2026-06-01, to: 2026-06-14}"
        text = text.replace("\ndimensions:\n", f"\ndimensions:\n  {days}\n")
    place.policy.write_text(text + f"continual: {{by: {by}}}\n", encoding="utf-8")
    approve_policy(place)
    return place


def _words(place: Place, photos: Path, out: Path, *more: object) -> list[object]:
    state = ["--state", place.root / "state", "--state-key", place.root / "keys" / "state.key"]
    return run_words(place, photos, out, *state, *more)


def _spent(crowdlens: Command, place: Place) -> str:
    found = json.loads(crowdlens("budget", "--log", place.log, "--json").out)
    return str(found["datasets"][0]["spent"]["rho"])


def test_each_week_is_released_once_and_the_total_goes_on(
    crowdlens: Command, signs: Path, tmp_path: Path
) -> None:
    place = _continual(tmp_path / "place")
    one, two = tmp_path / "w23", tmp_path / "w24"
    done = crowdlens(*_words(place, signs, one, "--through", WEEKS[0]))
    assert done.code == 0, done.err
    assert _spent(crowdlens, place) == "12"
    done = crowdlens(*_words(place, signs, two))
    assert done.code == 0, done.err
    # The total was paid for the whole horizon by the first run.
    assert _spent(crowdlens, place) == "14"
    tables = [pl.read_parquet(out / "release.parquet") for out in (one, two)]
    for table, week in zip(tables, WEEKS, strict=True):
        assert set(table["week"]) == {week}
        assert dict(table.group_by("statistic").len().iter_rows()) == {"weekly": 3, "so_far": 3}
    values = {
        (row["statistic"], row["brand"], row["week"]): row["value"]
        for table in tables
        for row in table.iter_rows(named=True)
    }
    # Scales of about 1 or below; none of the six is 12 off but once in a million runs.
    for brand, first, both in (("Brightwater", 1, 2), ("Kestrel", 0, 1), ("Nimbus", 1, 1)):
        assert abs(values["so_far", brand, WEEKS[0]] - first) < 12
        assert abs(values["so_far", brand, WEEKS[1]] - both) < 12
    whole = crowdlens("insight", one, two, "--policy", place.policy, "--json")
    assert whole.code == 0, whole.err
    totals = [r for r in json.loads(whole.out)["reading"] if r["statistic"] == "so_far"]
    assert len(totals) == 6
    alone = crowdlens("insight", two, "--policy", place.policy, "--json")
    assert alone.code == 0, alone.err
    labels = [json.loads((out / "privacy-label.json").read_text()) for out in (one, two)]
    paid = [{s["id"]: s["paid_by"] for s in label["statistics"]} for label in labels]
    assert paid[0]["so_far"] == "this release"
    assert paid[1]["so_far"] == "an earlier release"
    assert labels[1]["rho"] == "2"
    assert verify(place.log, Trust.load(place.trust), releases=[one, two]).exit_code == 0


def test_a_week_that_was_released_is_never_drawn_again(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = _continual(tmp_path / "place")
    first = tmp_path / "first"
    assert crowdlens(*_words(place, no_photos, first, "--through", WEEKS[0])).code == 0
    before = {file.name: file.read_bytes() for file in first.iterdir()}
    again = crowdlens(*_words(place, no_photos, first, "--through", WEEKS[0], "--json"))
    assert json.loads(again.out)["outcome"] == "already there"
    assert {file.name: file.read_bytes() for file in first.iterdir()} == before
    other = crowdlens(*_words(place, no_photos, tmp_path / "other", "--through", WEEKS[0]))
    assert other.code == 7
    assert "PL-RUN-004" in other.err
    assert _spent(crowdlens, place) == "12"


@pytest.mark.parametrize("lost", ["state", "key", "both", "changed", "older"])
def test_a_total_whose_state_is_not_there_does_not_go_on(
    crowdlens: Command, no_photos: Path, tmp_path: Path, lost: str
) -> None:
    place = _continual(tmp_path / "place", last_week="2026-W25")
    file, key = place.root / "state" / "so_far.trend", place.root / "keys" / "state.key"
    if lost == "older":
        # An older copy: as it was before the week that the log says is out.
        assert crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0])).code == 0
        older = file.read_bytes()
        assert crowdlens(*_words(place, no_photos, tmp_path / "b", "--through", WEEKS[1])).code == 0
        file.write_bytes(older)
        refused = crowdlens(*_words(place, no_photos, tmp_path / "c"))
        assert refused.code == 9
        assert "older than what is published" in refused.err
        return
    assert crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0])).code == 0
    size = Log.open(place.log, Trust.load(place.trust), _today()).entries()
    if lost in ("state", "both"):
        file.unlink()
    if lost in ("key", "both"):
        key.unlink()
    if lost == "changed":
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(bytes(data))
    refused = crowdlens(*_words(place, no_photos, tmp_path / "b"))
    assert refused.code == (2 if lost in ("key", "both") else 9)
    assert not (tmp_path / "b").exists()
    assert len(Log.open(place.log, Trust.load(place.trust), _today()).entries()) == len(size)


def test_a_run_that_dies_between_state_and_release_draws_no_week_twice(
    crowdlens: Command, no_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine import run as run_module

    place = _continual(tmp_path / "place")
    file = place.root / "state" / "so_far.trend"

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run_module, "write", die)
        assert crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0])).code
    drawn = file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(running_state, "noisy_rows", die)  # a second draw would stop the run
        done = crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0]))
    assert done.code == 0, done.err
    assert file.read_bytes() == drawn
    # The weekly table was drawn again and paid again; the total was paid once.
    assert _spent(crowdlens, place) == "14"


def test_a_total_that_is_drawn_again_is_paid_again(
    crowdlens: Command, no_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine import run as run_module

    place = _continual(tmp_path / "place")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run_module, "write", die)
        assert crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0])).code
    (place.root / "state" / "so_far.trend").unlink()
    done = crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0]))
    assert done.code == 0, done.err
    assert _spent(crowdlens, place) == "24"
    # From here on the state goes on, and the total costs nothing more.
    assert crowdlens(*_words(place, no_photos, tmp_path / "b")).code == 0
    assert _spent(crowdlens, place) == "26"


def test_late_photos_of_a_week_that_is_out_change_nothing(
    crowdlens: Command, signs: Path, no_photos: Path, tmp_path: Path
) -> None:
    place = _continual(tmp_path / "place")
    assert crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", WEEKS[0])).code == 0
    late = write_manifest(tmp_path / "late", [("missing.png", "ana", "2026-06-02")])
    assert crowdlens(*_words(place, late, tmp_path / "b")).code == 0
    table = pl.read_parquet(tmp_path / "b" / "release.parquet")
    assert set(table["week"]) == {WEEKS[1]}


@pytest.mark.slow
def test_a_daily_run_opens_the_new_days_photos_alone_and_its_price_is_added(
    crowdlens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statistics = 'statistics:\n  - {id: daily, by: [brand, day], rho: "2"}\n\n'
    place = _continual(tmp_path / "place", statistics, by="day")
    days = [f"2026-06-0{number}" for number in (1, 2, 3)]
    for day in days:
        draw_sign(tmp_path / "photos" / f"{day}.png", BRANDS[0])
    photos = write_manifest(tmp_path / "photos", [(f"{day}.png", "ana", day) for day in days])
    # Every process that is started from here on notes what it opens.
    reads = tmp_path / "reads"
    monkeypatch.setenv("PYTHONPATH", f"{RECORDER}{os.pathsep}{ROOT}")
    monkeypatch.setenv("CROWDLENS_TEST_RECORD", str(tmp_path / "record"))
    monkeypatch.setenv("CROWDLENS_TEST_READS", str(reads))
    for day in days:
        done = crowdlens(*run_words(place, photos, tmp_path / day, "--through", day))
        assert done.code == 0, done.err
        opened = {Path(os.fsdecode(line)) for line in reads.read_bytes().splitlines()}
        assert {file.name for file in opened if file.parent == photos} == {f"{day}.png"}
        table = pl.read_parquet(tmp_path / day / "release.parquet")
        assert set(table["day"]) == {day}
        (photos / f"{day}.png").unlink()
        reads.unlink()
    assert _spent(crowdlens, place) == "6"
    releases = [tmp_path / day for day in days]
    assert verify(place.log, Trust.load(place.trust), releases=releases).exit_code == 0
    # Nothing new: the daily command says so, and costs nothing.
    again = crowdlens(*run_words(place, photos, tmp_path / "again", "--through", days[-1]))
    assert again.code == 7
    assert "PL-RUN-004" in again.err


def test_a_week_that_has_not_ended_and_one_that_is_none_are_refused(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = _continual(tmp_path / "place")
    none = crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", "2026-W40"))
    assert none.code == 7
    assert "PL-RUN-003" in none.err
    text = place.policy.read_text(encoding="utf-8").replace("to: 2026-W24", "to: 2030-W01")
    place.policy.write_text(text, encoding="utf-8")
    approve_policy(place)
    early = crowdlens(*_words(place, no_photos, tmp_path / "a", "--through", "2030-W01"))
    assert early.code == 7
    assert "PL-RUN-005" in early.err


def test_totals_without_a_place_for_their_state_are_wrong_usage(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = _continual(tmp_path / "place")
    assert crowdlens(*run_words(place, no_photos, tmp_path / "a")).code == 2
    assert crowdlens(*run_words(place, no_photos, tmp_path / "a", "--state", tmp_path)).code == 2


def test_a_continual_study_without_totals_needs_no_state(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    statistics = "statistics:\n" + STATISTICS.splitlines()[1] + "\n\n"
    place = _continual(tmp_path / "place", statistics)
    for week in WEEKS:
        done = crowdlens(*run_words(place, no_photos, tmp_path / week, "--through", week))
        assert done.code == 0, done.err
    assert _spent(crowdlens, place) == "4"


def test_the_state_tells_nobody_who_reads_it_anything(
    crowdlens: Command, signs: Path, tmp_path: Path
) -> None:
    place = _continual(tmp_path / "place")
    assert crowdlens(*_words(place, signs, tmp_path / "a", "--through", WEEKS[0])).code == 0
    for file in (place.root / "state").iterdir():
        assert file.stat().st_mode & 0o077 == 0
        data = file.read_bytes()
        assert b"Brightwater" not in data
        assert b"ana" not in data


def _today():  # type: ignore[no-untyped-def]
    from engine.cli.options import today

    return today()
