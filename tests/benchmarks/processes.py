"""What a process and its children hold: proportional set sizes from proc(5). Linux only."""

from pathlib import Path


def children(process: int) -> list[int]:
    """Return the process's children, and theirs."""
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            numbers = [int(text) for text in file.read_text().split()]
        except OSError:  # it has just ended
            continue
        for number in numbers:
            found += [number, *children(number)]
    return found


def held(process: int) -> int:
    """Return the bytes of a process's pages, those that it shares in parts; 0 when it is gone."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0 kB")
    return int(line.split()[1]) * 1024


def held_by_tree(process: int) -> int:
    """Return the bytes of a process and all of its children."""
    return sum(held(one) for one in (process, *children(process)))


def open_files(process: int) -> int:
    """Return how many descriptors a process has open; 0 when it is gone."""
    try:
        return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return 0
