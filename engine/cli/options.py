"""Options that several commands share, so that they read the same everywhere."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]


def trust_file(given: Path | None, log: Path) -> Path:
    """Return the trust file: the one given, or the one beside the log."""
    return given if given is not None else log.absolute().parent / "trust.yaml"


def today() -> date:
    """Return today's date in UTC, which is all of the time that ever reaches the log."""
    return datetime.now(UTC).date()
