"""`crowdlens evaluate`: how good redaction and recognition are on labelled test photos."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import observing, show, show_json, show_table
from engine.cli.options import Json, Quiet, Workers

app = typer.Typer(
    help="Measure redaction and recognition on labelled test photos, never on a study's data.",
    no_args_is_help=True,
)

Photos = Annotated[Path, typer.Option("--photos", help="A directory of labelled test photos.")]
Truth = Annotated[
    Path, typer.Option("--truth", help="CSV: photo, kind, label, x0, y0, x1, y1 (pixels).")
]
CatalogueFile = Annotated[Path | None, typer.Option("--catalogue", help="The brands to look for.")]


@app.command()
def brands(
    photos: Photos,
    truth: Truth,
    catalogue: Annotated[Path, typer.Option("--catalogue", help="The brands to look for.")],
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the brands that are seen with those that are there, photo by photo.

    For labelled test photos only: the figures are exact, so a study's data must never go in.
    """
    from engine.evaluation import evaluate_labels  # noqa: PLC0415  loads the models
    from engine.workers import LocalWorkers, default_count  # noqa: PLC0415
    from policies.catalogue import load_catalogue  # noqa: PLC0415
    from redaction import RedactionRules  # noqa: PLC0415

    rules = RedactionRules(lexicon=load_catalogue(catalogue).lexicon)
    with observing(quiet=quiet) as observer:
        scores = evaluate_labels(
            photos, truth, "brand", rules, LocalWorkers(workers or default_count()), observer
        )
    if json:
        show_json(scores.to_json())
        return
    rows = [
        (label, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}")
        for label, s in [*sorted(scores.per_label.items()), ("all", scores.overall)]
    ]
    show_table(("brand", "precision", "recall", "f1"), rows)
    show(
        f"{scores.photos} photos, {scores.withheld} withheld, "
        f"{scores.seconds_per_photo:.2f} seconds a photo"
    )


@app.command()
def redaction(
    photos: Photos,
    truth: Truth,
    catalogue: CatalogueFile = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare what is veiled with the faces and text that are there, box by box.

    With a catalogue its words stay visible, as in a study; without one all text is veiled.
    For labelled test photos only, never for a study's data.
    """
    from policies.catalogue import load_catalogue  # noqa: PLC0415
    from policies.lexicon import Lexicon  # noqa: PLC0415
    from redaction import RedactionRules  # noqa: PLC0415  loads the models
    from redaction.evaluation import evaluate_redaction  # noqa: PLC0415

    lexicon = load_catalogue(catalogue).lexicon if catalogue else Lexicon(())
    with observing(quiet=quiet) as observer:
        observer.stage("redact")
        scores = evaluate_redaction(
            photos, truth, RedactionRules(lexicon=lexicon), on_photo=observer.step
        )
    result = scores.to_json()
    if json:
        show_json(result)
        return
    show_table(("figure", "value"), list(_flat(result)))


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, part in value.items():
        if isinstance(part, dict):
            rows += _flat(part, f"{prefix}{name} ")
        else:
            rows.append((f"{prefix}{name}", _figure(part)))
    return rows


def _figure(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
