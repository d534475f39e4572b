"""A training killed (SIGKILL) before some durable step: it goes on, and pays once."""

import re
import signal
from pathlib import Path

import pytest

from audit import Trust, verify
from engine.setup import Place
from tests.integration.test_kill import killed
from tests.places import write_manifest
from tests.training_places import make_training_place, reserved, train_words, write_lessons

pytestmark = pytest.mark.slow

LESSONS = [("a.png", "brand", "Kestrel"), ("b.png", "brand", "Nimbus")]


def prepared(root: Path) -> tuple[Place, list[object]]:
    """Give a place and a training whose photos are of another time: nothing but its own steps."""
    root.mkdir()
    place = make_training_place(root / "site", epochs="2")
    rows = [("a.png", "ana", "2001-01-01"), ("b.png", "ben", "2001-01-01")]
    photos = write_manifest(root / "photos", rows)
    labels = write_lessons(root / "labels.csv", LESSONS)
    kept = ("--store", root / "store", "--store-key", root / "store.key")
    return place, train_words(place, photos, labels, root / "model", *kept)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Give the number of durable steps of a training that nobody kills."""
    _, words = prepared(tmp_path_factory.mktemp("count") / "whole")
    done = killed(0, words)
    assert done.returncode == 0, done.stderr
    counted = re.search(r"steps (\d+)", done.stderr)
    assert counted is not None
    return int(counted[1])


@pytest.mark.parametrize("part", range(12))
def test_killed_anywhere_it_goes_on_and_pays_once(tmp_path: Path, steps: int, part: int) -> None:
    place, words = prepared(tmp_path / "one")
    out = tmp_path / "one" / "model"
    fatal = 1 + (steps - 1) * part // 11
    assert killed(fatal, words).returncode == -signal.SIGKILL
    assert reserved(place) <= 1
    done = killed(0, words)
    assert done.returncode == 0, done.stderr
    assert reserved(place) == 1
    result = verify(place.log, Trust.load(place.trust), releases=[out])
    assert result.exit_code == 0, [c for c in result.checks if c.status == "failed"]
    left = {file.name for file in out.parent.iterdir()}
    assert left == {"site", "photos", "labels.csv", "model"}, "nothing of it stays behind"
