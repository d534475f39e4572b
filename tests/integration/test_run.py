"""The whole path, from photos to a proven release, through the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from audit import Trust, verify, verify_release
from tests.places import BRANDS, WEEKS, make_place, run_words, write_manifest

pytestmark = pytest.mark.models


def test_photos_become_a_release_that_verifies(crowdlens, place, signs, tmp_path: Path) -> None:
    out = tmp_path / "release"
    done = crowdlens(*run_words(place, signs, out, "--json"))
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["outcome"] == "published"
    assert result["epsilon"] == "1"
    assert result["left"]["epsilon"] == "3"

    table = pl.read_parquet(out / "release.parquet")
    assert table.select("brand", "week").rows() == [(b, w) for b in BRANDS for w in WEEKS]
    assert table["value"].dtype == pl.Int64
    assert set(table["epsilon"]) == {"1"}
    assert (table["low95"] < table["value"]).all()
    assert (table["high95"] > table["value"]).all()

    trust = Trust.load(place.trust)
    verified = verify(place.log, trust, releases=[out])
    assert verified.exit_code == 0
    # Nobody gave a checkpoint that they kept, or the policies themselves; nothing is time-stamped.
    unchecked = {check.name for check in verified.checks if check.status != "passed"}
    assert unchecked == {"anchors", "policy files", "time stamps"}
    assert verify_release(out, trust).run_id == result["run"]
    assert crowdlens("audit", "verify", "--log", place.log, "--release", out).code == 0


def test_the_same_command_again_draws_nothing_and_spends_nothing(
    crowdlens, place, no_photos, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    assert crowdlens(*run_words(place, no_photos, out)).code == 0
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    again = crowdlens(*run_words(place, no_photos, out, "--json"))
    assert again.code == 0
    assert json.loads(again.out)["outcome"] == "already there"
    assert json.loads(again.out)["left"]["epsilon"] == "3"
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_an_empty_source_still_releases_the_full_noisy_grid(
    crowdlens, place, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    nothing = write_manifest(tmp_path / "nothing", [])
    assert crowdlens(*run_words(place, nothing, out)).code == 0
    table = pl.read_csv(out / "release.csv")
    assert table.select("brand", "week").rows() == [(b, w) for b in BRANDS for w in WEEKS]


def test_the_times_of_published_files_tell_the_day_only(
    crowdlens, place, no_photos, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    assert crowdlens(*run_words(place, no_photos, out)).code == 0
    times = {file.stat().st_mtime for file in [out, *out.iterdir()]}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert len(times) == 1
    assert abs(times.pop() - midnight.timestamp()) in (0, 86400)


def test_one_contributor_less_gives_a_log_of_the_same_shape(
    crowdlens, signs, tmp_path: Path
) -> None:
    rows = (signs / "photos.csv").read_text().splitlines()
    shapes, keys = [], []
    for name, kept in (("all", rows), ("less", [r for r in rows if ",ben," not in r])):
        folder = tmp_path / name
        folder.mkdir()
        for photo in signs.glob("*.png"):
            (folder / photo.name).write_bytes(photo.read_bytes())
        (folder / "photos.csv").write_text("\n".join(kept) + "\n")
        place = make_place(tmp_path / f"site-{name}")
        out = tmp_path / f"release-{name}"
        assert crowdlens(*run_words(place, folder, out, "--quiet")).code == 0
        entries = verify(place.log, Trust.load(place.trust)).entries
        shapes.append([_shape(e.model_dump(mode="json", by_alias=True)) for e in entries])
        table = pl.read_parquet(out / "release.parquet")
        keys.append(table.drop("value", "low95", "high95").rows())
        names = sorted(file.name for file in out.iterdir())
        keys.append(names)
    assert shapes[0] == shapes[1]
    assert keys[:2] == keys[2:]


def _shape(value: object) -> object:
    """Return the value with every text replaced by its length."""
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(part) for part in value]
    return len(value) if isinstance(value, str) else value
