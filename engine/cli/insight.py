"""`crowdlens insight`: what a release allows to be said, with bounds on everything."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import show, show_json, show_table
from engine.cli.options import Json, TrustFile
from policies.decision import load_rules

if TYPE_CHECKING:
    import polars as pl

    from engine.insight import Insights
    from engine.insight.hints import Hint

MOST_ROWS = 40
"""Rows of a table that are shown; --json has them all."""


def insight(
    releases: Annotated[
        list[Path], typer.Argument(metavar="RELEASE...", help="Directories that `run` wrote.")
    ],
    policy: Annotated[Path, typer.Option("--policy", help="The policy that they are under.")],
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the report to this new HTML file.")
    ] = None,
    charts: Annotated[
        Path | None, typer.Option("--charts", help="Write each chart to here, as SVG and PNG.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            "--log", envvar="CROWDLENS_LOG", help="The audit log: the report states what it says."
        ),
    ] = None,
    trust: TrustFile = None,
    json: Json = False,
) -> None:
    """Say what follows from a release: shares, ranks, rises and falls, what goes together.

    Works on the released numbers alone and costs no budget. Several releases of a continual study
    are read as one. With --log, --report makes a release's own report.html again, to the byte.

    Example: crowdlens insight release --policy site/study.yaml

    Example: crowdlens insight release --policy site/study.yaml --log site/log --report again.html
    """
    from engine.insight.report import Analysis  # noqa: PLC0415  loads polars
    from engine.insight.report.files import write_charts, write_report_to  # noqa: PLC0415
    from engine.release_facts import subject_of_files  # noqa: PLC0415

    # Nothing but the report says anything of the log.
    asked = log if report is not None else None
    analysis = Analysis.of(subject_of_files(releases, load_rules(policy), asked, trust))
    files = [] if report is None else [report]
    if report is not None:
        write_report_to(report, analysis)
    if charts is not None:
        files += [charts / name for name in write_charts(charts, analysis)]
    found, said = analysis.found, analysis.said
    if json:
        show_json({**_values(found, said), "files": [str(file) for file in files]})
        return
    if files:
        for file in files:
            show(str(file))
        return
    _show(found, said)


def _show(found: "Insights", said: "Sequence[Hint]") -> None:
    show("Findings, which hold together with 95 %")
    for hint in said:
        show(f"  {hint.words}")
    if not said:
        show("  nothing stands out of the noise")
    show()
    named = found.changes.filter(found.changes["verdict"].is_in(["rise", "fall"]))
    together = found.affinities.filter(found.affinities["known"])
    for title, frame in (
        ("Shares of voice", found.voice.filter(found.voice["known"])),
        ("Ranks, and the best and worst that they may be", found.ranking),
        ("Rises and falls beyond the noise", named),
        ("From the first third of the periods to the last", found.movers),
        ("Which labels meet in one photo, against chance", together),
        (
            "Where, when and with what, against labels at large",
            found.concentrations.filter(found.concentrations["known"]),
        ),
        ("Photos a contributor", found.means.filter(found.means["known"])),
    ):
        show(title)
        if frame.is_empty():
            show("  nothing that the noise lets through, or the policy asks for")
        else:
            _table(frame)
        show()
    for note in found.notes:
        show(note)


def _table(frame: "pl.DataFrame") -> None:
    kept = [name for name in frame.columns if frame[name].null_count() < frame.height]
    rows = frame.select(kept).head(MOST_ROWS).rows()
    show_table(tuple(kept), [tuple(map(_cell, row)) for row in rows])
    if frame.height > MOST_ROWS:
        show(f"  and {frame.height - MOST_ROWS} more; --json has them all")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _values(found: "Insights", said: "Sequence[Hint]") -> dict[str, object]:
    tables = [field.name for field in fields(found) if field.name != "notes"]
    frames = {name: getattr(found, name).to_dicts() for name in tables}
    sentences = [asdict(hint) for hint in said]
    return {"findings": sentences, **frames, "notes": list(found.notes)}
