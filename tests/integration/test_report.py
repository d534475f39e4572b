"""The report of a run: logged like every other output, made again to the byte, and refused well."""

import json
from pathlib import Path

import polars as pl
import pytest

from audit import Trust, verify
from engine.setup import Place
from tests.conftest import Command
from tests.places import make_place, run_words


@pytest.fixture
def released(crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path) -> Path:
    out = tmp_path / "release"
    done = crowdlens(*run_words(place, no_photos, out))
    assert done.code == 0, done.err
    return out


def _insight(place: Place, out: Path, *more: object) -> list[object]:
    return ["insight", out, "--policy", place.policy, *more]


def test_the_report_is_an_output_that_the_log_knows(
    crowdlens: Command, place: Place, released: Path
) -> None:
    trust = Trust.load(place.trust)
    assert verify(place.log, trust, releases=[released]).exit_code == 0
    page = released / "report.html"
    words = page.read_text(encoding="utf-8")
    assert "test-study" in words
    assert "Left" in words
    page.write_text(words.replace("Left", "Lost"), encoding="utf-8")
    changed = crowdlens("audit", "verify", "--log", place.log, "--release", released)
    assert changed.code == 8


def test_anybody_makes_it_again_to_the_byte_and_later_runs_change_nothing(
    crowdlens: Command, place: Place, no_photos: Path, released: Path, tmp_path: Path
) -> None:
    assert crowdlens(*run_words(place, no_photos, tmp_path / "later")).code == 0
    again = tmp_path / "again.html"
    made = crowdlens(*_insight(place, released, "--log", place.log, "--report", again, "--json"))
    assert made.code == 0, made.err
    assert json.loads(made.out)["files"] == [str(again)]
    assert again.read_bytes() == (released / "report.html").read_bytes()
    second = (tmp_path / "later" / "report.html").read_text(encoding="utf-8")
    assert second != again.read_text(encoding="utf-8")
    # epsilon 4 in all, and 1 a run.
    assert '<th scope="row">Spent before</th><td>1</td>' in second
    assert '<th scope="row">Left</th><td>2</td>' in second


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_it_is_the_same_from_whatever_form_of_the_table(
    crowdlens: Command, place: Place, released: Path, tmp_path: Path, kind: str
) -> None:
    for other in {"csv", "json", "parquet"} - {kind}:
        (released / f"release.{other}").unlink()
    again = tmp_path / "again.html"
    assert crowdlens(*_insight(place, released, "--log", place.log, "--report", again)).code == 0
    assert again.read_bytes() == (released / "report.html").read_bytes()


def test_without_the_log_it_names_no_budget(
    crowdlens: Command, place: Place, released: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert crowdlens(*_insight(place, released, "--report", page)).code == 0
    assert "was made without the audit log" in page.read_text(encoding="utf-8")


def test_mistakes_are_named(
    crowdlens: Command, place: Place, no_photos: Path, released: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    taken = crowdlens(*_insight(place, released, "--report", page))
    assert taken.code == 10
    assert page.read_text() == "mine"
    other = make_place(tmp_path / "other")
    elsewhere = crowdlens(
        *_insight(place, released, "--log", other.log, "--report", tmp_path / "new.html")
    )
    assert elsewhere.code == 8
    assert "no reservation of the release's run" in elsewhere.err
    (released / "privacy-label.json").write_text('{"policy": "x"}')
    assert crowdlens(*_insight(place, released, "--report", tmp_path / "new.html")).code == 9
    assert not (tmp_path / "new.html").exists()


def test_charts_are_drawn_as_files(
    crowdlens: Command, place: Place, released: Path, tmp_path: Path
) -> None:
    charts = tmp_path / "charts"
    done = crowdlens(*_insight(place, released, "--charts", charts, "--json"))
    assert done.code == 0, done.err
    names = sorted(path.name for path in charts.iterdir())
    assert len(names) > 2
    assert sorted(Path(file).name for file in json.loads(done.out)["files"]) == names
    for path in charts.iterdir():
        begun = path.read_bytes()[:8]
        assert begun == b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else begun[:4] == b"<svg"
    again = tmp_path / "again"
    assert crowdlens(*_insight(place, released, "--charts", again)).code == 0
    assert all((again / name).read_bytes() == (charts / name).read_bytes() for name in names)


def test_the_reading_table_opens_in_a_spreadsheet(released: Path) -> None:
    data = (released / "reading.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert pl.read_csv(released / "reading.csv").columns[0] == "statistic"


def test_the_findings_are_said_and_given_as_json(
    crowdlens: Command, place: Place, released: Path
) -> None:
    said = crowdlens(*_insight(place, released))
    assert "Findings, which hold together with 95 %" in said.out
    found = json.loads(crowdlens(*_insight(place, released, "--json")).out)
    assert isinstance(found["findings"], list)
    assert {"voice", "movers", "concentrations", "occasions"} <= set(found)
