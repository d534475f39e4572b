"""A run that keeps what it sees on disk, encrypted: killed anywhere, it goes on where it was."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from engine.looking import Looking, kept
from engine.observer import Silence
from engine.setup import Place
from engine.sources import FolderSource, SourcePhoto
from engine.sources.files import PhotoFile
from engine.store import MemoryStore, SightingStore, StorePlace, encrypted
from engine.workers import LocalWorkers
from engine.workers.ray_cluster import RayWorkers
from policies.decision import StudyRules, load_rules
from tests.integration.test_kill import ENVIRONMENT, KILLED, expect_sound
from tests.places import BRANDS, draw_sign, make_place, run_words, write_manifest

pytestmark = pytest.mark.models


@dataclass(frozen=True)
class Noted:
    """A photo's file that notes when it is read."""

    file: PhotoFile
    notes: Path

    def read(self, limit: int) -> bytes:
        with self.notes.open("a") as notes:
            notes.write(f"{self.file!r}\n")
        return self.file.read(limit)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a dozen photos of signs, of several contributors."""
    folder = tmp_path_factory.mktemp("shelf")
    rows = []
    for number in range(12):
        draw_sign(folder / f"{number}.png", BRANDS[number % 3], "Open")
        rows.append((f"{number}.png", f"@c{number % 5}", "2026-06-02"))
    return write_manifest(folder, rows)


@pytest.fixture
def store_place(tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "sightings", tmp_path / "sightings.key")


@pytest.fixture
def photos(shelf: Path, place: Place, tmp_path: Path) -> tuple[SourcePhoto, ...]:
    days = load_rules(place.policy).policy.dimensions.days
    found = FolderSource(shelf).photos(*days, bytes(32))
    assert len(found) == 12
    return tuple(replace(p, file=Noted(p.file, tmp_path / "notes")) for p in found)


def rules_of(place: Place) -> StudyRules:
    return load_rules(place.policy)


class Interrupted:
    """Local workers that are stopped after some results."""

    def __init__(self, count: int, after: int) -> None:
        self.workers, self.after = LocalWorkers(count), after
        self.flying = 0

    def map(self, *given: object) -> Iterator[object]:
        results = self.workers.map(*given)  # type: ignore[arg-type, var-annotated]
        for _ in range(self.after):
            yield next(results)
        raise KeyboardInterrupt


def look(place: Place, store: SightingStore, workers: object, photos: object) -> pl.DataFrame:
    return Looking(rules_of(place), workers, store).look(photos, Silence())  # type: ignore[arg-type]


def test_what_an_interrupted_run_goes_on_to_see_is_what_an_unbroken_one_sees(
    place: Place,
    store_place: StorePlace,
    photos: tuple[SourcePhoto, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(encrypted, "PART_PHOTOS", 2)
    unbroken = look(place, MemoryStore(), LocalWorkers(2), photos)
    assert unbroken.height > len(photos), "something is seen"
    (tmp_path / "notes").unlink()
    for workers in (Interrupted(1, 1), Interrupted(2, 2)):
        with pytest.raises(KeyboardInterrupt), kept(store_place, rules_of(place)) as store:
            look(place, store, workers, photos)
    with kept(store_place, rules_of(place)) as store:
        whole = look(place, store, LocalWorkers(1), photos)
        store.destroy()
    assert whole.equals(unbroken)
    read = (tmp_path / "notes").read_text().splitlines()
    # Those in flight when it was stopped are read again, and no others.
    assert len(read) <= len(photos) + 4 + 8
    assert not store_place.directory.exists()


@pytest.mark.slow
def test_one_two_and_four_workers_see_the_same_to_the_byte(
    place: Place, photos: tuple[SourcePhoto, ...]
) -> None:
    seen = set()
    for count in (1, 2, 4):
        table = io.BytesIO()
        look(place, MemoryStore(), LocalWorkers(count), photos).write_parquet(table)
        seen.add(table.getvalue())
    assert len(seen) == 1
    assert len(seen.pop()) > 1000


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_ray_cluster_sees_what_local_workers_see(
    place: Place, photos: tuple[SourcePhoto, ...]
) -> None:
    pytest.importorskip("ray", reason="the extra crowdlens[ray] is not installed")
    here = look(place, MemoryStore(), LocalWorkers(2), photos)
    assert look(place, MemoryStore(), RayWorkers(2), photos).equals(here)


def killed_run(words: list[object], seconds: float | None) -> int:
    """Run with two photos a part; kill everything after some seconds; return the exit status."""
    process = subprocess.Popen(
        [sys.executable, str(KILLED), "0", *map(str, words)],
        env={**ENVIRONMENT, "PART_PHOTOS": "2"},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    if seconds is None:
        return process.wait(timeout=240)
    time.sleep(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def nothing_is_left(place: StorePlace) -> bool:
    return not place.directory.exists() and not place.key.exists()


def test_killed_once_parts_are_there_the_same_command_goes_on(
    tmp_path: Path, shelf: Path, store_place: StorePlace
) -> None:
    site = make_place(tmp_path / "site")
    out = tmp_path / "release"
    words = run_words(site, shelf, out, "--store", store_place.directory)
    words += ["--store-key", store_place.key]
    process = subprocess.Popen(
        [sys.executable, str(KILLED), "0", *map(str, words)],
        env={**ENVIRONMENT, "PART_PHOTOS": "2"},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    part = store_place.directory / "000000.part"
    deadline = time.monotonic() + 120
    while not part.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept_part = part.read_bytes()
    assert killed_run(words, 4.0) != 1
    if part.exists():
        assert part.read_bytes() == kept_part, "a part was made twice"
    assert killed_run(words, None) == 0
    expect_sound(site, out)
    assert nothing_is_left(store_place)
