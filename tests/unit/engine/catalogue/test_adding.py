"""Adding entries: pictures checked and copied, all of it or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from engine.catalogue.adding import Wanted, add
from engine.catalogue.errors import PicturesUnusable
from engine.errors import OutputUnwritable
from policies.catalogue import load_catalogue
from policies.errors import CatalogueInvalid
from tests.unit.engine.catalogue.drawing import crop, place, svg


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the path of a catalogue in a folder of its own."""
    (tmp_path / "site").mkdir()
    return tmp_path / "site" / "catalogue.yaml"


def tree(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_brand_is_added_with_everything(file: Path, tmp_path: Path) -> None:
    add(file, Wanted("Nike"))
    crops = [crop(tmp_path / "crops" / f"{i}.png", i) for i in range(3)]
    (tmp_path / "logo.svg").write_bytes(svg())
    added = add(
        file,
        Wanted(
            "Air Jordan",
            aliases=["Jordan", "AJ"],
            marks=[tmp_path / "crops", tmp_path / "logo.svg"],
            parent="Nike",
            category="shoes",
        ),
    )
    assert added.new
    assert added.catalogue.digest == load_catalogue(file).digest
    entry = load_catalogue(file).brands[1]
    assert entry == added.entry
    assert (entry.parent, entry.category) == ("Nike", "shoes")
    assert entry.aliases == ["Jordan", "AJ"]
    assert len(entry.marks) == len(added.copied) == 4
    assert all(name.startswith("marks/airjordan-") for name in entry.marks)
    assert all((file.parent / name).is_file() for name in entry.marks)
    assert len(crops) == 3


def test_an_entry_is_added_to(file: Path, tmp_path: Path) -> None:
    file.write_text("# Mine.\n- name: Nike # the first\n  category: shoes\n- name: Puma\n")
    once = Wanted("Nike", aliases=["Swoosh"], marks=[crop(tmp_path / "a.png")])
    first, second = add(file, once), add(file, once)
    assert not first.new
    assert second.copied == first.copied
    assert second.catalogue.digest == first.catalogue.digest
    nike = load_catalogue(file).brands[0]
    assert (nike.category, nike.aliases, len(nike.marks)) == ("shoes", ["Swoosh"], 1)
    assert file.read_text().startswith("# Mine.\n")


def test_pictures_beside_the_catalogue_stay_where_they_are(file: Path) -> None:
    mark = crop(file.parent / "my marks" / "one.png")
    added = add(file, Wanted("Nike", marks=[mark]))
    assert added.entry.marks == ["my marks/one.png"]
    assert added.copied == ()


def test_a_link_is_followed_and_what_it_leads_to_is_copied(file: Path, tmp_path: Path) -> None:
    crop(tmp_path / "one.png")
    (file.parent / "link.png").symlink_to(tmp_path / "one.png")
    added = add(file, Wanted("Nike", marks=[file.parent / "link.png"]))
    assert added.entry.marks == list(added.copied)


def test_no_metadata_comes_along(file: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Ana, 555-0137"
    for name, draw in (("a.jpg", crop), *((f"{i}.jpg", place) for i in range(3))):
        picture = Image.open(draw(tmp_path / name, len(name) + ord(name[0])))
        picture.save(tmp_path / name, exif=exif, comment="Ana, 555-0137")
        assert b"Ana" in (tmp_path / name).read_bytes()
    add(file, Wanted("Nike", marks=[tmp_path / "a.jpg"]))
    add(file, Wanted("beach", examples=[tmp_path / f"{i}.jpg" for i in range(3)]))
    assert len(tree(file.parent)) == 5
    assert all(b"Ana" not in data for data in tree(file.parent).values())


def test_the_pictures_of_a_scene_are_examples_whichever_way_they_come(
    file: Path, tmp_path: Path
) -> None:
    for i in range(4):
        place(tmp_path / "beach" / f"{i}.jpg", i)
    (tmp_path / "beach" / "notes.txt").write_text("x")
    (tmp_path / "beach" / ".hidden.jpg").write_text("x")
    by_mark = add(file, Wanted("beach bar", kind="scene", marks=[tmp_path / "beach"]))
    assert len(by_mark.entry.examples) == 4
    inferred = add(file, Wanted("beach", examples=[tmp_path / "beach"]))
    assert inferred.entry.kind == "scene"
    more = add(file, Wanted("beach", marks=[place(tmp_path / "5.png", 5)]))
    assert len(more.entry.examples) == 5
    assert load_catalogue(file).scene_labels == ("beach", "beach bar")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.write_bytes(b"hello"), "is not a PNG, JPEG or SVG picture"),
        (lambda p: Image.new("RGB", (9, 9)).save(p), "is tiny"),
        (lambda p: Image.new("RGB", (90, 90)).save(p), "is blank"),
        (lambda p: Image.new("RGBA", (90, 90)).save(p), "is transparent"),
        (lambda p: p.write_bytes(svg("<text>a</text>")), "holds text"),
        (lambda p: p.mkdir(), "is a folder without a picture"),
        (lambda p: None, "is missing"),
        (lambda p: p.symlink_to(p), "is missing"),
    ],
)
def test_a_bad_mark_is_named_and_nothing_is_written(
    file: Path, tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    file.write_text("- name: Puma\n")
    before = tree(file.parent)
    make(tmp_path / "bad.png")
    with pytest.raises(PicturesUnusable, match=f"'Nike': bad.png {said}") as caught:
        add(file, Wanted("Nike", marks=[crop(tmp_path / "a.png"), tmp_path / "bad.png"]))
    assert caught.value.exit_code == 9
    assert tree(file.parent) == before


def test_every_bad_picture_of_a_folder_is_named(file: Path, tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "marks" / name).write_bytes(b"no")
    with pytest.raises(PicturesUnusable, match=r"a\.png.*b\.png"):
        add(file, Wanted("Nike", marks=[tmp_path / "marks"]))


def test_a_name_that_no_file_can_have_is_told(file: Path, tmp_path: Path) -> None:
    with pytest.raises(PicturesUnusable, match="is missing"):
        add(file, Wanted("Nike", marks=[tmp_path / ("x" * 300)]))
    with pytest.raises(OutputUnwritable):
        add(tmp_path / ("x" * 300), Wanted("Nike"))


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        (Wanted("Nike", parent="Nobody"), "PL-CAT-004"),
        (Wanted("Nike", parent="Nike"), "PL-CAT-015"),
        (Wanted("Nike", aliases=["PUMA"]), "PL-CAT-003"),
        (Wanted("Nike", aliases=["a,b"]), "PL-FIELD-003"),
        (Wanted("!"), "PL-CAT-002"),
        (Wanted("kitchen", kind="scene"), "PL-CAT-013"),
        (Wanted("kitchen", kind="scene", parent="Puma"), "PL-CAT-012"),
        (Wanted("woman", kind="scene"), "PL-CAT-01"),
    ],
)
def test_an_entry_that_breaks_a_rule_changes_nothing(file: Path, wanted: Wanted, rule: str) -> None:
    file.write_text("- name: Puma\n")
    with pytest.raises(CatalogueInvalid, match=rule):
        add(file, wanted)
    assert tree(file.parent) == {"catalogue.yaml": b"- name: Puma\n"}


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputUnwritable):
        add(tmp_path / "none" / "c.yaml", Wanted("Nike"))
    with pytest.raises(CatalogueInvalid):
        add(tmp_path, Wanted("Nike"))
