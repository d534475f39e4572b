import hashlib
import json
import os
import stat
from pathlib import Path

import polars as pl
import pytest

from engine.statistics import (
    Dimension,
    Release,
    Statistic,
    Study,
    cost,
    write,
)
from engine.statistics.errors import ReleaseUnwritable
from engine.statistics.noise import GeometricLaw
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Epsilon
from policies.canonical import canonical_json

ALL = ("csv", "parquet", "json")
STUDY = Study(
    (Statistic("brands", (Dimension("brand", ("Nike", "Zara, SA")),), Epsilon.parse("1")),), 2
)


@pytest.fixture
def a_release() -> Release:
    mechanism = GeometricLaw(Epsilon.parse("1"), Sensitivity.of(2, 1))
    table = pl.DataFrame(
        {
            "statistic": ["brands", "brands"],
            "brand": ["Nike", "Zara, SA"],
            "value": [12, -3],
            "std": [mechanism.std] * 2,
            "low95": [6, -9],
            "high95": [18, 3],
            "mechanism": ["geometric"] * 2,
            "rho": ["0.5"] * 2,
            "epsilon": ["1"] * 2,
            "delta": ["1e-13"] * 2,
        }
    )
    return Release("run", "sha256:" + "0" * 64, "panel", STUDY, table)


def test_the_same_release_gives_the_same_bytes(a_release: Release, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = write(a_release, tmp_path / "one", ALL, policy_class="test")
    second = write(a_release, tmp_path / "two", reversed(ALL), policy_class="test")
    assert first == second
    assert [name for name, _ in first] == [
        "privacy-label.json",
        "release.csv",
        "release.json",
        "release.parquet",
    ]
    assert sorted(os.listdir(tmp_path / "one")) == [name for name, _ in first]
    for name, digest in first:
        data = (tmp_path / "one" / name).read_bytes()
        assert data == (tmp_path / "two" / name).read_bytes()
        assert digest == "sha256:" + hashlib.sha256(data).hexdigest()


def test_every_format_holds_the_same_table(a_release: Release, tmp_path: Path) -> None:
    write(a_release, tmp_path, ALL, policy_class="test")
    table = a_release.table
    assert pl.read_parquet(tmp_path / "release.parquet").equals(table)
    assert pl.read_csv(tmp_path / "release.csv", schema=table.schema).equals(table)
    parsed = json.loads((tmp_path / "release.json").read_bytes())
    assert parsed["columns"] == table.columns
    assert pl.DataFrame(parsed["rows"], schema=table.schema).equals(table)


def test_only_the_formats_asked_for_and_the_label_are_written(
    a_release: Release, tmp_path: Path
) -> None:
    names = [name for name, _ in write(a_release, tmp_path, ["csv"], policy_class="test")]
    assert names == ["privacy-label.json", "release.csv"] == sorted(os.listdir(tmp_path))


def test_the_privacy_label_says_what_is_promised_and_what_is_not(
    a_release: Release, tmp_path: Path
) -> None:
    write(a_release, tmp_path, [], policy_class="test")
    data = (tmp_path / "privacy-label.json").read_bytes()
    label = json.loads(data)
    assert data == canonical_json(label)
    assert label["unit"] == "contributor"
    assert label["neighbours"].startswith("add or remove")
    assert (label["max_cells"], label["statistics"][0]["sensitivity"]["linf"]) == (2, 1)
    assert label["epsilon"] == "1"
    assert label["delta"] == str(cost(STUDY).delta)
    assert label["model"] == "central"
    assert any("other people's photos" in line for line in label["not_covered"])


def test_nothing_is_overwritten_or_followed(a_release: Release, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / "release.csv").symlink_to(victim)
    with pytest.raises(ReleaseUnwritable) as caught:
        write(a_release, out, ["csv"], policy_class="test")
    assert victim.read_text() == "mine"
    assert caught.value.exit_code == 10


def test_a_release_that_is_there_stays(a_release: Release, tmp_path: Path) -> None:
    (tmp_path / "release.csv").write_text("the first")
    with pytest.raises(ReleaseUnwritable):
        write(a_release, tmp_path, ["csv"], policy_class="test")
    assert (tmp_path / "release.csv").read_text() == "the first"


def test_a_directory_that_is_missing_is_refused(a_release: Release, tmp_path: Path) -> None:
    with pytest.raises(ReleaseUnwritable):
        write(a_release, tmp_path / "missing", ["csv"], policy_class="test")


def test_a_full_disk_is_said_so(
    a_release: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReleaseUnwritable, match="No space"):
        write(a_release, tmp_path, ["csv"], policy_class="test")


def test_files_are_readable_by_all_and_writable_by_the_owner(
    a_release: Release, tmp_path: Path
) -> None:
    before = os.umask(0o022)
    try:
        write(a_release, tmp_path, ALL, policy_class="test")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {0o644}


def test_no_file_holds_more_than_the_release(a_release: Release, tmp_path: Path) -> None:
    write(a_release, tmp_path, ALL, policy_class="test")
    known = {"statistic", *a_release.table.columns}
    held = pl.read_parquet_metadata(tmp_path / "release.parquet")
    held.pop("ARROW:schema", None)
    assert held == {
        "crowdlens.format": "crowdlens-release/v1",
        "crowdlens.run": "run",
        "crowdlens.policy": "sha256:" + "0" * 64,
        "crowdlens.dataset": "panel",
        "crowdlens.privacy-label": (tmp_path / "privacy-label.json").read_text(),
    }
    assert set((tmp_path / "release.csv").read_text().splitlines()[0].split(",")) == known
    assert set(json.loads((tmp_path / "release.json").read_bytes())) == {
        "format",
        "run",
        "policy",
        "dataset",
        "columns",
        "rows",
    }
