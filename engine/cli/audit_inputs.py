"""`crowdlens audit inputs` and `erase`: open a run's commitments, or see to it that nobody can."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from audit import Entry, Trust
from audit import verify as verify_log
from audit.commitments import destroy, expired_runs
from engine.cli.console import say, show, show_json
from engine.cli.options import (
    SOURCE,
    Json,
    LogDirectory,
    OptOutKey,
    OptOutList,
    TrustFile,
    optout_place,
    today,
    trust_file,
)

Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id; its first letters will do.")]


def inputs(
    run: Run,
    photos: Annotated[Path, typer.Option("--photos", metavar="SOURCE", help=SOURCE)],
    log: LogDirectory,
    optouts: OptOutList = None,
    optouts_key: OptOutKey = None,
    identities: Annotated[
        Path | None,
        typer.Option("--identities", help="The map of accounts, where the run had one."),
    ] = None,
    trust: TrustFile = None,
    json: Json = False,
) -> None:
    """Say whether a source is what a run read, by the salts in the log's private folder.

    Compared are account, path and day of each row that the run let in; no photo is opened. Give the
    opt-out list and the identity map that the run had, as they were then. Exits with 8 where the
    source or the list is another one, and with 9 where the salts are gone, or a list is missing.

    Example: crowdlens audit inputs 1838e1a1 --photos photos --log log
    """
    from engine.shown_inputs import run_named, show_inputs  # noqa: PLC0415  loads polars
    from engine.sources import SourceAt, read_identities  # noqa: PLC0415

    entries = _verified(log, trust)
    shown = show_inputs(
        log,
        entries,
        run_named(entries, run),
        SourceAt(photos),
        today(),
        persons=None if identities is None else read_identities(identities),
        optouts=optout_place(optouts, optouts_key),
    )
    if json:
        answer = {"run": shown.run, "rows": shown.rows, "optouts": shown.optouts}
        show_json({**answer, "applied_a_list": shown.applied})
    else:
        show(f"rows      {_MARKS[shown.rows]}")
        if shown.optouts is not None:
            show(f"opt-outs  {_MARKS[shown.optouts]}")
        elif shown.applied:
            show("opt-outs  not checked: the run applied a list; give --optouts")
    shown.require()


def erase(
    log: LogDirectory,
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="The run's id; its first letters will do."),
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="Every run that began before.")
    ] = None,
    expired: Annotated[
        bool,
        typer.Option("--expired", help="Every run whose policy lets its salts be kept no longer."),
    ] = False,
    trust: TrustFile = None,
    json: Json = False,
) -> None:
    """Destroy the salts of runs, so that nobody can ever show what they read.

    It can't be undone. The log, its proofs, budgets and releases verify as before. Backups and
    snapshots of the log's private folder are up to you.

    Example: crowdlens audit erase --before 2026-06-01 --log log
    """
    from engine.shown_inputs import run_named, runs_before  # noqa: PLC0415  loads polars

    if (run is not None) + (before is not None) + expired != 1:
        raise typer.BadParameter("give RUN, --before DATE or --expired")
    entries = _verified(log, trust)
    if run is not None:
        runs: tuple[str, ...] = (run_named(entries, run),)
    elif before is not None:
        runs = runs_before(log, entries, _day(before))
    else:
        runs = expired_runs(log, today())
    erased = destroy(log, runs)
    if json:
        show_json({"erased": list(erased)})
        return
    for gone in erased:
        show(f"erased  {gone}")
    if not erased:
        say("There was nothing to destroy.")
        return
    say("Of these runs nobody can show any more which rows and which opt-out list they read.")
    say("What the log says verifies as before: budget, policies, code, releases and their proofs.")


def _verified(log: Path, trust: Path | None) -> tuple[Entry, ...]:
    result = verify_log(log, Trust.load(trust_file(trust, log)))
    if result.failure is not None:
        raise result.failure
    return tuple(result.entries)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write the date like 2026-06-01") from None


_MARKS = {True: "the same", False: "NOT THE SAME", None: "not checked: give --optouts"}
