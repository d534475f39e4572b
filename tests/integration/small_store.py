"""Keep sightings on a disk with little space, or none that may be written; on a disk of its own.

Usage: unshare --user --map-root-user --mount python small_store.py ROOT PAGE...
For each PAGE, a number of free pages of 4 KiB or `ro` for a disk that is read-only, prints a line
of JSON: whether the store stopped, after how many photos it goes on once the disk has space,
whether what it has then seen is what an unbroken one sees, and what is left when it ends.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from engine.store import EncryptedStore, MemoryStore, SightingStore, StorePlace, StoreUnwritable
from engine.store import encrypted as parts
from tests.integration.own_disk import call, fill, mount

PHOTOS = 24
PART_PHOTOS = 4
RULES, LIST = b"r" * 32, b"p" * 32


def main(root: Path, kinds: list[str]) -> None:
    """Try every kind of disk."""
    parts.PART_PHOTOS = PART_PHOTOS  # type: ignore[misc]
    disk = root / "disk"
    disk.mkdir()
    unbroken = MemoryStore()
    look(unbroken)
    for kind in kinds:
        mount(disk)
        (disk / "keys").mkdir()
        place = StorePlace(disk / "sightings", disk / "keys" / "sightings.key")
        with space(disk, kind):
            stopped = not attempt(place)
        with EncryptedStore.taken(place, RULES) as store:
            done = look(store)
            same = all(
                ours.equals(theirs)
                for ours, theirs in zip(
                    vars(store.seen()).values(), vars(unbroken.seen()).values(), strict=True
                )
            )
            store.destroy()
        left = sorted(str(file.relative_to(disk)) for file in disk.rglob("*"))
        sys.stdout.write(json.dumps([kind, stopped, done, same, left]) + "\n")
        call("umount", str(disk))


@contextmanager
def space(disk: Path, kind: str) -> Iterator[None]:
    """Leave so much space while this lasts."""
    ballast = disk / "ballast"
    fill(ballast, 0 if kind == "ro" else int(kind))
    if kind == "ro":
        call("mount", "-o", "remount,ro", str(disk))
    yield
    if kind == "ro":
        call("mount", "-o", "remount,rw", str(disk))
    ballast.unlink()


def attempt(place: StorePlace) -> bool:
    """Look at all photos; say whether that went well."""
    try:
        with EncryptedStore.taken(place, RULES) as store:
            look(store)
    except StoreUnwritable:
        return False
    return True


def look(store: SightingStore) -> int:
    """Look at the photos that are not done; return where that began."""
    done = store.begin(LIST)
    for number in range(done, PHOTOS):
        row = (f"c{number % 5}", number, "photo", "", date(2026, 6, 1), None, None)
        store.add([row], (f"c{number % 5}", number, bytes([number]) * 32))
    store.seen()
    return done


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
