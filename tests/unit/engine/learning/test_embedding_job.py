"""What one photo teaches: redacted first, by boxes of the photo as it was given, or not at all."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.learning.embedding_job import EmbeddingJob, LabelledPhoto
from engine.learning.labels import Lesson
from redaction import RedactionRules
from redaction.review import Review
from redaction.types.photo import seal

pytestmark = pytest.mark.models

BOX = (40.0, 30.0, 140.0, 130.0)


@dataclass(frozen=True)
class Bytes:
    data: bytes = b""

    def read(self, limit: int) -> bytes:
        return self.data[: limit + 1]


class TooLarge:
    def read(self, limit: int) -> bytes:
        raise MemoryError


@pytest.fixture
def rules() -> RedactionRules:
    from policies.lexicon import Lexicon

    return RedactionRules(lexicon=Lexicon(()))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Let redaction hand on a picture that is half as large as the photo was; note what it got."""
    pixels = np.random.default_rng(1).integers(0, 120, (150, 200, 3)).astype(np.uint8)
    pixels[100:140, 100:190] = 128
    raw: list[bytes] = []

    def looked(data: bytes, rules: RedactionRules) -> Review:
        raw.append(data)
        return Review(seal(pixels, (), rules.lexicon.aliases), None, size=(400, 300))

    monkeypatch.setattr("engine.learning.embedding_job.review", looked)
    return raw


def test_boxes_are_of_the_photo_as_it_was_given(rules: RedactionRules, seen: list[bytes]) -> None:
    job = EmbeddingJob(rules, "brand")
    doubled = (80.0, 60.0, 280.0, 260.0)
    one = job(LabelledPhoto(Bytes(b"raw"), (Lesson(0, doubled), Lesson(1, None))))
    assert one is not None
    assert one.rows.shape == (2, job.width)
    assert one.targets.tolist() == [0, 1]
    assert np.allclose(np.linalg.norm(one.rows, axis=1), 1, atol=1e-5)
    assert seen == [b"raw"]
    from engine.recognition.learned.points import points_of_boxes

    pixels = np.random.default_rng(1).integers(0, 120, (150, 200, 3)).astype(np.uint8)
    pixels[100:140, 100:190] = 128
    wanted = points_of_boxes(pixels, np.array([BOX], np.float32))
    assert np.allclose(one.rows[0], wanted[0], atol=1e-5)


@pytest.mark.parametrize(
    "box",
    [
        (210.0, 205.0, 370.0, 275.0),  # under the veil
        (900.0, 900.0, 990.0, 990.0),  # beside the photo
        (-90.0, -90.0, 0.0, 0.0),
        (50.0, 50.0, 50.0, 90.0),
    ],
)
def test_what_a_run_would_not_see_teaches_nothing(
    rules: RedactionRules, seen: list[bytes], box: tuple[float, float, float, float]
) -> None:
    left = EmbeddingJob(rules, "brand")(LabelledPhoto(Bytes(), (Lesson(0, box),)))
    assert left is not None
    assert len(left.rows) == len(left.targets) == 0


def test_a_scene_is_of_the_whole_photo(rules: RedactionRules, seen: list[bytes]) -> None:
    job = EmbeddingJob(rules, "scene")
    left = job(LabelledPhoto(Bytes(), (Lesson(0), Lesson(2))))
    assert left is not None
    assert left.rows.shape == (2, job.width) == (2, 2560)
    assert (left.rows[0] == left.rows[1]).all()
    assert left.targets.tolist() == [0, 2]


def test_a_photo_that_fails_ends_nothing(
    rules: RedactionRules, seen: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> object:
        raise RuntimeError("zq-canary")

    monkeypatch.setattr("engine.learning.embedding_job.points_of_boxes", fails)
    job = EmbeddingJob(rules, "brand")
    assert job(LabelledPhoto(Bytes(), (Lesson(0, BOX),))) is None
    assert job(LabelledPhoto(TooLarge(), (Lesson(0, BOX),))) is None
    assert seen[-1] == b"", "what can't be read has no bytes"


def test_what_redaction_withholds_teaches_nothing(rules: RedactionRules, tmp_path: Path) -> None:
    tiny = io.BytesIO()
    Image.new("RGB", (9, 9)).save(tiny, "PNG")
    job = EmbeddingJob(rules, "brand")
    for data in (b"", b"no photo", tiny.getvalue()):
        assert job(LabelledPhoto(Bytes(data), (Lesson(0, BOX),))) is None
