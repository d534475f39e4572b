"""`crowdlens audit fsck`: a second opinion on a log, by code that shares nothing with the first."""

from pathlib import Path
from typing import Annotated

import typer

from audit.fsck import fsck as examine
from audit.words import UNREMEMBERED
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, trust_file

MARKS = {"passed": "passed     ", "failed": "FAILED     ", "not-checked": "not checked"}

Anchors = Annotated[
    list[Path] | None,
    typer.Option("--anchor", help="A checkpoint that you kept: the log must continue it."),
]
Releases = Annotated[
    list[Path] | None,
    typer.Option("--release", help="A published directory to hold against its record."),
]
Policies = Annotated[
    list[Path] | None,
    typer.Option("--policy", help="A policy with its approvals beside it: were they really given?"),
]


def fsck(
    log: LogDirectory,
    trust: TrustFile = None,
    anchors: Anchors = None,
    releases: Releases = None,
    json: Json = False,
) -> None:
    """Check the log a second time, with other code for every step, from bytes to budget.

    It agrees with `audit verify`; where it does not, one of the two has a fault: tell us.

    Example: crowdlens audit fsck --log site/log --release release
    """
    found = examine(log, trust_file(trust, log), anchors or (), releases or ())
    purses = {
        name: {
            "unit": purse.unit,
            "total": str(purse.total),
            "spent": str(purse.spent),
            "total_delta": str(purse.total_delta),
            "spent_delta": str(purse.spent_delta),
        }
        for name, purse in sorted(found.fold.purses.items())
    }
    if json:
        show_json(
            {
                "verified": found.exit_code == 0,
                "exit_code": found.exit_code,
                "size": found.size,
                "remembered": found.remembered,
                "checks": [
                    {"name": f.name, "status": f.status, "explanation": f.explanation}
                    for f in found.findings
                ],
                "datasets": purses if found.exit_code == 0 else None,
            }
        )
    else:
        for finding in found.findings:
            show(f"{MARKS[finding.status]}  {finding.name}: {finding.explanation}")
        if found.exit_code == 0:
            for name, purse in purses.items():
                show(f"dataset      {name}: {purse['unit']} {purse['spent']} of {purse['total']}")
            if not found.remembered:
                show(f"note         {UNREMEMBERED}")
            show(f"VERIFIED     {found.size} entries, by the second verifier")
    if found.exit_code:
        first = next(f for f in found.findings if f.exit_code == found.exit_code)
        say(f"crowdlens: {first.explanation}")
        say("  `crowdlens audit verify` asks the same, and says what to do.")
        raise typer.Exit(found.exit_code)
