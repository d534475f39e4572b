"""From exports of three platforms to a verified release, through the command line."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.places import approve_policy, draw_sign, make_place, run_words
from tests.planted.exports import Shot, write_instagram, write_tumblr, write_x, zipped

DIMENSIONS = "  platform: {labels: [instagram, x, tumblr]}\n"


def _shots(folder: Path, *names: str) -> list[Shot]:
    days = (date(2026, 6, 2), date(2026, 6, 9))
    return [
        Shot(draw_sign(folder / f"{name}.png", name).read_bytes(), day, f"#{name}")
        for name, day in zip(names, days, strict=False)
    ]


@pytest.mark.models
def test_exports_of_three_platforms_become_one_verified_release(crowdlens, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_instagram(exports / "one", "ana", _shots(tmp_path, "Brightwater", "Kestrel"))
    archive = write_x(tmp_path / "two", "ben", _shots(tmp_path, "Nimbus"))
    zipped(archive, inside="twitter-2026/").rename(exports / "two.zip")
    write_tumblr(exports / "three", "cai", _shots(tmp_path, "Kestrel"))

    place = make_place(tmp_path / "site", total="32", per_release="32", approved=False)
    text = place.policy.read_text(encoding="utf-8")
    changes = {"brand, week": "brand, platform", "max_cells: 6": "max_cells: 2", '"1e-7"': '"1e-6"'}
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    place.policy.write_text(text + DIMENSIONS, encoding="utf-8")
    approve_policy(place)
    out = tmp_path / "release"
    done = crowdlens(*run_words(place, exports, out))
    assert done.code == 0, done.err
    table = pl.read_parquet(out / "release.parquet")
    counts = {(r["brand"], r["platform"]): r["value"] for r in table.iter_rows(named=True)}
    assert len(counts) == 9
    seen = {
        ("Brightwater", "instagram"),
        ("Kestrel", "instagram"),
        ("Nimbus", "x"),
        ("Kestrel", "tumblr"),
    }
    # 16 a cell leave hardly any noise, so that the numbers say what was read.
    assert {cell for cell, count in counts.items() if count > 0} == seen
    assert crowdlens("audit", "verify", "--log", place.log, "--release", out).code == 0


@pytest.mark.models
def test_coordinates_in_exports_become_the_countries_that_the_policy_names(
    crowdlens, tmp_path: Path
) -> None:
    exports = tmp_path / "exports"
    write_instagram(exports / "one", "ana", _shots(tmp_path, "Kestrel"))
    write_x(exports / "two", "ben", _shots(tmp_path, "Kestrel"))
    # Tumblr has no coordinates, and these photos are in no region.
    write_tumblr(exports / "three", "cai", _shots(tmp_path, "Nimbus"))
    place = make_place(tmp_path / "site", total="32", per_release="32", approved=False)
    text = place.policy.read_text(encoding="utf-8")
    changes = {"brand, week": "brand, region", "max_cells: 6": "max_cells: 2", '"1e-7"': '"1e-6"'}
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    regions = "  region: {from: country, labels: [DE, FR]}\n"
    place.policy.write_text(text + regions, encoding="utf-8")
    approve_policy(place)
    done = crowdlens(*run_words(place, exports, tmp_path / "release"))
    assert done.code == 0, done.err
    table = pl.read_parquet(tmp_path / "release" / "release.parquet")
    counts = {(r["brand"], r["region"]): r["value"] for r in table.iter_rows(named=True)}
    assert {cell: count for cell, count in counts.items() if count} == {("Kestrel", "DE"): 2}
    assert len(counts) == 6


@pytest.mark.models
def test_redacted_copies_of_a_zip_can_be_looked_at(crowdlens, tmp_path: Path) -> None:
    export = write_x(tmp_path / "x", "ana", _shots(tmp_path, "Kestrel"))
    place = make_place(tmp_path / "site")
    words = ("redact", zipped(export), "--out", tmp_path / "copies", "--policy", place.policy)
    done = crowdlens(*words)
    assert done.code == 0, done.err
    assert done.out.startswith("1 written")
    assert "1 withheld" in done.out  # told of, and not in the zip
