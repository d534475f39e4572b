"""The same photo in several files counts once within its contributor, by the policy's word."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from PIL import Image
from skimage import data

from engine.statistics import PHOTO_KIND, Release, release
from tests.places import approve_policy, draw_sign, make_place, run_words, write_manifest

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One photo in three forms and another one by ana, and ana's photo by ben."""
    folder = tmp_path_factory.mktemp("album")
    shots = []
    for picture in (data.coffee(), data.rocket()):
        shot = Image.fromarray(picture)
        shot.paste(Image.open(draw_sign(folder / "sign.png", "Kestrel")), (20, 20))
        shots.append(shot)
    coffee, rocket = shots
    coffee.save(folder / "a.png")
    coffee.save(folder / "b.jpg", quality=80)
    coffee.resize((coffee.width * 4 // 5, coffee.height * 4 // 5)).save(folder / "c.jpg")
    rocket.save(folder / "d.png")
    owners = [("a.png", "ana"), ("b.jpg", "ana"), ("c.jpg", "ana"), ("d.png", "ana")]
    rows = [(name, who, "2026-06-02") for name, who in [*owners, ("a.png", "ben")]]
    return write_manifest(folder, rows)


@pytest.mark.parametrize(
    ("said", "photos"), [(None, [1, 2]), ("each", [1, 4])], ids=["by default", "each"]
)
def test_copies_count_once_unless_the_policy_says_each(
    crowdlens,
    album: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str | None,
    photos: list[int],
) -> None:
    place = make_place(tmp_path / "site", approved=False)
    text = place.policy.read_text(encoding="utf-8")
    bounds = f"near_duplicates: {said}" if said else "# by default"
    by = "kind: photos\n    clip: 4\n    by: [brand]"
    for old, new in {"by: [brand, week]": by, "near_duplicates: once": bounds}.items():
        assert old in text, old
        text = text.replace(old, new)
    place.policy.write_text(text, encoding="utf-8")
    approve_policy(place)
    counted = []

    def seen(sightings: pl.DataFrame, *rest: Any) -> Release:
        counted.append(sightings)
        return release(sightings, *rest)

    # What noise is added to: a release that says a photo more or less is noisier than that.
    monkeypatch.setattr("engine.run.release", seen)
    done = crowdlens(*run_words(place, album, tmp_path / "release"))
    assert done.code == 0, done.err
    (table,) = counted
    for of in (pl.col("kind") == PHOTO_KIND, pl.col("label") == "Kestrel"):
        each = table.filter(of).group_by("contributor").agg(pl.col("photo").n_unique())
        assert sorted(each["photo"]) == photos
    # Nothing is lost: what looks the same is counted once, and not left out.
    assert table.filter(pl.col("kind") == PHOTO_KIND).height == 5
