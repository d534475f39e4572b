"""What a shell may complete beside options and files: names that stand in policies and logs.

A completion is quick and never fails: where a policy can't be read, the usual names are offered.
"""

from pathlib import Path
from typing import get_args

import typer

from audit.bodies import Body
from engine.setup import ROLES
from policies.errors import PoliciesError
from policies.library import READY_MADE
from policies.policy import load_policy


def _beginning(names: list[str], written: str) -> list[str]:
    return sorted(name for name in names if name.startswith(written))


def ready_made(incomplete: str) -> list[str]:
    """Return the ready-made policies whose names begin so."""
    return _beginning(list(READY_MADE), incomplete)


def role(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the roles that the policy on the command line asks for."""
    # What stands before an option that lacks its value is not counted as an argument yet.
    policy = ctx.params.get("policy") or next(iter(ctx.args), None)
    try:
        roles = list(load_policy(Path(policy)).approvals) if policy else []
    except (PoliciesError, OSError):
        roles = []
    return _beginning(roles or list(ROLES), incomplete)


def entry_type(incomplete: str) -> list[str]:
    """Return the types of log entries that begin so."""
    return _beginning([body.type for body in get_args(Body)], incomplete)
