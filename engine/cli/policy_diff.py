"""`crowdlens policy diff`: what a new version changes, and which way."""

from collections import Counter
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import show, show_json
from engine.cli.options import Json
from policies.comparing import Change, compare, succession
from policies.policy import load_policy

Before = Annotated[Path, typer.Argument(metavar="A", help="The policy as it was.")]
After = Annotated[Path, typer.Argument(metavar="B", help="The policy as it would be.")]


def diff(before: Before, after: After, json: Json = False) -> None:
    """Show each field that two policies differ in: stricter, looser, or other.

    Stricter means that less may be done, by fewer, for less loss, or that more must be in place
    first. What changes what is measured at the same guarantee is other. Defaults are written in.

    Example: crowdlens policy diff study-v1.yaml study-v2.yaml
    """
    older, newer = load_policy(before), load_policy(after)
    changes, broken = compare(older, newer), succession(older, newer)
    if json:
        values = [_value(change) for change in changes]
        show_json({"changes": values, "succeeds": broken is None, "why_not": broken})
        return
    for change in changes:
        show(
            f"{change.direction:8}  {change.field}: {_text(change.before)} -> {_text(change.after)}"
        )
    counted = Counter(change.direction for change in changes)
    told = ", ".join(f"{counted[way]} {way}" for way in ("stricter", "looser", "other"))
    if not changes:
        show("The same rules, to the last default: the approvals hold.")
        return
    show(told)
    if broken is not None:
        show(f"B is not the next version of A: {broken}")


def _value(change: Change) -> dict[str, Any]:
    return {
        "field": change.field,
        "direction": change.direction,
        "before": change.before,
        "after": change.after,
    }


def _text(value: Any) -> str:
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False)
