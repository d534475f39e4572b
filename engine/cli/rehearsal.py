"""`crowdlens evaluate statistics`: what a policy's tables would be worth, on a made-up crowd."""

from dataclasses import asdict
from typing import Annotated

import typer

from engine.cli.console import show, show_json, show_table
from engine.cli.options import Json, PolicyFile
from engine.study import study_of
from policies.decision import load_rules

_COLUMNS = (
    "statistic",
    "cells",
    "noise error",
    "bound error",
    "whole error",
    "kept",
    "covered",
    "told from 0",
    "right",
)


def evaluate_statistics(
    policy: PolicyFile,
    crowd: Annotated[
        int, typer.Option("--crowd", min=1, max=1_000_000, help="Made-up contributors.")
    ] = 2000,
    photos_each: Annotated[
        float, typer.Option("--photos-each", min=1, max=1000, help="Photos of one, on average.")
    ] = 8.0,
    repeats: Annotated[
        int, typer.Option("--repeats", min=1, max=1000, help="Releases to draw.")
    ] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another gives another crowd.")] = 1,
    json: Json = False,
) -> None:
    """Release a policy's tables for a made-up crowd, whose truth is known, and say how far off.

    No photo, no log and no budget are touched. The crowd is a plausible one and no forecast; the
    noise is the real one.

    Example: crowdlens evaluate statistics study.yaml --crowd 5000
    """
    from engine.statistics.rehearsal import made_up, rehearse  # noqa: PLC0415  loads polars

    rules = load_rules(policy)
    study = study_of(rules)
    sightings = made_up(study, rules.policy.dimensions.days, crowd, photos_each, seed)
    rehearsed = rehearse(sightings, study, repeats)
    if json:
        plain = {"crowd": crowd, "photos_each": photos_each, "repeats": repeats, "seed": seed}
        show_json({**plain, "statistics": [asdict(statistic) for statistic in rehearsed]})
        return
    show_table(
        _COLUMNS,
        [
            (
                s.id,
                str(s.cells),
                _number(s.noise_error),
                _number(s.bound_error),
                _number(s.error),
                _part(s.kept),
                _part(s.covered),
                _part(s.told_from_zero),
                _part(s.right),
            )
            for s in rehearsed
        ],
    )
    show("Errors are mean distances: of noise, to the count after the bound; of the bound, to the")
    show("count without it; of the whole, of the value to that. covered: 95 % bounds that hold the")
    show("count after the bound. Nothing here speaks of what redaction and recognition miss.")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _part(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
