"""Markers put into everything that a photo carries appear in nothing that a run leaves behind."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from tests.leak.watched import watched
from tests.places import draw_sign, make_place, run_words, write_manifest

NAME = "zq-file-canary"
OWNER = "zq-exif-canary"
CONTRIBUTOR = "zq-account-canary"
CAPTION = "zq-caption-canary"
PHONE = "0137-55501"
PERSON = "Wilhelmina"
MARKERS = (NAME, OWNER, CONTRIBUTOR, CAPTION, PHONE, PERSON, "zq-", "Wilhelm", "55501")


@pytest.fixture
def canaries(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    exif = Image.Exif()
    exif[0x013B] = OWNER  # Artist
    exif[0x010E] = OWNER  # ImageDescription
    exif.get_ifd(0x8825)[29] = OWNER  # GPSDateStamp
    draw_sign(folder / f"{NAME}-1.jpg", "Brightwater", f"Call {PHONE}", exif=exif, comment=OWNER)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", OWNER)
    draw_sign(folder / f"{NAME}-2.png", "Kestrel", PERSON, pnginfo=text)
    draw_sign(folder / f"{NAME}-3.png", f"{PERSON} Kestrel")
    (folder / f"{NAME}-4.jpg").write_bytes(b"\xff\xd8" + OWNER.encode() * 10)
    rows = [
        (f"{NAME}-1.jpg", CONTRIBUTOR, "2026-06-02"),
        (f"{NAME}-2.png", CONTRIBUTOR.upper(), "2026-06-09"),
        (f"{NAME}-3.png", f"{CONTRIBUTOR}-other", "2026-06-09"),
        (f"{NAME}-4.jpg", f"{CONTRIBUTOR}-other", "2026-06-09"),
        (f"{NAME}-missing.jpg", f"{CONTRIBUTOR}-third", "2026-06-09"),
    ]
    write_manifest(folder, rows)
    manifest = folder / "photos.csv"
    head, *lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join([head + ",caption", *(f"{r},{CAPTION}" for r in lines)]) + "\n")
    return folder


@pytest.mark.models
def test_no_canary_is_in_anything_a_run_leaves(tmp_path: Path, canaries: Path) -> None:
    place = make_place(tmp_path / "site")
    out = tmp_path / "published" / "release"
    done = watched(run_words(place, canaries, out), tmp_path)

    written, temporary = set(done.written), done.temporary
    assert any(out.parent in path.parents for path in written), "the recorder must see writes"
    allowed = (place.root, out.parent, temporary, Path("/dev"))
    strays = {p for p in written if not any(base in p.parents for base in allowed)}
    assert strays == set(), "a run writes to its log, its output and nowhere else"

    leavings = done.leavings(place.root, out.parent)
    digests = [hashlib.sha256(f.read_bytes()).hexdigest() for f in canaries.iterdir()]
    digests += [hashlib.sha256(name.encode()).hexdigest() for name in MARKERS]
    for place_name, data in leavings.items():
        lowered = data.lower()
        for marker in (*MARKERS, *digests):
            assert marker.lower().encode() not in lowered, f"{marker} is in {place_name}"
            assert marker.lower().encode("utf-16-le") not in lowered, f"{marker}: {place_name}"


def test_the_markers_would_be_found(canaries: Path) -> None:
    """The search finds what is there: the source itself is full of canaries."""
    everything = b"".join(file.read_bytes() for file in canaries.iterdir())
    for marker in (NAME, OWNER, CONTRIBUTOR, CAPTION):
        assert marker.encode() in everything


@pytest.mark.parametrize(
    "manifest",
    [
        "path,contributor,taken_at\n../zq-file-canary.jpg,a,2026-06-02\n",
        "path,contributor,taken_at\nzq-file-canary.jpg,zq-account-canary,zq-date-canary\n",
        "path,contributor,zq-column\na,b,c\n",
        'path,contributor,taken_at\n"zq-broken,a,2026-06-02\n',
        "path,contributor,taken_at\nzq-a.jpg,zq-b,2026-06-02,zq-extra\n",
    ],
)
def test_a_broken_manifest_is_named_without_its_content(
    crowdlens, place, tmp_path: Path, manifest: str
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "photos.csv").write_text(manifest)
    before = (place.log / "entries.jsonl").read_bytes()
    done = crowdlens("--debug", *run_words(place, folder, tmp_path / "out"))
    assert done.code == 9
    assert "zq-" not in done.out + done.err
    assert (place.log / "entries.jsonl").read_bytes() == before
