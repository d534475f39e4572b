"""`crowdlens policy models`: the weights that this machine looks through, for a policy to name."""

import sys

from engine.cli.console import show_json
from engine.cli.options import Json, PolicyFile
from engine.models_in_use import models_to_pin
from policies.decision import load_rules


def models(policy: PolicyFile, json: Json = False) -> None:
    """Print every weight file that a run of this policy would look through here, by its digest.

    Pasted into the policy, the lines bind it to exactly these: a run through others is refused.

    Example: crowdlens policy models study.yaml >> study.yaml
    """
    used = models_to_pin(load_rules(policy))
    if json:
        show_json({"models": used})
        return
    lines = ["models:", *(f"  {name}: {digest}" for name, digest in used.items())]
    sys.stdout.write("\n".join(lines) + "\n")
