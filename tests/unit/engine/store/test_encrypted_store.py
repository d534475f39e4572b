"""A run's sightings on disk: gone on with, never in clear, nothing left at the end."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from engine.store import (
    EncryptedStore,
    Fingerprint,
    MemoryStore,
    Row,
    SightingStore,
    StorePlace,
    StoreUnusable,
    StoreUnwritable,
    discard,
    encrypted,
)

RULES, PHOTOS = b"r" * 32, b"p" * 32


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "sightings", tmp_path / "steward" / "sightings.key")


@pytest.fixture(autouse=True)
def steward(tmp_path: Path) -> None:
    (tmp_path / "steward").mkdir()


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted, "PART_PHOTOS", 4)


def photo(number: int, labels: int = 2) -> list[Row]:
    """Return the rows of one photo; a withheld one has none."""
    shown = [("photo", ""), *(("brand", f"Marker{i}") for i in range(labels))] if labels else []
    day = date(2026, 6, 1)
    return [(f"contributor{number}", number, k, label, day, None, "web") for k, label in shown]


def mark(number: int) -> Fingerprint | None:
    return (f"contributor{number}", number, bytes([number]) * 32) if number % 3 else None


@contextmanager
def opened(place: StorePlace, rules: bytes = RULES) -> Iterator[EncryptedStore]:
    with EncryptedStore.taken(place, rules) as store:
        yield store


def run(place: StorePlace, until: int, photos: bytes = PHOTOS, rules: bytes = RULES) -> int:
    """Look at photos up to `until`, then stop as a kill would; return where it began."""
    with pytest.MonkeyPatch.context() as killed:
        # A kill leaves no time for this.
        killed.setattr(EncryptedStore, "leave", lambda _: None)
        with opened(place, rules) as store:
            done = store.begin(photos)
            for number in range(done, until):
                store.add(photo(number, number % 3), mark(number))
    return done


def rows_of(store: SightingStore) -> list[Row]:
    seen = store.seen()
    return [*seen.sightings.rows(), *seen.fingerprints.rows()]


def unbroken(until: int) -> list[Row]:
    store = MemoryStore()
    assert store.begin(PHOTOS) == 0
    for number in range(until):
        store.add(photo(number, number % 3), mark(number))
    return rows_of(store)


def test_a_killed_run_goes_on_after_its_last_part(place: StorePlace) -> None:
    assert run(place, 10) == 0
    with opened(place) as store:
        keys = store.keys
        assert store.begin(PHOTOS) == 8
        for number in (8, 9, 10):
            store.add(photo(number, number % 3), mark(number))
        assert rows_of(store) == unbroken(11)
    with opened(place) as store:
        # `frame` wrote what was waiting: nothing is looked at twice.
        assert store.begin(PHOTOS) == 11
        assert store.keys == keys
        assert rows_of(store) == unbroken(11)


def test_an_interrupted_run_loses_nothing(place: StorePlace) -> None:
    with opened(place) as store:
        store.begin(PHOTOS)
        for number in range(6):
            store.add(photo(number, number % 3), mark(number))
    assert run(place, 6) == 6


def test_a_run_that_ends_before_its_first_photo_leaves_nothing(place: StorePlace) -> None:
    with opened(place) as store:
        store.begin(PHOTOS)
    assert not place.directory.exists()
    assert not place.key.exists()


def test_a_part_is_written_after_a_while_too(
    place: StorePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encrypted, "PART_SECONDS", 0.0)
    run(place, 3)
    assert run(place, 3) == 3


def test_other_photos_or_other_rules_start_over(place: StorePlace) -> None:
    run(place, 8)
    assert run(place, 0, photos=b"q" * 32) == 0
    assert run(place, 0) == 0, "the first photos' parts are gone for good"
    run(place, 8)
    with opened(place) as store:
        keys = store.keys
    assert run(place, 0, rules=b"s" * 32) == 0
    with opened(place, b"s" * 32) as store:
        assert store.keys != keys


def test_nothing_is_in_clear_and_nobody_else_can_read_it(place: StorePlace) -> None:
    run(place, 12)
    key = bytes.fromhex(place.key.read_text().split()[1])
    files = [file for file in place.directory.rglob("*") if file.is_file()]
    assert len(files) == 5
    for file in (*files, place.key):
        content = file.read_bytes()
        for marker in (b"Marker", b"contributor", b"brand", b"PAR1", b"2026"):
            assert marker not in content, file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert key not in content
    assert stat.S_IMODE(place.directory.stat().st_mode) == 0o700
    sizes = {file.stat().st_size for file in files if file.suffix == ".part"}
    assert len(sizes) == 1, "a part's size tells how many rows there are"


def test_when_a_run_ends_nothing_is_left(place: StorePlace) -> None:
    run(place, 9)
    (place.directory / "000007.part.new").write_bytes(b"half")
    key = os.open(place.key, os.O_RDONLY)
    with opened(place) as store:
        store.begin(PHOTOS)
        store.destroy()
    assert not place.directory.exists()
    assert not place.key.exists()
    assert not os.read(key, 1000).strip(b"\0"), "the key's bytes were not overwritten"
    os.close(key)


def test_a_published_run_that_was_killed_before_it_forgot_is_forgotten(place: StorePlace) -> None:
    discard(place)
    run(place, 9)
    discard(place)
    assert not place.directory.exists()
    assert not place.key.exists()
    run(place, 9)
    place.key.unlink()  # killed between the key and the parts
    discard(place)
    assert not place.directory.exists()


@pytest.mark.parametrize("change", ["byte", "swap", "cut", "gone"])
def test_a_part_that_does_not_open_is_looked_at_again(place: StorePlace, change: str) -> None:
    run(place, 12)
    first, second = (place.directory / f"00000{n}.part" for n in (0, 1))
    data = second.read_bytes()
    match change:
        case "byte":
            second.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
        case "swap":
            second.write_bytes(first.read_bytes())
        case "cut":
            second.write_bytes(data[:-1])
        case "gone":
            second.unlink()
    with opened(place) as store:
        assert store.begin(PHOTOS) == 4
        for number in range(4, 12):
            store.add(photo(number, number % 3), mark(number))
        assert rows_of(store) == unbroken(12)


def test_a_part_of_another_store_does_not_open(place: StorePlace, tmp_path: Path) -> None:
    other = StorePlace(tmp_path / "other", tmp_path / "steward" / "other.key")
    run(place, 8)
    run(other, 8)
    (place.directory / "000000.part").write_bytes((other.directory / "000000.part").read_bytes())
    assert run(place, 0) == 0


@pytest.mark.parametrize("change", ["missing", "other", "no key"])
def test_without_its_key_what_is_kept_is_refused_and_left(
    place: StorePlace, tmp_path: Path, change: str
) -> None:
    run(place, 8)
    other = StorePlace(tmp_path / "other", tmp_path / "steward" / "other.key")
    run(other, 8)
    match change:
        case "missing":
            place.key.unlink()
        case "other":
            place.key.write_text(other.key.read_text())
        case "no key":
            place.key.write_text("my diary\n")
    with pytest.raises(StoreUnusable):
        run(place, 8)
    assert len(list(place.directory.glob("*.part"))) == 2
    assert run(other, 8) == 8, "another store's key was touched"


def test_what_is_not_ours_is_never_overwritten(place: StorePlace, tmp_path: Path) -> None:
    for text in ("my diary\n", "ab" * 32):
        place.key.write_text(text)
        with pytest.raises(StoreUnusable, match="place of the key"):
            run(place, 4)
        assert place.key.read_text() == text
    place.key.unlink()
    (place.directory / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(StoreUnusable, match="something else"):
        run(place, 4)
    assert (place.directory / "photo.jpg").read_bytes() == b"mine"


def test_another_stores_key_is_never_taken_or_destroyed(place: StorePlace, tmp_path: Path) -> None:
    run(place, 8)
    thief = StorePlace(tmp_path / "thief", place.key)
    with pytest.raises(StoreUnusable, match="place of the key"):
        run(thief, 4)
    assert run(place, 8) == 8


def test_a_key_that_was_destroyed_but_not_removed_is_in_nobodys_way(place: StorePlace) -> None:
    place.key.write_bytes(bytes(91))
    assert run(place, 4) == 0
    assert run(place, 4) == 4


def test_the_key_has_a_place_of_its_own(place: StorePlace) -> None:
    beside = StorePlace(place.directory, place.directory / "key")
    with pytest.raises(StoreUnusable, match="the directory that it locks"):
        run(beside, 1)
    assert not place.directory.exists()


def test_one_run_at_a_time(place: StorePlace) -> None:
    with opened(place), pytest.raises(StoreUnusable, match="another run"):
        run(place, 1)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_where_a_part_can_not_be_written_the_ones_before_stand(
    place: StorePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(place, 8)
    real = os.fsync

    def full(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").endswith("000002.part.new"):
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnwritable, match="No space left"):
        run(place, 12)
    assert not list(place.directory.glob("*.new"))
    monkeypatch.undo()
    monkeypatch.setattr(encrypted, "PART_PHOTOS", 4)
    assert run(place, 12) == 8
