"""`crowdlens run`: the run itself, and the table that it releases."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import observing, say, show, show_json
from engine.cli.options import (
    SOURCE,
    Address,
    Engine,
    EngineChoice,
    Identities,
    Json,
    LogDirectory,
    OptOutKey,
    OptOutList,
    PolicyFile,
    Quiet,
    StoreKey,
    TrustFile,
    optout_place,
    today,
    trust_file,
)
from engine.cli.options import Workers as WorkerCount

if TYPE_CHECKING:
    from engine.installment import StatePlace
    from engine.store import StorePlace
    from engine.workers import Workers


def run(
    policy: PolicyFile,
    photos: Annotated[Path, typer.Option("--photos", metavar="SOURCE", help=SOURCE)],
    log: LogDirectory,
    out: Annotated[Path, typer.Option("--out", help="A new directory for the release.")],
    workers: WorkerCount = None,
    engine: EngineChoice = Engine.local,
    address: Address = None,
    through: Annotated[
        str | None,
        typer.Option(
            "--through",
            help="Of a continual study, the last period to release, such as 2026-W23. "
            "Default: every one that has ended.",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", help="A private directory for what running totals go on from."),
    ] = None,
    state_key: Annotated[
        Path | None,
        typer.Option("--state-key", help="The file of its key, in another place."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            help="A new directory for what was seen so far, encrypted, so that a run that is "
            "killed goes on. Default: in memory alone.",
        ),
    ] = None,
    store_key: StoreKey = None,
    identities: Identities = None,
    optouts: OptOutList = None,
    optouts_key: OptOutKey = None,
    trust: TrustFile = None,
    metrics: Annotated[
        int | None,
        typer.Option(
            "--metrics",
            min=1,
            max=65535,
            help="Serve pace and seconds by part as OpenMetrics at this port of 127.0.0.1, while "
            "the run lasts. They tell how many photos there are.",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a study: redact, recognise, count with noise, publish, and log every step.

    A continual study releases the periods that have ended since its last run, and none twice.
    A run that was killed goes on when the same command is given again; a release that is there
    already is never drawn a second time.

    Example: crowdlens run site/study.yaml --photos photos --log site/log --out release
    """
    from engine.cli.metrics import metered  # noqa: PLC0415  not for --help
    from engine.run import RunRequest  # noqa: PLC0415  loads the models
    from engine.run import run as run_study  # noqa: PLC0415
    from engine.sources import SourceAt  # noqa: PLC0415

    request = RunRequest(
        policy=policy,
        source=SourceAt(photos),
        log=log,
        trust=trust_file(trust, log),
        out=out,
        workers=workers_of(engine, workers, address),
        today=today(),
        through=through,
        state=_state(state, state_key),
        store=store_place(store, store_key),
        identities=identities,
        optouts=optout_place(optouts, optouts_key),
    )
    with observing(quiet=quiet) as drawn, metered(drawn, metrics) as observer:
        published = run_study(request, observer)
    if json:
        show_json(
            {
                "out": str(published.out),
                "run": published.run,
                "outcome": published.outcome,
                **published.cost.texts(),
                "left": published.remaining.texts(),
            }
        )
        return
    say(NOTES[published.outcome])
    say("Photos that redaction could not vouch for were withheld, if there were any.")
    show(f"release    {published.out}")
    show(f"cost       {published.cost}")
    show(f"left       {published.remaining}")
    say(f"Open {published.out / 'report.html'} in a browser, or have it checked:")
    say(f"  crowdlens audit verify --log {log} --release {out}")


def workers_of(engine: Engine, count: int | None, address: str | None) -> "Workers":
    """Return what runs jobs over photos, here or on a cluster."""
    from engine.workers import LocalWorkers, default_count  # noqa: PLC0415
    from engine.workers.ray_cluster import RayWorkers  # noqa: PLC0415

    if engine is Engine.ray:
        return RayWorkers(count, address)
    if address is not None:
        raise typer.BadParameter("--address is for --engine ray")
    return LocalWorkers(count or default_count())


def store_place(directory: Path | None, key: Path | None) -> "StorePlace | None":
    """Return where what is done so far is kept, and its key; the two belong together."""
    from engine.store import StorePlace  # noqa: PLC0415  loads polars

    if directory is None and key is None:
        return None
    if directory is None or key is None:
        raise typer.BadParameter("--store and --store-key belong together")
    return StorePlace(directory, key)


def _state(directory: Path | None, key: Path | None) -> "StatePlace | None":
    from engine.installment import StateNeeded, StatePlace  # noqa: PLC0415  loads polars

    if directory is None and key is None:
        return None
    if directory is None or key is None:
        raise StateNeeded(
            "--state and --state-key belong together",
            hint="The key lies in another place than what it opens.",
        )
    return StatePlace(directory, key)


NOTES = {
    "published": "Published.",
    "finished": "A run that was killed had paid for this release; it is in its place now.",
    "already there": "This release is there already; nothing was drawn, nothing was spent.",
}
