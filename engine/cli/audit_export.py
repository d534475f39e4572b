"""`crowdlens audit export` and `audit prove`: what an auditor takes along from a log."""

from pathlib import Path
from typing import Annotated

import typer

from audit import Trust, prove, verify
from audit.durable import create_result
from audit.export import export_jsonl, export_sqlite
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, trust_file


def export(
    log: LogDirectory,
    trust: TrustFile = None,
    sqlite: Annotated[
        Path | None, typer.Option("--sqlite", help="A new SQLite file: one table a kind of thing.")
    ] = None,
    jsonl: Annotated[
        Path | None, typer.Option("--jsonl", help="A new file of JSON lines, as they were signed.")
    ] = None,
    json: Json = False,
) -> None:
    """Write the entries of a log that verifies into a file for other programs.

    Example: crowdlens audit export --log site/log --sqlite log.db
    """
    if (sqlite is None) == (jsonl is None):
        raise typer.BadParameter("give --sqlite FILE or --jsonl FILE")
    result = verify(log, Trust.load(trust_file(trust, log)))
    if sqlite is not None:
        export_sqlite(result, sqlite)
    elif jsonl is not None:
        export_jsonl(result, jsonl)
    if json:
        show_json({"out": str(sqlite or jsonl), "entries": len(result.entries)})
        return
    show(f"{sqlite or jsonl}  {len(result.entries)} entries of a log that verifies")


def prove_entry(
    entry: Annotated[int, typer.Argument(min=0, metavar="ENTRY", help="The entry's number.")],
    log: LogDirectory,
    trust: TrustFile = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A new file for the proof. Default: standard output."),
    ] = None,
) -> None:
    """Write the proof that an entry is in the log: it needs no log to be verified.

    Example: crowdlens audit prove 5 --log site/log --out entry.tlog-proof
    """
    data = prove(log, Trust.load(trust_file(trust, log)), entry).to_bytes()
    if out is None:
        show(data.decode().removesuffix("\n"))
        return
    create_result(out, data)
    say(f"the proof of entry {entry} is in {out}")
