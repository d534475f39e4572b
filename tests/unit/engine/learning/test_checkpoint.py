"""What a training keeps on disk: gone on with, never in clear, its key destroyed first."""

from pathlib import Path

import numpy as np
import pytest

from engine.learning import checkpoint
from engine.learning.checkpoint import EncryptedTraining, MemoryTraining, discard
from engine.learning.embedding_job import Points
from engine.learning.errors import TrainingChanged
from engine.learning.interface import State
from engine.learning.packing import Paid
from engine.store import EncryptedStore, StorePlace, StoreUnusable, opening
from engine.store.directory import remove_parts

RULES, OTHER = b"r" * 32, b"o" * 32
PHOTOS = b"p" * 32
ROWS = np.linspace(0.1, 0.9, 6, dtype=np.float32).reshape(2, 3)
POINTS = Points(ROWS, np.array([0, 2], dtype=np.int64))
STATE = State(3, np.linspace(1, 2, 6).reshape(2, 3), np.linspace(3, 4, 6).reshape(2, 3))


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    (tmp_path / "keys").mkdir()
    return StorePlace(tmp_path / "store", tmp_path / "keys" / "store.key")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "PART_PHOTOS", 2)


def same(one: Points | None, other: Points | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool((one.rows == other.rows).all() and (one.targets == other.targets).all())


def begun(place: StorePlace, *points: Points | None) -> None:
    with EncryptedTraining.taken(place, RULES) as store:
        store.begin(PHOTOS)
        for one in points:
            store.add(one)


def test_what_is_done_is_there_when_it_is_taken_again(place: StorePlace) -> None:
    nothing = Points(ROWS[:0], np.zeros(0, np.int64))
    kept = [POINTS, None, nothing, POINTS, None]
    begun(place, *kept)
    with EncryptedTraining.taken(place, RULES) as store:
        keys = store.keys
        assert store.begin(PHOTOS) == len(kept)
        assert all(map(same, store.points(), kept))
        store.note(Paid("run", STATE))
        assert keys.ranks != keys.contributors
    with EncryptedTraining.taken(place, RULES) as store:
        assert store.keys == keys
        paid = store.paid
        assert paid is not None
        assert (paid.run, paid.head, paid.figures) == ("run", None, None)
        assert paid.state is not None
        assert paid.state.step == 3
        assert (paid.state.weights == STATE.weights).all()
        assert (paid.state.velocity == STATE.velocity).all()
        store.note(Paid("run", None, ROWS, (7, -1)))
    with EncryptedTraining.taken(place, RULES) as store:
        assert store.paid is not None
        assert store.paid.figures == (7, -1)
        assert store.paid.head is not None
        assert np.array_equal(store.paid.head, ROWS)


def test_nothing_lies_there_in_clear(place: StorePlace) -> None:
    with EncryptedTraining.taken(place, RULES) as store:
        store.begin(PHOTOS)
        store.add(POINTS)
        store.points()
        store.note(Paid("zq-run-canary", STATE, ROWS, (123456789,)))
        files = {file.name: file.read_bytes() for file in place.directory.iterdir()}
    assert set(files) == {"lock", "start", "state", "000000.part"}
    secrets = [ROWS.tobytes(), STATE.weights.tobytes(), STATE.velocity.tobytes()]
    secrets += [b"zq-run-canary", b"123456789", ROWS[0].tobytes(), b"weights", PHOTOS, RULES]
    for name, data in files.items():
        assert not any(secret in data for secret in secrets), name
        assert data == b"" or data.startswith(b"crowdlens-training/1\n")
    assert {place.directory.stat().st_mode & 0o777, place.key.stat().st_mode & 0o777} == {
        *(0o700, 0o600)
    }


def test_at_the_end_the_key_goes_before_the_rest(
    place: StorePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(place, POINTS, POINTS)
    seen: list[bool] = []

    def watched(directory: Path) -> None:
        seen.append(place.key.exists())
        remove_parts(directory)

    monkeypatch.setattr(opening, "remove_parts", watched)
    with EncryptedTraining.taken(place, RULES) as store:
        store.note(Paid("run"))
        store.destroy()
    assert seen == [False]
    assert not place.directory.exists()


def test_one_that_has_paid_is_never_dropped_for_other_rules_or_photos(place: StorePlace) -> None:
    begun(place, POINTS, POINTS)
    with EncryptedTraining.taken(place, OTHER) as store:
        assert store.begin(PHOTOS) == 0
        store.note(Paid("run"))
    with pytest.raises(TrainingChanged), EncryptedTraining.taken(place, RULES):
        pass
    with EncryptedTraining.taken(place, OTHER) as store, pytest.raises(TrainingChanged):
        store.begin(RULES)
    with EncryptedTraining.taken(place, OTHER) as store:
        assert store.paid is not None
        assert store.begin(PHOTOS) == 0
        store.note(None)
        assert store.begin(RULES) == 0


def test_a_changed_or_swapped_file_is_not_believed(place: StorePlace) -> None:
    begun(place, POINTS, POINTS, None, None)
    first, second = (place.directory / f"00000{n}.part" for n in (0, 1))
    first.write_bytes(second.read_bytes())
    with EncryptedTraining.taken(place, RULES) as store:
        assert store.begin(PHOTOS) == 0
        store.note(Paid("run", STATE))
    state = place.directory / "state"
    state.write_bytes(state.read_bytes()[:-1] + b"\0")
    with EncryptedTraining.taken(place, RULES) as store:
        assert store.paid is None


def test_a_runs_store_is_not_taken_for_a_trainings(place: StorePlace) -> None:
    with EncryptedStore.taken(place, RULES) as store:
        store.begin(PHOTOS)
        store.add([])
    with pytest.raises(StoreUnusable), EncryptedTraining.taken(place, RULES):
        pass
    with pytest.raises(StoreUnusable):
        discard(place)


def test_what_a_killed_training_left_is_removed_once_its_model_is_there(place: StorePlace) -> None:
    discard(place)
    begun(place, POINTS, POINTS)
    discard(place)
    assert not place.directory.exists()
    assert not place.key.exists()


def test_in_memory_all_is_forgotten() -> None:
    store = MemoryTraining()
    assert store.begin(PHOTOS) == 0
    store.add(POINTS)
    store.note(Paid("run", STATE))
    assert len(store.points()) == 1
    store.destroy()
    assert (list(store.points()), store.paid) == ([], None)
