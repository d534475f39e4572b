"""`crowdlens policy schema`: what editors of policies and readers of privacy labels need."""

import sys
from typing import Annotated

import typer

from policies.json_schema import schema_text


def schema(
    label: Annotated[
        bool, typer.Option("--label", help="That of privacy-label.json instead.")
    ] = False,
) -> None:
    """Print the JSON Schema (draft 7) of policy files, for editors.

    The policy's first line names it: `# yaml-language-server: $schema=policy.v1.json`

    Example: crowdlens policy schema > policy.v1.json
    """
    if label:
        from engine.statistics.label import label_schema_text  # noqa: PLC0415  loads polars

        sys.stdout.write(label_schema_text())
        return
    sys.stdout.write(schema_text())
