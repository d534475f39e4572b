"""`crowdlens doctor`: what is wrong with a set-up, and how to mend it."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import show, show_json
from engine.cli.options import Json, OptOutKey, OptOutList, TrustFile, today, trust_file

_MARKS = {
    "fine": "fine       ",
    "advice": "advice     ",
    "problem": "PROBLEM    ",
    "not checked": "not checked",
}


def doctor(
    log: Annotated[
        Path | None, typer.Option("--log", envvar="CROWDLENS_LOG", help="A log to verify too.")
    ] = None,
    trust: TrustFile = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="A policy that is to run here.")
    ] = None,
    optouts: OptOutList = None,
    optouts_key: OptOutKey = None,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the witnesses that the trust file names by URL.")
    ] = False,
    json: Json = False,
) -> None:
    """Find what is wrong with a set-up, and say how to mend it.

    Checks Python, models, disk and clock; of a log its keys, witnesses, trust file and salts; of a
    policy whether it may run today; of an opt-out list its age. What may stay for a try, and not
    for a real study, is called advice. Exits with 0 where nothing is wrong.

    Example: crowdlens doctor

    Example: crowdlens doctor --log site/log --policy site/study.yaml
    """
    from engine.doctor import OptOuts, examine  # noqa: PLC0415  loads the models

    findings = list(
        examine(
            today(),
            log=log,
            trust=trust_file(trust, log) if log is not None else trust,
            policy=policy,
            optouts=OptOuts(optouts, optouts_key, policy) if optouts is not None else None,
            online=online,
        )
    )
    problems = [finding for finding in findings if finding.status == "problem"]
    if json:
        show_json(
            {
                "fit": not problems,
                "findings": [
                    {
                        "name": f.name,
                        "status": f.status,
                        "explanation": f.explanation,
                        "fix": f.fix,
                    }
                    for f in findings
                ],
            }
        )
    else:
        for finding in findings:
            show(f"{_MARKS[finding.status]}  {finding.name}: {finding.explanation}")
            if finding.fix and finding.status != "fine":
                show(f"{'':11}    {finding.fix}")
        show()
        show(_verdict(len(problems), sum(f.status == "advice" for f in findings)))
    if problems:
        raise typer.Exit(min(finding.exit_code for finding in problems))


def _verdict(problems: int, advice: int) -> str:
    if problems:
        return f"Something is wrong: {problems} PROBLEM{'S' if problems > 1 else ''} above."
    if advice:
        return "Nothing is wrong. Heed what is marked as advice before a real study."
    return "Nothing is wrong."
