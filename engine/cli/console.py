"""Where words go: results to standard output, progress and messages to standard error."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from engine.observer import Observer, Silence

PLAIN_WIDTH = 120
"""Columns of a table where standard output is not a terminal."""


def out() -> Console:
    """Return the console of results."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def err() -> Console:
    """Return the console of messages."""
    width = None if sys.stderr.isatty() else 10_000  # one message, one line, in a log file
    return Console(stderr=True, width=width, highlight=False)


def say(message: str) -> None:
    """Tell the person something that is not the result."""
    err().print(message, markup=False)


def show(message: str = "") -> None:
    """Print a line of the result."""
    out().print(message, markup=False, soft_wrap=True)


def show_json(value: Any) -> None:
    """Print the result as one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; columns whose every cell is a number stand to the right."""
    table = Table()
    for index, column in enumerate(columns):
        numeric = rows and all(_is_number(row[index]) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    out().print(table, markup=False)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


class _Bars:
    """Draws one bar a stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: Any = None

    def stage(self, name: str, steps: int | None = None) -> None:
        self._finish()
        self._task = self._progress.add_task(name, total=steps)

    def step(self) -> None:
        self._progress.advance(self._task)

    def worked(self, seconds: Mapping[str, float], flying: int) -> None:
        """Draw nothing: a pace and the time left would tell how many photos there are."""

    def _finish(self) -> None:
        if self._task is not None:
            task = self._progress.tasks[self._task]
            self._progress.update(
                self._task, total=task.completed or 1, completed=task.completed or 1
            )


class _Lines:
    """Says one line a stage, where nothing may move."""

    def stage(self, name: str, steps: int | None = None) -> None:  # noqa: ARG002
        say(f"{name} ...")

    def step(self) -> None:
        """Say nothing."""

    def worked(self, seconds: Mapping[str, float], flying: int) -> None:
        """Say nothing."""


@contextmanager
def observing(*, quiet: bool = False) -> Iterator[Observer]:
    """Give an observer that suits the terminal: bars on one, lines off one, silence if asked."""
    if quiet:
        yield Silence()
        return
    console = err()
    if not console.is_terminal:
        yield _Lines()
        return
    # A share of the whole and the time left, never a count: a screen can be recorded.
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress)
