"""A catalogue is looked over: weak names, weak marks, weak examples, and what can't be used."""

from pathlib import Path

import numpy as np
import pytest

from engine.catalogue.built import built_bytes, shipped_models
from engine.catalogue.checks import Remark, Topic, check
from engine.catalogue.checks.likeness import same, shades
from engine.catalogue.checks.names import check_names
from engine.observer import Silence
from policies.built import BuiltRecord, built_path, digests_of
from policies.catalogue import Catalogue, parse_catalogue
from tests.unit.engine.catalogue.drawing import crop, place, svg


def named(*entries: dict[str, object]) -> list[tuple[Topic, str]]:
    catalogue = Catalogue.model_validate([{**entry} for entry in entries])
    return [(remark.topic, remark.entry) for remark in check_names(catalogue)]


def checked(file: Path) -> list[Remark]:
    catalogue = parse_catalogue(file.read_text(), file.name)
    return check(catalogue, file, Silence())


def topics(file: Path) -> list[tuple[Topic, str]]:
    return [(r.topic, r.entry) for r in checked(file) if r.topic is not Topic.BUILT]


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("Target", Topic.COMMON_WORD),
        ("SHELL", Topic.COMMON_WORD),
        ("HP", Topic.SHORT_NAME),
        ("3M", Topic.SHORT_NAME),
        ("H&M", Topic.SHORT_NAME),
    ],
)
def test_a_weak_name_is_told(name: str, topic: Topic) -> None:
    assert named({"name": name}) == [(topic, name)]
    assert named({"name": "Brightwater", "aliases": [name]}) == [(topic, "Brightwater")]


def test_a_good_name_is_not() -> None:
    assert named({"name": "Brightwater"}, {"name": "Kestrel"}, {"name": "Élan"}) == []


def test_names_that_one_misread_letter_makes_the_same_are_told_once() -> None:
    alike = [(Topic.ALIKE_NAMES, "Heineken")]
    assert named({"name": "Heineken"}, {"name": "Heinekem"}) == alike
    doubled = {"name": "Heinekem", "aliases": ["Heinekens", "Heinnekem"]}
    assert named({"name": "Heineken"}, doubled) == alike


def test_names_of_one_family_may_be_alike() -> None:
    family = [
        {"name": "Heineken"},
        {"name": "Heineken 0", "parent": "Heineken"},
        {"name": "Heineken 00", "parent": "Heineken 0"},
    ]
    assert named(*family) == []


def test_thousands_of_names_are_compared_at_once() -> None:
    chance = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    names = {"".join(chance.choice(letters, 14)) for _ in range(2_000)}
    assert named(*({"name": name} for name in sorted(names))) == []


def test_good_marks_are_not_remarked_on(tmp_path: Path) -> None:
    crop(tmp_path / "a.png", 1)
    crop(tmp_path / "b.png", 2)
    (tmp_path / "c.yaml").write_text(
        "- {name: Brightwater, marks: [a.png]}\n- {name: Kestrel, marks: [b.png]}\n"
    )
    assert topics(tmp_path / "c.yaml") == []


def test_weak_marks_are_told(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    (tmp_path / "disc.svg").write_bytes(svg())
    crop(tmp_path / "small.png", 1, (60, 20))
    (tmp_path / "faint.png").write_bytes(faint(tmp_path))
    file.write_text("- {name: Brightwater, marks: [disc.svg, small.png, faint.png]}\n")
    found = {(r.topic, r.sentence.split()[0]) for r in checked(file)}
    assert (Topic.PLAIN_MARK, "disc.svg") in found
    assert (Topic.SMALL_MARK, "small.png") in found
    assert (Topic.FAINT_MARK, "faint.png") in found


def faint(folder: Path) -> bytes:
    from PIL import Image

    pixels = np.asarray(Image.open(crop(folder / "x.png", 3)), np.float32)
    Image.fromarray((120 + pixels / 32).astype(np.uint8)).save(folder / "x.png")
    return (folder / "x.png").read_bytes()


def test_one_mark_of_two_brands_is_told_whatever_its_size(tmp_path: Path) -> None:
    from PIL import Image

    crop(tmp_path / "a.png", 1)
    Image.open(tmp_path / "a.png").resize((320, 240)).save(tmp_path / "b.jpg", quality=80)
    text = "- {{name: Brightwater, marks: [a.png]}}\n- {{name: {}, marks: [b.jpg]}}\n"
    (tmp_path / "c.yaml").write_text(text.format("Kestrel"))
    assert topics(tmp_path / "c.yaml") == [(Topic.SAME_MARK, "Brightwater")]


def test_examples_that_teach_little_are_told(tmp_path: Path) -> None:
    names = [f"{i}.jpg" for i in range(4)]
    for i, name in enumerate(names):
        place(tmp_path / name, i, sea=i % 2 == 0)
    place(tmp_path / "same.png", 1, sea=False)
    listed = ", ".join([*names, "same.png"])
    (tmp_path / "c.yaml").write_text(f"- {{name: beach, kind: scene, examples: [{listed}]}}\n")
    remarks = [r for r in checked(tmp_path / "c.yaml") if r.topic is not Topic.BUILT]
    assert [r.topic for r in remarks] == [Topic.FEW_EXAMPLES, Topic.SAME_EXAMPLE]
    assert remarks[1].sentence.startswith("same.png shows the same as 1.jpg")


def test_pictures_that_can_not_be_used_are_errors_and_come_first(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    (tmp_path / "bad.jpg").write_bytes(b"no")
    place(tmp_path / "1.jpg")
    scene = "- {name: beach, kind: scene, examples: [1.jpg, bad.jpg, none.jpg]}\n"
    file.write_text("- {name: Target, marks: [none.png, bad.jpg]}\n" + scene)
    errors = [r for r in checked(file) if r.error]
    assert checked(file)[: len(errors)] == errors
    assert [(r.entry, r.sentence.split()[0]) for r in errors] == [
        ("Target", "none.png"),
        ("Target", "bad.jpg"),
        ("beach", "bad.jpg"),
        ("beach", "none.jpg"),
    ]


def test_the_built_file_is_looked_at_too(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("- {name: Brightwater, marks: [a.png]}\n")
    crop(tmp_path / "a.png")
    catalogue = parse_catalogue(file.read_text(), file.name)
    record = BuiltRecord.model_validate(
        {
            "schema": "crowdlens-built/v1",
            "catalogue": catalogue.digest,
            "files": dict(digests_of(catalogue, tmp_path)),
            "brands": ["Brightwater"],
            "scenes": [],
            "models": shipped_models(),
        }
    )

    def remark() -> Remark | None:
        return next((r for r in checked(file) if r.topic is Topic.BUILT), None)

    missing = remark()
    assert missing is not None
    assert not missing.error
    built_path(file).write_bytes(built_bytes(record, {}))
    assert remark() is None
    crop(tmp_path / "a.png", 7)
    stale = remark()
    assert stale is not None
    assert stale.error
    assert "a.png of 'Brightwater' is another picture" in stale.sentence
    built_path(file).write_bytes(b"no")
    damaged = remark()
    assert damaged is not None
    assert damaged.error


def test_names_alone_need_nothing_built(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("- name: Brightwater\n")
    assert checked(tmp_path / "c.yaml") == []


def test_likeness_is_of_shapes_and_a_blank_picture_is_like_nothing() -> None:
    chance = np.random.default_rng(1)
    picture = chance.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    darker = (picture / 2).astype(np.uint8)
    other = chance.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    blank = np.full((64, 64, 3), 9, np.uint8)
    pairs = same([shades(p) for p in (picture, blank, darker, other, blank)])
    assert list(pairs) == [(0, 2)]
    assert list(same([])) == []
