"""Building: the same pictures give the same file, and only sound pictures give one."""

from pathlib import Path

import pytest

from engine.catalogue.build import build
from engine.catalogue.built import load_built
from engine.catalogue.errors import PicturesUnusable
from engine.errors import OutputUnwritable
from engine.observer import Silence
from engine.workers import LocalWorkers
from policies.built import built_path, require_built
from policies.catalogue import load_catalogue
from policies.errors import CatalogueInvalid
from tests.unit.engine.catalogue.drawing import crop, place, svg

SQUARE = '<path fill-rule="evenodd" d="M5 5h90v90h-90z M30 30v40h40v-40z"/>'


class Heard:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.steps = 0

    def stage(self, name: str, steps: int | None = None) -> None:
        self.stages.append((name, steps))

    def step(self) -> None:
        self.steps += 1

    def worked(self, seconds: object, flying: int) -> None:
        raise AssertionError("no photo is worked on")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a catalogue of two brands with marks and one without."""
    crop(tmp_path / "marks" / "a.png", 1)
    (tmp_path / "marks" / "b.svg").write_bytes(svg(SQUARE))
    (tmp_path / "c.yaml").write_text(
        "- {name: Kestrel, marks: [marks/a.png, marks/b.svg]}\n"
        "- {name: Brightwater, marks: [marks/b.svg]}\n- name: Nimbus\n"
    )
    return tmp_path / "c.yaml"


@pytest.mark.models
def test_the_same_pictures_give_the_same_bytes(file: Path, tmp_path: Path) -> None:
    heard = Heard()
    first = build(file, LocalWorkers(1), heard)
    assert first is not None
    assert [stage for stage, _ in heard.stages] == [
        "read the marks",
        "index the marks",
        "learn the marks",
    ]
    assert heard.steps == 9
    data = built_path(file).read_bytes()
    again = build(file, LocalWorkers(2), Silence(), tmp_path / "other.safetensors")
    assert again is not None
    assert again.digest == first.digest
    assert (tmp_path / "other.safetensors").read_bytes() == data
    found = require_built(load_catalogue(file), file, first.digest)
    assert found is not None
    built = load_built(found.path, found.digest)
    assert built.record.brands == ["Brightwater", "Kestrel"]
    assert built.record.files.keys() == {"marks/a.png", "marks/b.svg"}
    assert built.keypoints
    assert built.regions
    assert not built.scenes


@pytest.mark.models
def test_another_picture_gives_another_file(file: Path) -> None:
    first = build(file, LocalWorkers(1), Silence())
    crop(file.parent / "marks" / "a.png", 2)
    second = build(file, LocalWorkers(1), Silence())
    assert first is not None
    assert second is not None
    assert first.digest != second.digest


def test_names_alone_need_no_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("- name: Nimbus\n")
    assert build(tmp_path / "c.yaml", LocalWorkers(1), Silence()) is None
    assert [p.name for p in tmp_path.iterdir()] == ["c.yaml"]


def test_a_bad_mark_is_named_with_its_brand_and_nothing_is_written(file: Path) -> None:
    built_path(file).write_bytes(b"old")
    (file.parent / "marks" / "a.png").write_bytes(b"no")
    with pytest.raises(PicturesUnusable, match=r"'Kestrel': marks/a\.png is not"):
        build(file, LocalWorkers(1), Silence())
    assert built_path(file).read_bytes() == b"old"


def test_a_bad_catalogue_or_place_is_told_before_anything_is_read(file: Path) -> None:
    with pytest.raises(OutputUnwritable):
        build(file, LocalWorkers(1), Silence(), file.parent / "none" / "x.safetensors")
    file.write_text("- {name: Kestrel, marks: [../a.png]}\n")
    with pytest.raises(CatalogueInvalid, match="PL-CAT-008"):
        build(file, LocalWorkers(1), Silence())


@pytest.mark.models
def test_scenes_are_taught_by_redacted_examples(tmp_path: Path) -> None:
    for i in range(4):
        place(tmp_path / f"beach{i}.jpg", i)
        place(tmp_path / f"wall{i}.jpg", i, sea=False)
    lines = []
    for name in ("wall", "beach"):
        listed = ", ".join(f"{name}{i}.jpg" for i in range(4))
        lines.append(f"- {{name: {name}, kind: scene, examples: [{listed}]}}")
    file = tmp_path / "c.yaml"
    file.write_text("\n".join(lines))
    result = build(file, LocalWorkers(1), Silence())
    assert result is not None
    assert result.withheld == ()
    built = load_built(result.path, result.digest)
    assert built.record.scenes == ["beach", "wall"]
    assert built.scenes
    assert not built.regions
    again = build(file, LocalWorkers(2), Silence())
    assert again is not None
    assert again.digest == result.digest


@pytest.mark.models
def test_a_scene_whose_photo_is_none_is_told(tmp_path: Path) -> None:
    for i in range(2):
        place(tmp_path / f"{i}.jpg", i)
    (tmp_path / "2.jpg").write_bytes(b"no")
    file = tmp_path / "c.yaml"
    file.write_text("- {name: beach, kind: scene, examples: [0.jpg, 1.jpg, 2.jpg]}\n")
    with pytest.raises(PicturesUnusable, match=r"'beach': 2\.jpg is not a photo"):
        build(file, LocalWorkers(1), Silence())
    assert not built_path(file).exists()
