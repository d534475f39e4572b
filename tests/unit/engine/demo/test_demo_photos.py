"""The demo's photos: the same for a seed, with a trend, and with something to hide."""

import csv
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import GPS, IFD, Base

from engine.demo.backgrounds import SCENES, build_scene, choose_scene
from engine.demo.photos import COLUMNS, DEMO_BRANDS, DemoPhoto, make_photos
from engine.demo.signs import set_sign
from engine.demo.story import people, tell
from policies.lexicon import Lexicon
from policies.periods import week_of, weeks_between

WEEKS = weeks_between("2026-W23", "2026-W30")
SERIAL = 0xA431


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, tuple[DemoPhoto, ...]]:
    out = tmp_path_factory.mktemp("demo") / "photos"
    return out, make_photos(out, brands=DEMO_BRANDS, weeks=WEEKS)


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "photos.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def digests(out: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir())}


def test_same_seed_same_bytes_and_another_seed_other_photos(tmp_path):
    def make(name: str, seed: int) -> tuple[Path, tuple[DemoPhoto, ...]]:
        out = tmp_path / name
        return out, make_photos(out, brands=DEMO_BRANDS, contributors=5, weeks=WEEKS[:3], seed=seed)

    first, second, other = make("a", 1), make("b", 1), make("c", 2)

    assert digests(first[0]) == digests(second[0])
    assert first[1] == second[1]
    whole = [
        {digests(out)[p.path] for p in photos if not p.broken} for out, photos in (first, other)
    ]
    assert not whole[0] & whole[1]


def test_the_folder_is_a_folder_source(made):
    out, photos = made
    rows = rows_of(out)

    assert tuple(rows[0]) == COLUMNS
    assert [r["path"] for r in rows] == [p.path for p in photos]
    assert len({p.path for p in photos}) == len(photos)
    assert {p.name for p in out.iterdir()} == {p.path for p in photos} | {"photos.csv"}
    assert {r["contributor"] for r in rows} == {p.contributor for p in photos}
    assert all(r["region"] and r["platform"] for r in rows)
    assert len(photos) == 122


def test_every_photo_is_taken_in_a_week_of_the_study(made):
    out, photos = made
    assert {week_of(p.taken_at.date()) for p in photos} == set(WEEKS)
    assert [r["taken_at"] for r in rows_of(out)] == [p.taken_at.isoformat() for p in photos]
    assert all(p.taken_at.utcoffset() is not None for p in photos)


def test_sixty_people_post_one_to_three_photos_and_never_a_brand_twice_in_a_week(made):
    whole = [p for p in made[1] if not p.broken]
    by_person = Counter(p.contributor.strip().casefold() for p in whole)

    assert len(by_person) == 60
    assert set(by_person.values()) == {1, 2, 3}
    cells = Counter(
        (p.contributor.strip().casefold(), week_of(p.taken_at.date()), brand)
        for p in whole
        for brand in p.brands
    )
    assert set(cells.values()) == {1}


def test_some_handles_are_typed_in_another_way(made):
    typed = {p.contributor for p in made[1]}
    assert any(c != c.strip() for c in typed)
    assert any(c != c.casefold() for c in typed)
    assert len(typed) > len({c.strip().casefold() for c in typed})


def test_first_brand_rises_second_falls_third_stays_fourth_is_rare(made):
    seen = Counter((b, week_of(p.taken_at.date())) for p in made[1] for b in p.brands)
    early, late = WEEKS[:3], WEEKS[-3:]

    def total(brand: str, weeks: tuple[str, ...]) -> int:
        return sum(seen[brand, week] for week in weeks)

    rising, falling, steady, rare = DEMO_BRANDS[:4]
    assert total(rising, late) >= 3 * total(rising, early)
    assert total(falling, early) >= 3 * total(falling, late)
    assert abs(total(steady, late) - total(steady, early)) <= 3
    assert 1 <= total(rare, WEEKS) <= 5


def test_demo_brands_are_not_mistaken_for_each_other():
    lexicon = Lexicon(tuple((brand, brand) for brand in sorted(DEMO_BRANDS)))
    for brand in DEMO_BRANDS:
        others = Lexicon(tuple((b, b) for b in sorted(DEMO_BRANDS) if b != brand))
        assert lexicon.match(brand) is not None
        assert others.match(brand) is None


def test_most_files_say_where_and_by_whom_they_were_taken(made):
    out, photos = made
    located = 0
    for photo in (p for p in photos if not p.broken):
        with Image.open(out / photo.path) as image:
            exif = image.getexif()
            where, camera = exif.get_ifd(IFD.GPSInfo), exif.get_ifd(IFD.Exif)
        if not where:
            assert Base.Artist not in exif
            continue
        located += 1
        assert 41 <= float(where[GPS.GPSLatitude][0]) < 60
        assert exif[Base.Artist] in photo.told
        assert camera[SERIAL] in photo.told
    assert located / len(photos) > 0.8


def test_photos_are_small_and_a_few_lie_on_their_side(made):
    out, photos = made
    turned = 0
    for photo in (p for p in photos if not p.broken):
        with Image.open(out / photo.path) as image:
            image.load()
            assert image.format == "JPEG"
            assert 448 <= max(image.size) <= 512
            if image.getexif().get(Base.Orientation) == 6:
                turned += 1
                assert ImageOps.exif_transpose(image).size == image.size[::-1]
    assert 3 <= turned <= 15


def test_upright_viewing_undoes_the_stored_turn(made):
    """The sky of a pagoda lies on top once the viewer has followed the orientation."""
    out, photos = made
    for photo in (p for p in photos if p.scene == "pagoda" and not p.broken):
        with Image.open(out / photo.path) as image:
            upright = np.asarray(ImageOps.exif_transpose(image).convert("L"), float)
        assert upright.shape == (342, 512)
        assert upright[:60].mean() > upright[-60:].mean()


def test_two_files_are_broken(made):
    out, photos = made
    cut, text = (out / p.path for p in photos if p.broken)

    with pytest.raises(OSError, match="truncated"), Image.open(cut) as image:
        image.load()
    with pytest.raises(UnidentifiedImageError):
        Image.open(text)


def test_some_photos_show_a_text_about_a_person_and_some_several_faces(made):
    seen = [text for p in made[1] for text in p.seen]
    assert any("555-01" in text for text in seen)
    assert any(".example" in text for text in seen)
    assert any(text.startswith("Hi, I am ") for text in seen)
    assert {0, 1, 2, 3} <= {p.faces for p in made[1]}


def test_the_truth_stays_out_of_the_folder(made):
    out, _ = made
    manifest = (out / "photos.csv").read_text(encoding="utf-8").casefold()
    assert not [brand for brand in DEMO_BRANDS if brand.casefold() in manifest]


def test_each_file_is_reported(tmp_path):
    calls = []
    photos = make_photos(
        tmp_path / "photos",
        brands=DEMO_BRANDS[:1],
        contributors=1,
        weeks=WEEKS[:1],
        on_photo=lambda: calls.append(1),
    )
    assert len(calls) == len(photos) == len(rows_of(tmp_path / "photos"))


def test_a_directory_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "holiday.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        make_photos(tmp_path, brands=DEMO_BRANDS, contributors=1, weeks=WEEKS)
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.txt"]


@pytest.mark.parametrize(
    ("brands", "contributors", "weeks"),
    [((), 1, WEEKS), (DEMO_BRANDS, 0, WEEKS), (DEMO_BRANDS, 1, ()), (DEMO_BRANDS, 1, ("June",))],
)
def test_a_demo_without_people_brands_or_weeks_is_refused(tmp_path, brands, contributors, weeks):
    out = tmp_path / "photos"
    with pytest.raises(ValueError):  # noqa: PT011  the class is the promise, not the text
        make_photos(out, brands=brands, contributors=contributors, weeks=weeks)
    assert not out.exists()


def test_handles_are_distinct_and_every_post_has_its_week():
    rng = np.random.default_rng(7)
    persons = people(200, rng)
    posts = tell(persons, DEMO_BRANDS, WEEKS, rng)

    assert len({p.handle.casefold() for p in persons}) == 200
    assert len(posts) == 399
    assert {week_of(post.taken_at.date()) for post in posts} == set(WEEKS)
    assert {b for post in posts for b in post.brands} == set(DEMO_BRANDS)


@pytest.mark.parametrize("name", SCENES)
def test_a_sign_changes_its_place_and_little_else(name):
    scene = build_scene(name, np.random.default_rng(3))
    place = scene.places[0]
    before = scene.pixels.copy()

    set_sign(scene.pixels, place, "Nimbus", np.random.default_rng(4))

    changed = (np.abs(scene.pixels.astype(int) - before).max(axis=2) > 24).nonzero()
    rows, columns = scene.pixels.shape[:2]
    assert max(rows, columns) <= 512
    assert changed[0].size > 500
    # The name's middle is in its place; a warp gone wrong lands elsewhere.
    assert abs(np.median(changed[1]) - place.x) < 0.15 * columns
    assert abs(np.median(changed[0]) - place.y) < 0.2 * rows


def test_pictures_are_not_painted_on_for_good():
    first = build_scene("portrait", np.random.default_rng(5))
    set_sign(first.pixels, first.places[0], "Nimbus", np.random.default_rng(6))
    again = build_scene("portrait", np.random.default_rng(5))
    assert (first.pixels != again.pixels).any()
    assert (build_scene("portrait", np.random.default_rng(5)).pixels == again.pixels).all()


def test_two_signs_need_a_scene_with_two_places():
    rng = np.random.default_rng(8)
    for _ in range(20):
        scene = build_scene(choose_scene(rng, signs=2), rng)
        assert len(scene.places) >= 2


def test_the_pictures_come_without_importing_their_packages():
    code = (
        "import sys, numpy as np; import engine.demo.photos, engine.demo.backgrounds as b;"
        "[b.build_scene(n, np.random.default_rng(1)) for n in b.SCENES];"
        "heavy = {'skimage', 'sklearn', 'matplotlib', 'rich', 'typer', 'torch'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == "[]"
