"""One contributor's bad records change nothing that leaves a run but noisy values.

Runs with and without them have the same outcome, the same log but for digests, the same files but
for noisy numbers, and say the same on standard error. Photos are not looked at here: who shows
what is given by file name, so that many kinds of records can be tried.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit import Trust, verify
from engine.photo_job import Looked
from engine.recognition import Recognised
from engine.run import RunRequest, run
from engine.sources import FolderSource, SourcePhoto
from engine.timed_job import Timed
from tests.places import BRANDS, make_place

PEOPLE, PHOTOS = 173, 3
"""Numbers that would stand out in a log."""
GOOD = [
    (f"{person}-{photo}.jpg", f"person {person}", "2026-06-02", "north")
    for person in range(PEOPLE)
    for photo in range(PHOTOS)
]
Row = tuple[str, str, str, str]
BAD: dict[str, Row] = {
    "a corrupt photo": ("broken.jpg", "zed", "2026-06-02", "north"),
    "a photo that kills its process": ("killer.jpg", "zed", "2026-06-02", "north"),
    "a photo that is not there": ("missing.jpg", "zed", "2026-06-02", "north"),
    "no contributor": ("broken.jpg", "", "2026-06-02", "north"),
    "a contributor of spaces": ("broken.jpg", " \u2003 ", "2026-06-02", "north"),
    "an absurd contributor": ("0-0.jpg", "\u202e" + "z" * 100_000, "2026-06-02", "north"),
    "a region that is none": ("0-0.jpg", "zed", "2026-06-02", "NaN"),
    "a year long ago": ("0-0.jpg", "zed", "0001-01-01", "north"),
    "a year far off": ("0-0.jpg", "zed", "9999-12-31T23:59:59.999999+23:59", "north"),
    "a name of many dots": ("a....jpg", "zed", "2026-06-02", "north"),
    "a path of 5,000 letters": ("x" * 5000 + ".jpg", "zed", "2026-06-02", "north"),
}


class Look:
    """Workers that see labels by file name, and nothing in the file."""

    flying = 0

    def map(
        self, job: object, items: Sequence[SourcePhoto], lost: Callable[[], Any]
    ) -> Iterator[Any]:
        for photo in items:
            if photo.file.path.name == "killer.jpg":
                yield lost()
            elif photo.file.path.name[0].isdigit():
                label = BRANDS[int(photo.file.path.name[0]) % 3]
                yield Timed(Looked((Recognised("brand", label),)), 0.1, 0.1)
            else:
                yield Timed(None, 0.1, 0.0)


class Ear:
    """Hears which stages there are; how many steps is the operator's own affair."""

    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, name: str, steps: int | None = None) -> None:
        self.stages.append(name)

    def step(self) -> None:
        pass

    def worked(self, seconds: object, flying: int) -> None:
        pass


def _left_by(root: Path, rows: Sequence[Row]) -> dict[str, Any]:
    """Return all that a run leaves, with noisy values and digests masked."""
    folder = root / "photos"
    folder.mkdir(parents=True)
    table = pl.DataFrame(rows, schema=["path", "contributor", "taken_at", "region"], orient="row")
    table.write_csv(folder / "photos.csv")
    place = make_place(root / "site")
    out, ear = root / "release", Ear()
    request = RunRequest(
        policy=place.policy,
        source=FolderSource(folder),
        log=place.log,
        trust=place.trust,
        out=out,
        workers=Look(),
        today=datetime.now(UTC).date(),
    )
    try:
        done: object = run(request, ear).outcome
    except Exception as error:
        done = (type(error), str(error))
    trust = Trust.load(place.trust)
    entries = [e.model_dump(mode="json", by_alias=True) for e in verify(place.log, trust).entries]
    left = {"outcome": done, "stages": ear.stages, "log": [_masked(entry) for entry in entries]}
    left["lines"] = [len(line) for line in (place.log / "entries.jsonl").read_bytes().split(b"\n")]
    # A run's random id names the file of its salts, whose length is one.
    left["places"] = sorted(
        (re.sub("[0-9a-f]{32}", "RUN", str(file.relative_to(root))), file.stat().st_size)
        for file in (root / "site" / "log" / "private" / "commitments").rglob("*")
    )
    left["places"] += sorted(
        re.sub("[0-9a-f]{32}", "RUN", str(file.relative_to(root)))
        for file in (root / "site").rglob("*")
    )
    if out.exists():
        left["files"] = sorted(file.name for file in out.iterdir())
        values = pl.read_parquet(out / "release.parquet")
        left["table"] = values.drop("value", "low95", "high95").rows()
        label = json.loads((out / "privacy-label.json").read_text())
        left["label"] = {
            name: part for name, part in label.items() if name not in ("run", "policy")
        }
    left["numbers"] = {leaf for entry in entries for leaf in _leaves(entry)}
    return left


def _masked(value: object) -> object:
    """Return the value with each text replaced by its length."""
    if isinstance(value, dict):
        return {name: _masked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part) for part in value]
    return len(value) if isinstance(value, str) else value


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield str(value)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _left_by(tmp_path_factory.mktemp("without"), GOOD)


@pytest.mark.parametrize("record", BAD)
def test_a_bad_record_leaves_what_its_absence_leaves(
    record: str,
    without: dict[str, Any],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    capfd.readouterr()
    # Several of them, first, last and in between.
    row = BAD[record]
    rows = [row, *GOOD[:7], row, *GOOD[7:], row]
    left = _left_by(tmp_path, rows)
    assert left["outcome"] == without["outcome"] == "published"
    for part in ("stages", "log", "lines", "places", "files", "table", "label"):
        assert left[part] == without[part], part
    heard = capfd.readouterr()
    assert heard.out + heard.err == ""
    assert caplog.records == []


def test_no_number_of_the_data_is_in_the_log(without: dict[str, Any]) -> None:
    for number in (PEOPLE, PEOPLE * PHOTOS, PHOTOS * 58, PHOTOS * 57, 58, 57):
        assert str(number) not in without["numbers"]


def test_control_another_statistic_is_seen(without: dict[str, Any], tmp_path: Path) -> None:
    # The look at the log sees what differs: here, a run that stopped.
    (tmp_path / "photos").mkdir()
    broken = [*GOOD, ("../out.jpg", "zed", "2026-06-02", "north")]
    left = _left_by(tmp_path / "broken", broken)
    assert left["outcome"] != without["outcome"]
    assert left["log"] != without["log"]
