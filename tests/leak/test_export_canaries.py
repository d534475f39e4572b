"""Markers all over exports appear in nothing that a run leaves, says or writes on the way."""

import pickle
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.sources import Countries, find_source
from tests.leak.watched import watched
from tests.places import approve_policy, draw_sign, make_place, run_words
from tests.planted.exports import (
    LATITUDE,
    LONGITUDE,
    OTHERS,
    Shot,
    write_instagram,
    write_tumblr,
    write_x,
    zipped,
)

MARKER = "zq-export-canary-"
ACCOUNT = "zq-account-canary"
CAPTION = "zq-caption-canary #zq_tag_canary"
MARKERS = ("zq-", "zq_", OTHERS)
COORDINATES = ("48.137", "11.575", "48137", "11575")
"""However they might be written: no other number of a run begins so."""
REGIONS = "  region: {from: country, labels: [DE, FR]}\n"


@pytest.fixture
def canaries(tmp_path: Path) -> Path:
    """Give a directory of three exports, one of them a zip, whose very names are canaries."""
    folder = tmp_path / "zq-source"
    sign = draw_sign(tmp_path / "sign.png", "Kestrel").read_bytes()
    shots = [Shot(sign, date(2026, 6, 2), CAPTION)]
    write_x(folder / "zq-one", f"{ACCOUNT}-x", shots, marker=MARKER)
    write_tumblr(folder / "zq-two", f"{ACCOUNT}-t", shots, marker=MARKER)
    export = write_instagram(tmp_path / "zq-three", f"{ACCOUNT}-i", shots, marker=MARKER)
    zipped(export).rename(folder / "zq-three.zip")
    return folder


@pytest.mark.models
def test_no_canary_of_an_export_is_in_anything_a_run_leaves(tmp_path: Path, canaries: Path) -> None:
    place = make_place(tmp_path / "site", approved=False)
    # The country of coordinates is asked for, and coordinates stay behind all the same.
    text = place.policy.read_text(encoding="utf-8").replace("[brand, week]", "[brand, region]")
    place.policy.write_text(text + REGIONS, encoding="utf-8")
    approve_policy(place)
    out = tmp_path / "out" / "release"
    done = watched(run_words(place, canaries, out), tmp_path)
    written, temporary = set(done.written), done.temporary
    allowed = (place.root, out.parent, temporary, Path("/dev"))
    assert {p for p in written if not any(base in p.parents for base in allowed)} == set()
    leavings = done.leavings(place.root, out.parent)
    for where, data in leavings.items():
        for marker in (*MARKERS, *COORDINATES):
            assert marker.encode() not in data.lower(), f"{marker} is in {where}"
        assert b"\x89PNG" not in data, f"a photo is in {where}"


def test_no_coordinate_goes_past_the_reader(canaries: Path) -> None:
    for countries, told in ((Countries(["DE"]), {"DE", None}), (None, {None})):
        photos = find_source(canaries).photos(date.min, date.max, bytes(32), countries=countries)
        assert {photo.region for photo in photos} == told
        for photo in photos:
            spelled = repr((photo, vars(photo)))
            assert not any(c in spelled for c in COORDINATES)
            # Pickled is how it goes to a worker.
            packed = pickle.dumps(photo)
            for number in (LATITUDE, LONGITUDE):
                for form in ("<d", ">d", "<f", ">f"):
                    assert struct.pack(form, number) not in packed


def test_the_markers_would_be_found(canaries: Path) -> None:
    with zipfile.ZipFile(canaries / "zq-three.zip") as archive:
        packed = b"".join(archive.read(name) for name in archive.namelist())
    loose = b"".join(file.read_bytes() for file in canaries.rglob("*") if file.is_file())
    assert all(marker.encode() in loose for marker in MARKERS)
    for everything in (packed, loose):
        for marker in (MARKER, ACCOUNT, *CAPTION.split(), *COORDINATES[:2]):
            assert marker.encode() in everything


def _cut(path: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        file = folder / path
        file.write_bytes(file.read_bytes()[:-40])

    return cut


def _gone(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def _climbs(folder: Path) -> None:
    with zipfile.ZipFile(folder / "zq-three.zip", "a") as archive:
        archive.writestr("../zq-climbs", "zq-")


@pytest.mark.parametrize(
    "harm",
    [
        _cut("zq-one/data/tweets.js"),
        _gone("zq-one/data/account.js"),
        _cut("zq-two/json/3000.json"),
        _cut("zq-three.zip"),
        _climbs,
        lambda folder: (folder / "photos.csv").write_text("path,contributor,zq-column\n"),
        lambda folder: (folder / "zq-holiday").mkdir(),
    ],
)
def test_a_broken_export_is_named_without_its_content(
    crowdlens, place, canaries: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(canaries)
    before = (place.log / "entries.jsonl").read_bytes()
    done = crowdlens("--debug", *run_words(place, canaries, tmp_path / "out"))
    assert done.code == 9
    assert not any(marker in (done.out + done.err).lower() for marker in MARKERS)
    assert (place.log / "entries.jsonl").read_bytes() == before
