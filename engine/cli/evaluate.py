"""`crowdlens evaluate`: how good redaction and recognition are on labelled test photos."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from audit.keys import load_key
from engine.cli.console import observing, say, show, show_json, show_table
from engine.cli.options import Json, Quiet, Workers, today
from engine.cli.rehearsal import evaluate_statistics
from engine.durable import write_new
from engine.errors import OutputTaken, OutputUnwritable
from policies.approvals import public_name
from policies.catalogue import Catalogue, load_catalogue
from policies.decision import load_rules
from policies.evaluation_record import evaluation_path, sign_record
from policies.fields import ROLE_PATTERN
from policies.recognition_choices import LabelKind
from policies.redaction_choices import Redaction

app = typer.Typer(
    help="Measure redaction, recognition and statistics on test data, never on a study's.",
    no_args_is_help=True,
)

app.command("statistics")(evaluate_statistics)


class People(StrEnum):
    """What of a person is veiled."""

    faces = "faces"
    people = "people"


class TextChoice(StrEnum):
    """What text is veiled."""

    default_deny = "default-deny"
    pii_only = "pii-only"


Photos = Annotated[Path, typer.Option("--photos", help="A directory of labelled test photos.")]
Truth = Annotated[
    Path, typer.Option("--truth", help="CSV: photo, kind, label, x0, y0, x1, y1 (pixels).")
]
CatalogueFile = Annotated[
    Path | None, typer.Option("--catalogue", help="The brands whose names may stay visible.")
]
Scenes = Annotated[
    Path | None, typer.Option("--catalogue", help="The catalogue that teaches further scenes.")
]
HeadFile = Annotated[
    Path | None,
    typer.Option("--head", help="A trained head to look through as well: a model.safetensors."),
]
Least = Annotated[
    float | None,
    typer.Option(
        "--least", min=0, max=1, help="The score from which on a label counts. Default: a policy's."
    ),
]


@app.command()
def brands(
    photos: Photos,
    truth: Truth,
    catalogue: Annotated[Path, typer.Option("--catalogue", help="The brands to look for.")],
    head: HeadFile = None,
    least: Least = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the brands that are seen with those that are there, photo by photo.

    A catalogue with marks must have been built. With a head, whatever is surer counts.

    For labelled test photos only: the figures are exact, so a study's data must never go in.

    Example: crowdlens evaluate brands --photos labelled --truth truth.csv --catalogue brands.yaml
    """
    _labels("brand", photos, truth, catalogue, least, workers, head, json=json, quiet=quiet)


@app.command()
def scenes(
    photos: Photos,
    truth: Truth,
    catalogue: Scenes = None,
    head: HeadFile = None,
    least: Least = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the scenes that are seen with those that are there, photo by photo.

    The public scenes, and with a catalogue those that it teaches. What a head tells takes the place
    of either.

    For labelled test photos only: the figures are exact, so a study's data must never go in.

    Example: crowdlens evaluate scenes --photos labelled --truth truth.csv
    """
    _labels("scene", photos, truth, catalogue, least, workers, head, json=json, quiet=quiet)


@app.command()
def objects(
    photos: Photos,
    truth: Truth,
    catalogue: CatalogueFile = None,
    least: Least = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the objects that are seen with those that are there, photo by photo.

    With a catalogue its words stay visible, as in a study. Labels about persons are never
    recognised: the result names those that the truth file has, and leaves them out.

    For labelled test photos only: the figures are exact, so a study's data must never go in.

    Example: crowdlens evaluate objects --photos labelled --truth truth.csv
    """
    _labels("object", photos, truth, catalogue, least, workers, json=json, quiet=quiet)


@app.command()
def interests(
    photos: Photos,
    truth: Truth,
    catalogue: CatalogueFile = None,
    head: HeadFile = None,
    least: Least = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the interests that are seen with those that are there, photo by photo.

    What a head tells takes the place of the rules.

    For labelled test photos only: the figures are exact, so a study's data must never go in.

    Example: crowdlens evaluate interests --photos labelled --truth truth.csv
    """
    _labels("interest", photos, truth, catalogue, least, workers, head, json=json, quiet=quiet)


def _labels(
    kind: LabelKind,
    photos: Path,
    truth: Path,
    file: Path | None,
    least: float | None,
    workers: int | None,
    head: Path | None = None,
    *,
    json: bool,
    quiet: bool,
) -> None:
    from engine.evaluation import evaluate_labels  # noqa: PLC0415  loads the models
    from engine.study import recognition_rules_for  # noqa: PLC0415
    from engine.workers import LocalWorkers, default_count  # noqa: PLC0415
    from redaction import RedactionRules  # noqa: PLC0415

    catalogue = load_catalogue(file) if file is not None else None
    recognition = recognition_rules_for(catalogue, file, kind, least, head)
    rules = RedactionRules(lexicon=recognition.lexicon)
    with observing(quiet=quiet) as observer:
        scores = evaluate_labels(
            photos,
            truth,
            kind,
            rules,
            recognition,
            LocalWorkers(workers or default_count()),
            observer,
        )
    if json:
        show_json(scores.to_json())
        return
    rows = [
        (label, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}")
        for label, s in [*sorted(scores.per_label.items()), ("all", scores.overall)]
    ]
    show_table((kind, "precision", "recall", "f1"), rows)
    show_table(
        ("score", "labels", "right"),
        [
            (f"{b.above:.1f} to {b.up_to:.1f}", str(b.labels), f"{b.right:.3f}")
            for b in scores.reliability
        ],
    )
    show(
        f"{scores.photos} photos, {scores.withheld} withheld, from a score of {scores.least} on, "
        f"{scores.seconds_per_photo:.2f} seconds a photo"
    )
    if scores.left_out:
        show(f"left out, because they are about persons: {', '.join(scores.left_out)}")


@app.command()
def redaction(
    photos: Photos,
    truth: Truth,
    catalogue: CatalogueFile = None,
    people: Annotated[
        People | None, typer.Option("--people", help="What of a person to veil. Default: faces.")
    ] = None,
    text: Annotated[
        TextChoice | None, typer.Option("--text", help="What text to veil. Default: default-deny.")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Take the choices and the catalogue from this policy."),
    ] = None,
    sign_with: Annotated[
        Path | None,
        typer.Option("--sign-with", help="Write a record, signed with this private key."),
    ] = None,
    role: Annotated[
        str, typer.Option("--role", help="The role in which the key is trusted.")
    ] = "evaluator",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The record's file. Default: beside the policy."),
    ] = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare what is veiled with the faces, text, codes and plates that are there, box by box.

    With a catalogue its words stay visible, as in a study; without one all text is veiled. The
    record is what a policy can demand: it names the choices, the weights and the exact figures.

    For labelled test photos only: the figures are exact, so a study's data must never go in.

    Example: crowdlens evaluate redaction --photos labelled --truth truth.csv --policy study.yaml
    """
    from engine.redaction_evaluation import evaluate_redaction  # noqa: PLC0415  loads the models
    from engine.workers import LocalWorkers, default_count  # noqa: PLC0415

    if policy is not None and (people or text or catalogue):
        raise typer.BadParameter("--policy says what --people, --text and --catalogue would")
    if not re.fullmatch(ROLE_PATTERN, role):
        raise typer.BadParameter("a role is lower-case letters and dashes, such as evaluator")
    target = _record_file(sign_with, out, policy)
    key = load_key(sign_with) if sign_with is not None else None
    choices, words = _chosen(policy, people, text, catalogue)
    with observing(quiet=quiet) as observer:
        evaluation = evaluate_redaction(
            photos, truth, choices, words, LocalWorkers(workers or default_count()), observer
        )
    result = evaluation.scores.to_json()
    if key is not None and target is not None:
        record = evaluation.record(role, today())
        _write(target, sign_record(record, key))
        result["record"] = record.digest
        say(f"{target}: signed as {role} by {public_name(key)}")
        say(f"  A policy that demands it has, under redaction.evaluation, record: {record.digest}")
    if json:
        show_json(result)
        return
    show_table(("figure", "value"), list(_flat(result)))


def _chosen(
    policy: Path | None, people: People | None, text: TextChoice | None, catalogue: Path | None
) -> tuple[Redaction, Catalogue | None]:
    if policy is not None:
        rules = load_rules(policy)
        return rules.policy.redaction, rules.catalogue
    given = {"people": people and people.value, "text": text and text.value}
    written = {name: value for name, value in given.items() if value is not None}
    # The choices of an evaluation are nobody's policy: their reason is that they are measured.
    choices = Redaction.model_validate({**written, "text_reason": "It is to be measured."})
    return choices, load_catalogue(catalogue) if catalogue is not None else None


def _record_file(sign_with: Path | None, out: Path | None, policy: Path | None) -> Path | None:
    if sign_with is None:
        if out is not None:
            raise typer.BadParameter("--out is for the signed record: give --sign-with as well")
        return None
    if out is None and policy is None:
        raise typer.BadParameter("say where the record goes: give --out, or --policy")
    target = out if out is not None or policy is None else evaluation_path(policy)
    assert target is not None
    if target.exists():
        raise OutputTaken(
            "there is an evaluation record already",
            hint="Move it away, or give another --out.",
        )
    return target


def _write(target: Path, data: bytes) -> None:
    try:
        write_new(target, data)
    except OSError:
        raise OutputUnwritable(
            "the record can't be written", hint="Check the path and its permissions."
        ) from None


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
