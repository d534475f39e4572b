"""Whether a source is what a run read: its commitments opened, by whoever holds the salts.

The answer is yes or no. Which rows differ, and how many, is nobody's to learn from a commitment.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from audit import Entry, SaltsGone
from audit.bodies import RunInputs
from audit.commitments import commit_list, commit_rows, kept_runs, opening_of
from engine.errors import EngineError
from engine.intake import OptOutPlace
from engine.optouts import load_secret, open_list
from engine.sources import Admission, Persons, Source


class NoSuchRun(EngineError):
    """The log has no such run, or several whose ids begin that way."""

    code: ClassVar[str] = "no-such-run"
    exit_code: ClassVar[int] = 2


class ListNotGiven(EngineError):
    """The run applied an opt-out list; without it nobody can say whether other rows are others."""

    code: ClassVar[str] = "list-not-given"
    exit_code: ClassVar[int] = 9


class InputsDiffer(EngineError):
    """What was given is not what the run committed to."""

    code: ClassVar[str] = "inputs-differ"
    exit_code: ClassVar[int] = 8


@dataclass(frozen=True)
class Shown:
    """What a run's commitments, opened, say of a source."""

    run: str
    rows: bool | None
    """Whether the run read exactly the source's rows: account, path and day of each. None where the
    list that it applied was not given, and may be all that makes a difference."""
    optouts: bool | None
    """Whether the list that was given is the one that was applied; None where none was given."""
    applied: bool
    """Whether the run applied a list at all."""

    def require(self) -> None:
        """Raise `InputsDiffer` or `ListNotGiven` unless all that was given is what the run had."""
        if self.optouts is False:
            raise InputsDiffer(
                "the opt-out list is not the one that the run applied",
                hint="Give the list as it was on the day of the run.",
            )
        if self.rows is None:
            raise ListNotGiven(
                "whether the run read this source can't be said without the list that it applied",
                hint="Give --optouts and --optouts-key, as they were on the day of the run.",
            )
        if not self.rows:
            raise InputsDiffer(
                "the source is not what the run read",
                hint="Give the source, the opt-out list and the identity map as they were then.",
            )


def show_inputs(
    log: Path,
    entries: Sequence[Entry],
    run: str,
    source: Source,
    today: date,
    *,
    persons: Persons | None = None,
    optouts: OptOutPlace | None = None,
) -> Shown:
    """Return what a verified log's run says of this source; opens no photo.

    Args:
        log: the log's directory, with its private folder.
        entries: its entries, verified.
        run: the run's id.
        source: what may be what the run read.
        today: the UTC date.
        persons: which accounts are one person's, where the run joined them.
        optouts: the list that the run applied.

    Raises `SaltsGone` where nobody can say any more, or nothing was ever committed to.
    """
    committed = [e.body for e in entries if e.run_id == run and isinstance(e.body, RunInputs)]
    if not committed:
        raise SaltsGone(
            "this run did not commit to what it read",
            hint="It is of an earlier version, or ended before that.",
        )
    (body,) = committed
    opening = opening_of(log, run)
    listed = None
    if optouts is not None:
        listed = open_list(optouts.list, load_secret(optouts.key), today)
    admission = Admission(
        listed if listed is not None else frozenset(),
        consent=opening.consent,
        mark_key=opening.salts.inputs,
    )
    photos = source.photos(
        opening.first, opening.last, secrets.token_bytes(32), persons, admission=admission
    )
    same_list = None
    if listed is not None:
        same_list = commit_list(opening.salts, listed.data) == body.optouts
    applied = body.optouts is not None
    same = commit_rows(opening.salts, (photo.mark for photo in photos)) == body.inputs
    rows = None if not same and applied and listed is None else same
    return Shown(run, rows, same_list, applied)


def run_named(entries: Sequence[Entry], beginning: str) -> str:
    """Return the run of a log whose id begins so; raises `NoSuchRun` for none or several."""
    found = {entry.run_id for entry in entries if entry.run_id is not None}
    named = sorted(run for run in found if beginning and run.startswith(beginning))
    if len(named) != 1:
        problem = "no run" if not named else "several runs"
        raise NoSuchRun(
            f"the log has {problem} whose id begins like that",
            hint="`crowdlens audit show --type run.start` lists them.",
        )
    return named[0]


def runs_before(log: Path, entries: Sequence[Entry], day: date) -> tuple[str, ...]:
    """Return the runs with salts that began before a day, and those that the log never had."""
    begun = {e.run_id: e.day for e in entries if e.type == "run.start"}
    return tuple(run for run in kept_runs(log) if begun.get(run, date.min) < day)
