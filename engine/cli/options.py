"""Options that several commands share, so that they read the same everywhere."""

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.intake import OptOutPlace

PolicyFile = Annotated[
    Path, typer.Argument(metavar="POLICY", help="The policy file, such as study.yaml.")
]
LogDirectory = Annotated[
    Path, typer.Option("--log", envvar="CROWDLENS_LOG", help="The audit log's directory.")
]
TrustFile = Annotated[
    Path | None,
    typer.Option(
        "--trust",
        envvar="CROWDLENS_TRUST",
        help="The trust file with the keys you believe. Default: trust.yaml beside the log.",
    ),
]
SOURCE = (
    "A directory with photos.csv, an export of Instagram, X or Tumblr (a folder or a zip), or a "
    "directory of such exports."
)
"""Help for whatever option or argument takes a source."""
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, max=256, help="Processes. Default: one a core."),
]


class Engine(StrEnum):
    """Where the photos are worked on."""

    local = "local"
    ray = "ray"


EngineChoice = Annotated[
    Engine,
    typer.Option("--engine", help="Where the photos are worked on: here, or on a Ray cluster."),
]
Address = Annotated[
    str | None,
    typer.Option("--address", help="The Ray cluster's address. Default: one is started here."),
]
StoreKey = Annotated[
    Path | None, typer.Option("--store-key", help="A new file for its key, in another place.")
]
Identities = Annotated[
    Path | None,
    typer.Option(
        "--identities",
        help="CSV: account, person. Where the policy says privacy_unit.identities: map.",
    ),
]
OptOutList = Annotated[
    Path | None,
    typer.Option(
        "--optouts",
        help="The opt-out list (`crowdlens optouts`), where the policy says optouts.applied: "
        "by-run.",
    ),
]
OptOutKey = Annotated[Path | None, typer.Option("--optouts-key", help="The opt-out list's key.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]


def trust_file(given: Path | None, log: Path) -> Path:
    """Return the trust file: the one given, or the one beside the log."""
    return given if given is not None else log.absolute().parent / "trust.yaml"


def optout_place(listed: Path | None, key: Path | None) -> "OptOutPlace | None":
    """Return where the opt-out list and its key lie; the two belong together."""
    from engine.intake import OptOutPlace  # noqa: PLC0415  loads polars

    if listed is None and key is None:
        return None
    if listed is None or key is None:
        raise typer.BadParameter("--optouts and --optouts-key belong together")
    return OptOutPlace(listed, key)


def today() -> date:
    """Return today's date in UTC, which is all of the time that ever reaches the log."""
    return datetime.now(UTC).date()
