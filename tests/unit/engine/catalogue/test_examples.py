"""Examples are learned from as a run would see them: redacted, and never raw."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.catalogue import examples
from engine.catalogue.examples import KEPT, read_examples
from engine.catalogue.flaws import Flaw
from engine.workers.interface import Job, R, T
from policies.canonical import digest_of_bytes
from policies.catalogue import Catalogue
from redaction import Reason, Withheld
from tests.unit.engine.catalogue.drawing import place


class Here:
    """Does the work in this process."""

    def map(self, job: Job[T, R], items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        job.prepare()
        return (job(item) for item in items)


def catalogue(*names: str) -> Catalogue:
    return Catalogue.model_validate(
        [{"name": "beach", "kind": "scene", "examples": list(names)}, {"name": "Nimbus"}]
    )


@pytest.fixture
def redaction(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, object]:
    """Let redaction say what a test wants, by the photo's bytes."""
    answers: dict[bytes, object] = {}
    monkeypatch.setattr(examples, "warm_up", lambda rules: None)
    monkeypatch.setattr(examples, "redact", lambda raw, rules: answers[raw])
    return answers


def test_what_redaction_withholds_is_left_out_of_the_lesson(
    tmp_path: Path, redaction: dict[bytes, object]
) -> None:
    class Photo:
        pixels = np.zeros((1000, 1600, 3), np.uint8)

    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        (tmp_path / name).write_bytes(name.encode())
        redaction[name.encode()] = Photo()
    redaction[b"d.jpg"] = Withheld(Reason.STILL_VISIBLE)
    steps: list[int] = []
    names = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    read = read_examples(catalogue(*names), tmp_path, Here(), lambda: steps.append(1))
    assert len(steps) == 4
    assert [photo.shape for photo in read.scenes["beach"]] == [(500, KEPT, 3)] * 3
    assert read.problems == ()
    assert [(p.entry, p.file, p.flaw) for p in read.withheld] == [("beach", "d.jpg", Flaw.WITHHELD)]
    assert read.digests == {name: digest_of_bytes(name.encode()) for name in names}


def test_a_scene_that_too_few_are_left_of_is_a_problem(
    tmp_path: Path, redaction: dict[bytes, object]
) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(name.encode())
        redaction[name.encode()] = Withheld(Reason.TOO_CROWDED)
    redaction[b"b.jpg"] = Withheld(Reason.TOO_MANY_PIXELS)
    read = read_examples(catalogue("a.jpg", "b.jpg", "c.jpg"), tmp_path, Here(), lambda: None)
    assert {(p.file, p.flaw) for p in read.problems} == {
        ("a.jpg", Flaw.WITHHELD),
        ("b.jpg", Flaw.TOO_LARGE),
        ("c.jpg", Flaw.WITHHELD),
    }


def test_a_file_that_leads_away_is_not_opened(
    tmp_path: Path, redaction: dict[bytes, object]
) -> None:
    (tmp_path / "site").mkdir()
    place(tmp_path / "a.jpg")
    (tmp_path / "site" / "a.jpg").symlink_to("../a.jpg")
    read = read_examples(catalogue("a.jpg", "b.jpg", "c.jpg"), tmp_path / "site", Here(), int)
    assert [p.flaw for p in read.problems] == [Flaw.OUTSIDE, Flaw.MISSING, Flaw.MISSING]


@pytest.mark.models
def test_a_real_photo_is_redacted(tmp_path: Path) -> None:
    for i in range(3):
        place(tmp_path / f"{i}.jpg", i)
    read = read_examples(catalogue("0.jpg", "1.jpg", "2.jpg"), tmp_path, Here(), lambda: None)
    assert read.problems == ()
    assert all(photo.shape == (240, 320, 3) for photo in read.scenes["beach"])
