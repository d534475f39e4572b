"""`crowdlens audit timestamp`: a third party's word for when a log existed (RFC 3161)."""

from pathlib import Path
from typing import Annotated

import typer

from audit.durable import create_result, read_bytes
from audit.errors import TimestampInvalid
from audit.stamps import add_token, keep_head
from audit.timestamp import TimeAuthority, make_request
from audit.timestamp_client import fetch
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory

app = typer.Typer(
    help="Have a third party say when the log existed: 'before T', never 'the newest'.",
    no_args_is_help=True,
)

Authorities = Annotated[
    list[Path] | None,
    typer.Option(
        "--tsa",
        help="Certificates of a time-stamp authority that you believe, up to the root; PEM or DER.",
    ),
]


def time_authority(files: list[Path] | None) -> TimeAuthority | None:
    """Return whose time stamps are believed; None where nobody was named."""
    return TimeAuthority.load(files) if files else None


@app.command()
def request(
    log: LogDirectory,
    out: Annotated[Path, typer.Option("--out", "-o", help="A new file, such as log.tsq.")],
) -> None:
    """Write a request over the log's newest checkpoint, and keep that checkpoint beside the log.

    Needs no network: send the file to an authority by any way, and `add` its answer. It holds the
    checkpoint's SHA-256 and a nonce; the authority learns that somebody has something of that hash.

    Example: crowdlens audit timestamp request --log site/log --out log.tsq
    """
    create_result(out, make_request(keep_head(log)).body)
    show(f"{out}  to send as application/timestamp-query; then: crowdlens audit timestamp add")


@app.command()
def add(
    log: LogDirectory,
    authorities: Annotated[
        list[Path],
        typer.Option(
            "--tsa", help="The authority's certificates, up to the root; PEM or DER, by file."
        ),
    ],
    token: Annotated[
        Path | None, typer.Option("--token", help="The authority's answer, such as log.tsr.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Ask the authority here instead, over the network."),
    ] = None,
    json: Json = False,
) -> None:
    """Keep a time stamp beside the log, having verified it; its checkpoint is kept with it.

    With --url a hash and a nonce go to the authority, which sees who asks and when. Stamp on fixed
    days rather than after each run: a time stamp has seconds, and the log has dates alone.

    Example: crowdlens audit timestamp add --log site/log --tsa authority.pem --token log.tsr
    """
    if (token is None) == (url is None):
        raise typer.BadParameter("give --token FILE or --url URL")
    trusted = TimeAuthority.load(authorities)
    nonce: int | None = None
    if token is not None:
        answer = read_bytes(token)
        if answer is None:
            raise TimestampInvalid("there is no time stamp at this path")
    else:
        asked = make_request(keep_head(log))
        nonce = asked.nonce
        say("asking the time-stamp authority ...")
        answer = fetch(url or "", asked)
    stamp, path = add_token(log, answer, trusted, nonce)
    if json:
        show_json({"stamp": str(path), "says": stamp.words()})
        return
    show(f"{path}  {stamp.words()}")
