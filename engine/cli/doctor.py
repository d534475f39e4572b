"""`crowdlens doctor`: is this machine fit to run studies?"""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import show, show_json
from engine.cli.options import Json, OptOutKey, OptOutList, TrustFile, today, trust_file

_MARKS = {"fine": "fine       ", "problem": "PROBLEM    ", "not checked": "not checked"}


def doctor(
    log: Annotated[
        Path | None, typer.Option("--log", envvar="CROWDLENS_LOG", help="A log to verify too.")
    ] = None,
    trust: TrustFile = None,
    optouts: OptOutList = None,
    optouts_key: OptOutKey = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Is the opt-out list fresh enough for it?")
    ] = None,
    json: Json = False,
) -> None:
    """Check Python, the models, the disk, an opt-out list, and a log with its keys and salts.

    Example: crowdlens doctor --log site/log
    """
    from engine.doctor import OptOuts, examine_machine  # noqa: PLC0415  loads the models

    listed = OptOuts(optouts, optouts_key, policy) if optouts is not None else None
    trusted = trust_file(trust, log) if log else None
    findings = list(examine_machine(log, trusted, listed, today()))
    fit = all(finding.status != "problem" for finding in findings)
    if json:
        values = [
            {"name": f.name, "status": f.status, "explanation": f.explanation} for f in findings
        ]
        show_json({"fit": fit, "findings": values})
    else:
        for finding in findings:
            show(f"{_MARKS[finding.status]}  {finding.name}: {finding.explanation}")
        show("This machine is fit." if fit else "Something is wrong; see PROBLEM above.")
    if not fit:
        raise typer.Exit(min(f.exit_code for f in findings if f.status == "problem"))
