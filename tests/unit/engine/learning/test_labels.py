"""A labels file: what it teaches, and what is wrong with it by row."""

from datetime import date
from pathlib import Path

import pytest

from engine.learning.errors import LabelsUnusable
from engine.learning.labels import Lesson, read_labels, require_there
from engine.sources import FolderSource, SourceAt, find_source
from policies.errors import TruthInvalid
from tests.places import write_manifest
from tests.planted.exports import write_tumblr, write_x
from tests.training_places import write_lessons
from tests.unit.engine.learning.trainings import recipe
from tests.unit.engine.sources.test_finding import SHOTS

RECIPE = recipe(labels=("acme", "zeta"))


def write(tmp_path: Path, *rows: tuple[object, ...]) -> Path:
    return write_lessons(tmp_path / "labels.csv", rows)


def test_lessons_stand_by_photo_and_none_twice(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        ("a.jpg", "brand", "zeta", 1, 2, 3.5, 4),
        ("a.jpg", "brand", "zeta", "1.0", 2, 3.5, 4),
        ("a.jpg", "face", "", 1, 2, 3, 4),
        ("b.jpg", "scene", "beach"),
        ("c.jpg", "brand", "acme"),
        ("d.jpg", "brand", ""),
    )
    labels = read_labels(file, RECIPE, nothing_else=True)
    assert labels.lessons == {
        "a.jpg": (Lesson(1, (1.0, 2.0, 3.5, 4.0)),),
        "c.jpg": (Lesson(0),),
        "d.jpg": (Lesson(2),),
    }
    assert labels.rows == {"a.jpg": 1, "c.jpg": 5, "d.jpg": 6}


def test_one_label_can_be_told_from_public_pictures_alone(tmp_path: Path) -> None:
    file = write(tmp_path, ("a.jpg", "brand", "acme"))
    one = recipe(labels=("acme",))
    assert read_labels(file, one, nothing_else=False).lessons == {"a.jpg": (Lesson(0),)}
    with pytest.raises(LabelsUnusable, match="one class only"):
        read_labels(file, one, nothing_else=True)


def test_a_scene_has_no_box(tmp_path: Path) -> None:
    file = write(tmp_path, ("a.jpg", "scene", "acme"), ("b.jpg", "scene", "zeta", 1, 1, 2, 2))
    with pytest.raises(LabelsUnusable, match="row 2: a scene is of the whole photo"):
        read_labels(file, recipe(kind="scene"), nothing_else=False)


def test_what_is_no_truth_file_is_called_by_its_own_name(tmp_path: Path) -> None:
    for text in ("", "photo,kind\n", "photo,kind,label\na.jpg,brand\n", "photo,kind,label\n"):
        (tmp_path / "labels.csv").write_text(text)
        with pytest.raises(TruthInvalid, match="the labels file"):
            read_labels(tmp_path / "labels.csv", RECIPE, nothing_else=False)


def test_a_photo_that_the_source_has_not_is_told_by_its_first_row(tmp_path: Path) -> None:
    rows = [("./sub//a.jpg", "", "2026-06-02"), ("b.jpg", "ben", "2001-01-01")]
    source = write_manifest(tmp_path / "source", rows)
    there = [("sub/a.jpg", "brand", "acme"), ("b.jpg", "brand", "zeta")]
    labels = read_labels(write(tmp_path, *there), RECIPE, nothing_else=False)
    require_there(labels, FolderSource(source))
    more = [("zq-gone.jpg", "brand", "acme"), ("zq-lost.jpg", "brand", "acme")]
    labels = read_labels(write(tmp_path, *there, *more), RECIPE, nothing_else=False)
    with pytest.raises(LabelsUnusable, match="row 3: the source has no photo") as refused:
        require_there(labels, SourceAt(source))
    assert "zq-" not in str(refused.value) + refused.value.hint


def test_of_several_exports_a_path_begins_with_the_exports_name(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_x(exports / "ana", "ana", SHOTS)
    write_tumblr(exports / "ben", "ben", SHOTS)
    source = find_source(exports)
    photos = source.photos(date.min, date.max, bytes(32))
    paths = {photo.path for photo in photos}
    assert len(paths) == len(photos) > 2
    assert {path.split("/")[0] for path in paths} == {entry.name for entry in exports.iterdir()}
    strange = {"ana/gone.jpg", "zoe/gone.jpg", "gone.jpg"}
    assert source.lacks(paths | strange) == strange
