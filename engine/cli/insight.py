"""`crowdlens insight`: what a release allows to be said, with bounds on everything."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import show, show_json, show_table
from engine.cli.options import Json
from engine.study import study_of
from policies.decision import load_rules

if TYPE_CHECKING:
    import polars as pl

    from engine.insight import Insights

MOST_ROWS = 40
"""Rows of a table that are shown; --json has them all."""


def insight(
    releases: Annotated[
        list[Path], typer.Argument(metavar="RELEASE...", help="Directories that `run` wrote.")
    ],
    policy: Annotated[Path, typer.Option("--policy", help="The policy that they are under.")],
    json: Json = False,
) -> None:
    """Say what follows from a release: shares, ranks, rises and falls, what goes together.

    Works on the released numbers alone and costs no budget. Several releases of a continual study
    are read as one.

    Example: crowdlens insight release --policy site/study.yaml
    """
    from engine.insight import insights  # noqa: PLC0415  loads polars
    from engine.insight.files import read_releases  # noqa: PLC0415
    from engine.statistics import study_between  # noqa: PLC0415

    rules = load_rules(policy)
    study = study_of(rules)
    table = read_releases(releases, rules.policy.digest, study)
    continual = rules.policy.continual
    if continual is not None:
        study = study_between(study, rules.policy.dimensions.keys(continual.by), table)
    found = insights(table, study)
    if json:
        show_json(_values(found))
        return
    _show(found)


def _show(found: "Insights") -> None:
    named = found.changes.filter(found.changes["verdict"].is_in(["rise", "fall"]))
    together = found.affinities.filter(found.affinities["known"])
    for title, frame in (
        ("Shares of voice", found.shares.filter(found.shares["known"])),
        ("Ranks, and the best and worst that they may be", found.ranking),
        ("Rises and falls beyond the noise", named),
        ("Which labels meet in one photo, against chance", together),
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


def _values(found: "Insights") -> dict[str, object]:
    tables = ("reading", "shares", "ranking", "tops", "changes", "affinities", "means")
    frames = {name: getattr(found, name).to_dicts() for name in tables}
    return {**frames, "notes": list(found.notes)}
