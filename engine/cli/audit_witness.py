"""`crowdlens audit witness`: somebody else's memory of a log, in a folder or over HTTP."""

from ipaddress import ip_address
from os.path import relpath
from pathlib import Path
from typing import Annotated

import typer

from audit import DirectoryWitness, Trust, VerifierKey
from audit.checkpoint import Checkpoint
from audit.errors import LogUnwritable
from audit.witness_server import WitnessServer
from audit.witness_visit import visit
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, today

app = typer.Typer(
    help="Remember a log for others, where its owner can't write.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The witness's folder.")]


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    trust: Annotated[
        Path | None, typer.Option("--trust", help="A trust file that names the log.")
    ] = None,
    log_key: Annotated[
        str | None, typer.Option("--log-key", help="The log's key, as a trust file has it.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a witness of one log, on a machine where the log's owner can't write.

    Example: crowdlens audit witness init witness --trust trust.yaml
    """
    if (trust is None) == (log_key is None):
        raise typer.BadParameter("give --trust FILE or --log-key KEY")
    key = Trust.load(trust).log if trust is not None else VerifierKey.parse(log_key or "")
    witness = DirectoryWitness.create(directory, key)
    place = directory if trust is None else relpath(directory, trust.parent)
    if json:
        show_json({"vkey": str(witness.vkey), "path": str(place), "log": key.name})
        return
    show(f"{directory}  a witness of {key.name}; nobody but you needs this folder")
    show("Have this added to the trust file, under witnesses, and count it in the quorum:")
    show(f"  - vkey: {witness.vkey}")
    show(f"    path: {place}    (or url: http://HOST:8765, where it is served)")


@app.command()
def sign(directory: Folder, log: LogDirectory, json: Json = False) -> None:
    """Remember a log's newest head, having found that it continues what is remembered.

    Example: crowdlens audit witness sign witness --log site/log
    """
    witness = DirectoryWitness.open(directory)
    line = visit(witness, log, today())
    memory = witness.latest()
    assert memory is not None
    if json:
        show_json({**_told(memory), "cosignature": line.removesuffix("\n")})
        return
    say(f"remembered: {memory.size} entries of {memory.origin}, root {memory.root.hex()}")
    show(line.removesuffix("\n"))


@app.command("show")
def show_memory(directory: Folder, json: Json = False) -> None:
    """Show what a witness remembers: origin, later keys of the log, size and root.

    Example: crowdlens audit witness show witness
    """
    witness = DirectoryWitness.open(directory)
    memory, later_keys = witness.latest(), witness.log_keys().later
    if json:
        known = [{"vkey": str(later.vkey), "from": later.size} for later in later_keys]
        answer = {"witness": str(witness.vkey), "log": witness.log.name, "later_keys": known}
        show_json({**answer, "memory": None if memory is None else _told(memory)})
        return
    show(f"witness  {witness.vkey}")
    show(f"log      {witness.log.name}")
    for later in later_keys:
        show(f"key      {later.vkey}, from {later.size} entries on")
    if memory is None:
        show("memory   nothing yet")
        return
    show(f"memory   {memory.size} entries, root {memory.root.hex()}")


@app.command()
def serve(
    directories: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Folders of witnesses, one a log.")
    ],
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any.")] = 8765,
) -> None:
    """Answer over HTTP (C2SP tlog-witness), to this machine alone unless told otherwise.

    Example: crowdlens audit witness serve witness --port 8765
    """
    witnesses = [DirectoryWitness.open(directory) for directory in directories]
    try:
        server = WitnessServer((host, port), witnesses, today)
    except OSError as error:
        raise LogUnwritable(
            "the witness can't listen at this address", hint="Is the port taken? Give --port."
        ) from error
    show(f"{server.url}  witness of {', '.join(w.log.name for w in witnesses)}")
    if not _is_loopback(host):
        say("Anybody who reaches this address can ask; only the logs named above are answered.")
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped; what was remembered is kept")


def _told(memory: Checkpoint) -> dict[str, str | int]:
    return {"origin": memory.origin, "size": memory.size, "root": memory.root.hex()}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
