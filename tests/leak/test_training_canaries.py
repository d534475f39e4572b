"""Markers put into everything that a photo carries appear in nothing that a training leaves."""

import hashlib
from pathlib import Path

import pytest

from tests.leak.test_canaries import MARKERS, NAME, canaries
from tests.leak.watched import watched
from tests.training_places import make_training_place, train_words, write_lessons

__all__ = ["canaries"]


@pytest.mark.models
@pytest.mark.slow
def test_no_canary_is_in_anything_a_training_leaves(tmp_path: Path, canaries: Path) -> None:
    place = make_training_place(tmp_path / "site")
    out, kept = tmp_path / "published" / "model", tmp_path / "kept"
    key = tmp_path / "keys" / "kept.key"
    key.parent.mkdir()
    lessons = [
        (f"{NAME}-1.jpg", "brand", "Kestrel", 20, 20, 200, 90),
        (f"{NAME}-2.png", "brand", "Kestrel", 20, 20, 200, 90),
        (f"{NAME}-3.png", "brand", "Nimbus"),
        (f"{NAME}-4.jpg", "brand", "Nimbus"),
        (f"{NAME}-missing.jpg", "brand", ""),
    ]
    labels = write_lessons(tmp_path / "labels.csv", lessons)
    words = train_words(place, canaries, labels, out, "--store", kept, "--store-key", key)
    done = watched([word for word in words if word != "--quiet"], tmp_path)

    written, temporary = set(done.written), done.temporary
    allowed = (place.root, out.parent, temporary, kept, key.parent, Path("/dev"))
    strays = {p for p in written if not any(base in (p, *p.parents) for base in allowed)}
    assert strays <= {kept}, "a training writes where it was told to, and nowhere else"
    assert any(kept in path.parents for path in written), "the recorder must see the store"
    assert not kept.exists()
    assert not key.exists()

    leavings = done.leavings(place.root, out.parent)
    assert str(out / "model.safetensors") in leavings
    digests = [hashlib.sha256(f.read_bytes()).hexdigest() for f in canaries.iterdir()]
    digests.append(hashlib.sha256(labels.read_bytes()).hexdigest())
    for place_name, data in leavings.items():
        lowered = data.lower()
        for marker in (*MARKERS, *digests):
            assert marker.lower().encode() not in lowered, f"{marker} is in {place_name}"
