"""`crowdlens redact`: see what redaction leaves."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import observing, show, show_json
from engine.cli.options import (
    SOURCE,
    Json,
    OptOutKey,
    OptOutList,
    Quiet,
    optout_place,
    today,
)


def redact(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help=SOURCE)],
    out: Annotated[Path, typer.Option("--out", help="A new directory for the copies.")],
    policy: Annotated[Path, typer.Option("--policy", help="A policy of class test.")],
    optouts: OptOutList = None,
    optouts_key: OptOutKey = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write redacted copies of test photos, for a reviewer's eyes.

    `index.html` among them shows all on one page, with what was veiled and why; the photos before
    redaction are never shown.

    Refused unless the policy's class is test: under any other, pixels never leave the engine.

    Example: crowdlens redact photos --out copies --policy site/study.yaml
    """
    from engine.redacted_copies import write_redacted_copies  # noqa: PLC0415  loads the models
    from engine.sources import SourceAt  # noqa: PLC0415
    from policies.decision import load_rules  # noqa: PLC0415

    with observing(quiet=quiet) as observer:
        copies = write_redacted_copies(
            load_rules(policy),
            SourceAt(source),
            out,
            observer,
            optouts=optout_place(optouts, optouts_key),
            today=today(),
        )
    if json:
        show_json(
            {
                "out": str(out),
                "written": copies.written,
                "withheld": copies.withheld,
                "withheld_by_reason": copies.reasons,
                "veiled": copies.veiled,
            }
        )
        return
    show(f"{copies.written} written to {copies.directory}, {copies.withheld} withheld (copies.csv)")
    show("veiled: " + ", ".join(f"{count} {kind}" for kind, count in copies.veiled.items()))
    show(f"{copies.directory / 'index.html'} shows them on one page, with what was veiled and why")
