"""`crowdlens policy export`: what a compliance office files, from the policy's fields."""

import sys
from typing import Annotated

import typer

from engine.cli.options import PolicyFile
from engine.explaining import explain
from engine.study import require_feasible
from policies.decision import load_rules
from policies.records import impact_assessment, record_of_processing


def export(
    policy: PolicyFile,
    ropa: Annotated[
        bool, typer.Option("--ropa", help="The record of processing (GDPR, Art. 30).")
    ] = False,
    dpia: Annotated[
        bool, typer.Option("--dpia", help="The skeleton of an impact assessment (Art. 35).")
    ] = False,
) -> None:
    """Print a record of processing or the skeleton of an impact assessment, as Markdown.

    What the policy does not say is marked, and what only people can judge is left open.

    Example: crowdlens policy export study.yaml --ropa > record.md
    """
    if ropa == dpia:
        raise typer.BadParameter("give exactly one of --ropa and --dpia")
    rules = load_rules(policy)
    require_feasible(rules)
    if ropa:
        sys.stdout.write(record_of_processing(rules.policy))
        return
    wanted = ("What leaves", "What it costs")
    paragraphs = (p for p in explain(rules, ()) if p.title in wanted)
    told = [line.strip() for paragraph in paragraphs for line in paragraph.lines]
    sys.stdout.write(impact_assessment(rules.policy, told))
