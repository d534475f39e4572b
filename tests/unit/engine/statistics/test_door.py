"""What the door of statistics lets through, in which order, and from which generator."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from engine.statistics import (
    SIGHTING_SCHEMA,
    Contributors,
    Dimension,
    Photos,
    Statistic,
    Study,
    Top,
    release,
    write,
)
from engine.statistics.errors import BudgetRefused
from engine.statistics.top import TopLaw
from policies.amounts import Epsilon
from policies.decision import load_rules
from policies.errors import PoliciesError
from policies.periods import monday
from tests.places import make_place
from tests.statistical.auditing import reserved

NOISING = import_module("engine.statistics.noising")
BRAND = Dimension("brand", ("Zara", "Nike"))
WEEK = Dimension("week", ("2026-W23", "2026-W24"))
ONE = Epsilon.parse("1")
STUDY = Study(
    (
        Statistic("brands", (BRAND, WEEK), ONE),
        Statistic("crowd", (), ONE),
        Statistic("first", (WEEK, BRAND), ONE, Top(1)),
        Statistic("photos", (BRAND,), ONE, Photos(2)),
    ),
    2,
)
FORMATS = ("csv", "json", "parquet")


def _people(number: int) -> pl.DataFrame:
    rows = [
        (f"c{n}", photo, kind, label, monday("2026-W23"), None, None)
        for n in range(number)
        for photo in range(3)
        for kind, label in (("photo", ""), ("brand", "Nike"))
    ]
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _files(frame: pl.DataFrame, directory: Path) -> dict[str, bytes]:
    directory.mkdir()
    made = release(frame, STUDY, reserved(STUDY), bytes(32))
    write(made, directory, FORMATS, policy_class="test")  # type: ignore[arg-type]
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir())}


def test_files_follow_from_noisy_values_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # With the noisy values held, whatever the data: the same files, to the last byte. So their
    # names, sizes, rows and order tell nothing that the values do not.
    monkeypatch.setattr(NOISING, "randomise", lambda law, counts: [7] * len(counts))
    monkeypatch.setattr(TopLaw, "draw", lambda self, scores: [1])
    crowds = [_files(_people(n), tmp_path / str(n)) for n in (0, 1, 2, 700)]
    assert set(crowds[0]) == {*(f"release.{kind}" for kind in FORMATS), "privacy-label.json"}
    assert all(files == crowds[0] for files in crowds)


def test_control_files_of_other_values_differ(tmp_path: Path) -> None:
    one, other = _files(_people(1), tmp_path / "one"), _files(_people(700), tmp_path / "other")
    assert one["privacy-label.json"] == other["privacy-label.json"]
    assert one["release.csv"] != other["release.csv"]


def _watched(seen: list[int]) -> pl.LazyFrame:
    """Return sightings that note when they are read."""

    def read(frame: pl.DataFrame) -> pl.DataFrame:
        seen.append(frame.height)
        return frame

    return _people(3).lazy().map_batches(read, schema=dict(SIGHTING_SCHEMA))


def test_no_row_is_read_before_the_reservation_is_used_up() -> None:
    seen: list[int] = []
    other = Study(STUDY.statistics[:1], 2)
    with pytest.raises(BudgetRefused):
        release(_watched(seen), STUDY, reserved(other), bytes(32))
    used = reserved(STUDY)
    release(_people(1), STUDY, used, bytes(32))
    with pytest.raises(BudgetRefused):
        release(_watched(seen), STUDY, used, bytes(32))
    assert seen == []
    # Control: the watch sees a release that goes ahead.
    release(_watched(seen), STUDY, reserved(STUDY), bytes(32))
    assert seen


def test_values_may_lie_above_the_crowd_as_well_as_below_zero() -> None:
    # diffprivlib's counts never exceed the number of rows, which so is told.
    fine = Study((Statistic("crowd", (), Epsilon.parse("0.01"), Contributors()),), 1)
    values = [
        release(_people(3), fine, reserved(fine), bytes(32)).table["value"][0] for _ in range(60)
    ]
    # One side of zero, or of the crowd, 60 times over: below 10^-15.
    assert min(values) < 0
    assert max(values) > 3


@pytest.mark.parametrize("field", ["sample_rate: 0.1", "sampling: poisson", "seed: 1"])
def test_a_policy_can_claim_no_amplification_and_give_no_seed(field: str, tmp_path: Path) -> None:
    place = make_place(tmp_path / "site", approved=False)
    load_rules(place.policy)
    text = place.policy.read_text(encoding="utf-8")
    place.policy.write_text(f"{text}\n{field}\n", encoding="utf-8")
    with pytest.raises(PoliciesError):
        load_rules(place.policy)


FORKED = """
import json, os, sys
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, GeometricLaw
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon, Rho

one = Sensitivity.of(1, 1)
laws = (
    GeometricLaw(Epsilon.parse("0.0001"), one),
    DiscreteLaplace(Epsilon.parse("0.0001"), one),
    DiscreteGaussian(Rho.parse("0.00000001"), one),
)
def draw():
    return [law.draw(8) for law in laws]
found = [draw()]  # every generator is in use before it is copied
for _ in range(2):
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, json.dumps(draw()).encode())
        os._exit(0)
    os.close(theirs)
    found.append(json.loads(os.read(ours, 65536)))
    os.waitpid(child, 0)
found.append(draw())
print(json.dumps(found))
"""


def test_forked_processes_share_no_noise() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    drawn = json.loads(done.stdout)
    for law in range(3):
        # Two of eight wide draws are equal in none, one or two places: all eight, never.
        each = {tuple(process[law]) for process in drawn}
        assert len(each) == len(drawn) == 4


def test_control_a_seed_lets_two_releases_be_subtracted() -> None:
    from diffprivlib.mechanisms import Geometric

    noisy = [Geometric(epsilon=0.1, random_state=7).randomise(count) for count in (100, 42)]
    assert noisy[0] - noisy[1] == 58
