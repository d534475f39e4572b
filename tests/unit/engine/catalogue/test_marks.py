"""From pixels to marks: crops as they are, drawings on a ground that they stand out from."""

from pathlib import Path

import numpy as np
import pytest

from engine.catalogue.errors import PicturesUnusable
from engine.catalogue.flaws import Flaw
from engine.catalogue.marks import Problem, mark_of, read_marks, require_none
from engine.catalogue.pictures import Drawer
from policies.canonical import digest_of_bytes
from policies.catalogue import Catalogue
from tests.unit.engine.catalogue.drawing import crop, svg


def drawn(shade: int) -> np.ndarray:
    pixels = np.zeros((60, 100, 4), np.uint8)
    pixels[10:50, 20:80] = (shade, shade, shade, 255)
    return pixels


def test_a_crop_stays_as_it_is() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    mark = mark_of("Nike", pixels)
    assert mark.label == "Nike"
    assert mark.alpha is None
    assert not mark.drawn
    assert np.array_equal(mark.pixels, pixels)


@pytest.mark.parametrize(("shade", "ground"), [(0, 255), (120, 255), (255, 32)])
def test_a_drawing_gets_a_ground_that_it_stands_out_from(shade: int, ground: int) -> None:
    mark = mark_of("Nike", drawn(shade))
    assert mark.drawn
    assert mark.alpha is not None
    assert mark.pixels.shape == (52, 72, 3)
    assert mark.alpha.shape == (52, 72)
    assert mark.pixels[0, 0].tolist() == [ground] * 3
    assert mark.pixels[26, 36].tolist() == [shade] * 3
    assert mark.alpha[0, 0] == 0
    assert mark.alpha[26, 36] == 255


def test_every_mark_is_read_and_every_problem_told(tmp_path: Path, drawer: Drawer) -> None:
    crop(tmp_path / "a.png")
    (tmp_path / "b.svg").write_bytes(svg())
    (tmp_path / "c.png").write_bytes(b"no")
    catalogue = Catalogue.model_validate(
        [{"name": "A", "marks": ["a.png", "c.png"]}, {"name": "B", "marks": ["b.svg", "d.png"]}]
    )
    steps: list[int] = []
    read = read_marks(catalogue, tmp_path, drawer, lambda: steps.append(1))
    assert [(mark.label, mark.drawn) for mark in read.marks] == [("A", False), ("B", True)]
    assert read.files == ("a.png", "b.svg")
    assert read.digests["b.svg"] == digest_of_bytes(svg())
    assert [p.sentence for p in read.problems] == [
        "'A': c.png is not a PNG, JPEG or SVG picture",
        "'B': d.png is missing or can't be read",
    ]
    assert len(steps) == 4
    with pytest.raises(PicturesUnusable, match=r"c\.png.*; 'B': d\.png"):
        require_none(read.problems)


def test_many_problems_are_told_in_one_readable_sentence() -> None:
    with pytest.raises(PicturesUnusable, match=r"and 30 more$"):
        require_none(tuple(Problem("A", f"{i}.png", Flaw.TINY) for i in range(50)))
