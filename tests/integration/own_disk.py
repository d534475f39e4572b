"""A small disk of one's own, for what runs under `unshare --user --map-root-user --mount`."""

import subprocess
from pathlib import Path

PAGE = 4096


def mount(folder: Path) -> None:
    """Put a disk of 4 MiB at a folder."""
    call("mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder))


def fill(ballast: Path, pages: int) -> None:
    """Leave so many pages."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError:
            file.truncate(file.tell() // PAGE * PAGE - pages * PAGE)


def call(*words: str) -> None:
    """Run a program of the system."""
    subprocess.run(words, check=True)
