"""The entry point: the commands, and the one place where an error becomes an exit code."""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from audit.errors import AuditError
from engine.cli import (
    audit_log,
    budget,
    catalogue,
    demo,
    doctor,
    evaluate,
    init,
    insight,
    notice,
    optouts,
    policy,
    redact,
    run,
    train,
)
from engine.cli.console import say, show
from engine.errors import EngineError
from engine.provenance import version
from policies.errors import PoliciesError
from redaction.errors import RedactionError

EXIT_CODES = """\
Exit codes: 0 done or verified; 1 our bug; 2 wrong usage; 3 log tampered or forked; 4 log rolled
back or cut; 5 signature or key not trusted; 6 witness or anchor missing; 7 policy or budget says
no; 8 output does not match its record; 9 input unusable; 10 log or output can't be written."""

INTERRUPTED = 130
"""The exit code by which Typer says that an interrupt (Ctrl-C) ended a command."""

GO_ON = {
    "run": "Give the same command again: it goes on, or finishes what it has paid for.",
    "train": "Give the same command again: with --store it goes on with what it has paid for.",
    "demo": "What it made so far stays in its directory; give another --out, or remove it.",
    "catalogue": "Give the same command again; a catalogue is changed whole or not at all.",
}
"""What to do after an interrupt, by command."""
START_AGAIN = "Give the same command again; it starts from the beginning."

app = typer.Typer(
    name="crowdlens",
    help="Learn about brands and trends from photos without learning anything about a person.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    # Tracebacks with local values would print data.
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


_wanted = {"debug": False}


def _version(wanted: bool) -> None:
    if wanted:
        show(f"crowdlens {version()}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="CROWDLENS_DEBUG", help="Show where our own errors happen."),
    ] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    _wanted["debug"] = debug


app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("run")(run.run)
app.command("train")(train.train)
app.command("insight")(insight.insight)
app.add_typer(policy.app, name="policy")
app.command("notice")(notice.notice)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(optouts.app, name="optouts")
app.command("redact")(redact.redact)
app.add_typer(evaluate.app, name="evaluate")
app.command("budget")(budget.budget)
app.add_typer(audit_log.app, name="audit")
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line; every error becomes one clear sentence and its exit code."""
    try:
        app()
    except (PoliciesError, RedactionError, AuditError, EngineError) as error:
        say(f"crowdlens: {error}")
        if error.hint:
            say(f"  {error.hint}")
        _trace(error)
        sys.exit(error.exit_code)
    except SystemExit as left:
        if left.code == INTERRUPTED:
            say("crowdlens: stopped by you; what was spent stays spent")
            say(f"  {GO_ON.get(_command(), START_AGAIN)}")
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except BaseException as error:  # a panic in a library's Rust code is no Exception
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        # The error's own text may quote data: only its kind and place are said.
        say(f"crowdlens: a fault of ours ({type(error).__name__} at {place})")
        say("  Run again with --debug and report it; the log is as it was or says what was spent.")
        _trace(error)
        sys.exit(1)


def _command() -> str:
    """Return the first word that is no option."""
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "")


def _trace(error: BaseException) -> None:
    """Print the places an error came through, without values: neither locals nor messages."""
    if not _wanted["debug"]:
        return
    seen: BaseException | None = error
    while seen is not None:
        say(type(seen).__name__)
        for frame in traceback.extract_tb(seen.__traceback__):
            say(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        seen = seen.__cause__ or seen.__context__
