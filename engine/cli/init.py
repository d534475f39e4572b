"""`crowdlens init`: a place for studies."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.completing import ready_made
from engine.cli.console import show, show_json
from engine.cli.options import Json, today
from engine.setup import set_up
from policies.decision import applies_a_list
from policies.library import READY_MADE
from policies.policy import load_policy


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory.")],
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="NAME",
            autocompletion=ready_made,
            help=f"Begin with a ready-made policy: {', '.join(READY_MADE)}.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Make keys, an empty log, a witness, a commented policy and an example catalogue.

    Example: crowdlens init site

    Example: crowdlens init panel --policy consented-panel
    """
    place = set_up(directory, today(), ready_made=policy)
    root = place.root
    if json:
        named = ("policy", "catalogue", "log", "witness", "trust")
        keys = {role: str(place.key(role)) for role in load_policy(place.policy).approvals}
        show_json({**{name: str(getattr(place, name)) for name in named}, "keys": keys})
        return
    show(f"{place.policy}      the rules of the study: edit them first")
    show(f"{place.catalogue}  the brands that may be named")
    show(f"{place.log}/            the audit log, empty")
    show(f"{place.witness}/        the log's witness; move it to another machine for real studies")
    show(f"{place.trust}      the public keys that an auditor needs; hand it over by another way")
    show(f"{root / 'keys'}/           private keys of the approvers; give each to its owner")
    show()
    show("Next: edit the policy and the catalogue, then")
    show(f"  crowdlens policy lint {place.policy}")
    rules = load_policy(place.policy)
    for role in rules.approvals:
        show(f"  crowdlens policy sign {place.policy} --role {role} --key {place.key(role)}")
    more = ""
    if applies_a_list(rules):
        listed, key = root / "optouts.json", root / "keys" / "optouts.key"
        show(f"  crowdlens optouts init {listed} --key {key} --dataset {rules.dataset.id}")
        more = f" --optouts {listed} --optouts-key {key}"
    show(f"  crowdlens run {place.policy} --photos PHOTOS --log {place.log} --out RELEASE{more}")
