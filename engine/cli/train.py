"""`crowdlens train`: a small recogniser that contributors teach, within the budget."""

from pathlib import Path
from typing import Annotated

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
from engine.cli.run import NOTES, store_place, workers_of


def train(
    policy: PolicyFile,
    photos: Annotated[Path, typer.Option("--photos", metavar="SOURCE", help=SOURCE)],
    labels: Annotated[
        Path,
        typer.Option(
            "--labels",
            help="CSV: photo, kind, label, x0, y0, x1, y1: what the source's photos show, by path.",
        ),
    ],
    log: LogDirectory,
    out: Annotated[Path, typer.Option("--out", help="A new directory for the model.")],
    workers: WorkerCount = None,
    engine: EngineChoice = Engine.local,
    address: Address = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            help="A new directory for what is done so far, encrypted, so that a training that is "
            "killed goes on without paying again. Default: in memory alone.",
        ),
    ] = None,
    store_key: StoreKey = None,
    identities: Identities = None,
    optouts: OptOutList = None,
    optouts_key: OptOutKey = None,
    trust: TrustFile = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train the policy's model_release: redact, embed, train with noise, publish, and log it.

    What contributors' photos teach is bounded for each contributor as a whole. Every training is
    paid for from the dataset's budget. One that was killed goes on when the same command is given
    again; a model that is there already is never trained a second time.

    Example: crowdlens train site/study.yaml --photos photos --labels labels.csv --log site/log
    --out model
    """
    from engine.finishing import MODEL  # noqa: PLC0415
    from engine.learning.train import TrainRequest  # noqa: PLC0415  loads the models
    from engine.learning.train import train as train_model  # noqa: PLC0415
    from engine.sources import SourceAt  # noqa: PLC0415

    request = TrainRequest(
        policy=policy,
        source=SourceAt(photos),
        labels=labels,
        log=log,
        trust=trust_file(trust, log),
        out=out,
        workers=workers_of(engine, workers, address),
        today=today(),
        identities=identities,
        optouts=optout_place(optouts, optouts_key),
        store=store_place(store, store_key),
    )
    with observing(quiet=quiet) as observer:
        published = train_model(request, observer)
    head = published.out / MODEL
    digest = _digest_of(head)
    if json:
        show_json(
            {
                "out": str(published.out),
                "run": published.run,
                "outcome": published.outcome,
                "model": digest,
                **published.cost.texts(),
                "left": published.remaining.texts(),
            }
        )
        return
    say(NOTES[published.outcome])
    say("Photos that redaction could not vouch for taught nothing, if there were any.")
    show(f"model      {head}")
    show(f"digest     {digest}")
    show(f"cost       {published.cost}")
    show(f"left       {published.remaining}")
    say(f"Read {published.out / 'model-card.md'}, or have the model checked:")
    say(f"  crowdlens audit verify --log {log} --release {out}")
    say("To use it, put the file beside a policy and name it under recognition.heads.")


def _digest_of(file: Path) -> str:
    from policies.canonical import digest_of_bytes  # noqa: PLC0415

    return digest_of_bytes(file.read_bytes())
