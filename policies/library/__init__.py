"""Ready-made policies to begin with, and the requests that each is tested by."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from policies.errors import PoliciesError

READY_MADE: Final = ("classroom", "consented-panel", "own-campaign", "public-posts")


class PolicyUnknown(PoliciesError):
    """There is no ready-made policy of that name."""

    code = "policy-unknown"


def require_ready_made(name: str) -> None:
    """Raise `PolicyUnknown` unless there is a ready-made policy of that name."""
    if name not in READY_MADE:
        raise PolicyUnknown(
            f"there is no ready-made policy {name!r}", hint=f"There are {', '.join(READY_MADE)}."
        )


def copy_ready_made(name: str, policy: Path, catalogue: Path, cases: Path) -> None:
    """Write a ready-made policy, its catalogue and its cases; raises `PolicyUnknown`, `OSError`.

    What has to be filled in before anybody can approve it, `crowdlens policy lint` says.
    """
    require_ready_made(name)
    here = files(__package__)
    for file, target in (
        (f"{name}.yaml", policy),
        ("catalogue.yaml", catalogue),
        (f"{name}.test.yaml", cases),
    ):
        text = here.joinpath(file).read_text(encoding="utf-8")
        target.write_text(text.replace("$schema=../schema/", "$schema="), encoding="utf-8")
