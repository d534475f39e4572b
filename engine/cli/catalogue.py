"""`crowdlens catalogue`: what may be named, and the pictures that it is known by."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.catalogue.adding import Wanted, add
from engine.catalogue.beginning import begin
from engine.catalogue.build import BuildResult, build
from engine.catalogue.checks import Remark, check
from engine.catalogue.errors import PicturesUnusable
from engine.catalogue.icons import LICENCE, VERSION, Icon
from engine.cli.console import observing, say, show, show_json, show_table
from engine.cli.options import Json, Quiet, Workers
from engine.recognition.nets import net_of
from engine.workers import LocalWorkers, default_count
from policies.catalogue import Entry, load_catalogue

app = typer.Typer(
    help="Make, check and build a catalogue: the brands and scenes that may be named.",
    no_args_is_help=True,
)

CatalogueFile = Annotated[Path, typer.Argument(metavar="CATALOGUE", help="Such as catalogue.yaml.")]
ENDING = ".safetensors"


class IconSet(StrEnum):
    """Where marks can come from."""

    simple_icons = "simple-icons"


class Kind(StrEnum):
    """What sort of label an entry is."""

    brand = "brand"
    scene = "scene"


@app.command()
def init(
    catalogue: CatalogueFile,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Brands to begin with.")
    ] = None,
    names_from: Annotated[
        Path | None, typer.Option("--names", help="A text file with one more name on each line.")
    ] = None,
    icons: Annotated[
        IconSet | None,
        typer.Option("--from", help="Take each brand's mark and other names from this icon set."),
    ] = None,
    json: Json = False,
) -> None:
    """Write a new catalogue with these brands; `catalogue add` and the file itself take more.

    The icons of the set are free of copyright or under a licence that it names. The names and
    logos stay trademarks of their owners.

    Example: crowdlens catalogue init catalogue.yaml Brightwater Kestrel

    Example: crowdlens catalogue init catalogue.yaml Coca-Cola Lego --from simple-icons
    """
    every = [*(names or []), *_lines(names_from)]
    if not every:
        raise typer.BadParameter("give at least one name", param_hint="NAME...")
    begun = begin(catalogue, every, icons=icons is not None)
    if icons is not None:
        _say_icons(begun.icons)
    if json:
        show_json({"catalogue": str(catalogue), "digest": begun.catalogue.digest})
        return
    show(f"{catalogue}: {begun.catalogue.digest}")


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter("the file can't be read as text", param_hint="--names") from None
    return [line.strip() for line in lines if line.strip()]


def _say_icons(icons: dict[str, Icon | None]) -> None:
    without = [name for name, icon in icons.items() if icon is None]
    undrawn = [name for name, icon in icons.items() if icon is not None and icon.svg is None]
    own = [
        f"{name} ({icon.licence})"
        for name, icon in icons.items()
        if icon is not None and icon.svg is not None and icon.licence != LICENCE
    ]
    if without:
        say(f"No icon for: {', '.join(without)}. Give marks with `crowdlens catalogue add`.")
    if undrawn:
        say(f"No icon that may be passed on for: {', '.join(undrawn)}. Give marks yourself.")
    if own:
        say(f"Icons under a licence of their own: {', '.join(own)}.")
    if len(without) + len(undrawn) < len(icons):
        say(
            f"Icons from Simple Icons {VERSION} ({LICENCE}). The names and logos are trademarks of "
            "their owners; recognising them in photos is not a right to show them."
        )


@app.command("add")
def add_entry(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The label, as in a report.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="More pictures, as --mark.")
    ] = None,
    catalogue: Annotated[
        Path, typer.Option("--catalogue", "-c", help="The catalogue; begun if it is not there.")
    ] = Path("catalogue.yaml"),
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="Default: as it is there, or else brand.")
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", help="Another way of writing it on a sign.")
    ] = None,
    mark: Annotated[
        list[Path] | None,
        typer.Option("--mark", help="PNG, JPEG or SVG of the mark, or a folder of them."),
    ] = None,
    example: Annotated[
        list[Path] | None,
        typer.Option("--example", help="A photo of the scene, or a folder of them."),
    ] = None,
    parent: Annotated[
        str | None, typer.Option("--parent", help="The brand that it belongs to.")
    ] = None,
    category: Annotated[str | None, typer.Option("--category", help="What it sells.")] = None,
    json: Json = False,
) -> None:
    """Add a brand or a scene, or add to the one of that name; comments in the file stay.

    Pictures are checked first. Those that lie beside the catalogue are named where they are;
    others are copied there, without their metadata. The pictures of a scene are example photos,
    whichever option names them: give some 20.

    Example: crowdlens catalogue add Brightwater --mark logo.svg --alias "Bright Water"
    """
    added = add(
        catalogue,
        Wanted(
            name=name,
            kind=kind.value if kind is not None else None,
            aliases=alias or (),
            marks=[*(mark or ()), *(files or ())],
            examples=example or (),
            parent=parent,
            category=category,
        ),
    )
    if json:
        entry = added.entry.model_dump(mode="json")
        copied = list(added.copied)
        digest = added.catalogue.digest
        show_json({"digest": digest, "entry": entry, "new": added.new, "copied": copied})
        return
    if added.entry.files:
        say("Run `crowdlens catalogue build` before a run: it learns from the pictures.")
    done = "added" if added.new else "changed"
    show(f"{added.entry.name} ({added.entry.kind}): {done}, {_pictures(added.entry)}")
    show(f"{catalogue}: {added.catalogue.digest}")


def _pictures(entry: Entry) -> str:
    return _count(len(entry.files), "mark" if entry.kind == "brand" else "example")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@app.command("build")
def build_catalogue(
    catalogue: CatalogueFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Where to write. Default: beside the catalogue, where a policy looks."
        ),
    ] = None,
    embedding: Annotated[
        Path | None,
        typer.Option(
            "--embedding",
            help="An ONNX file to teach the scenes with, which the policy names as well.",
        ),
    ] = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn from the marks and examples, and print the digest that a policy names as `built`.

    Minutes at most. The same pictures give the same file, byte for byte. A catalogue of names
    alone needs none. Examples are redacted first, as in a run.

    Example: crowdlens catalogue build catalogue.yaml
    """
    if out is not None and out.suffix != ENDING:
        raise typer.BadParameter(f"the file's name ends in {ENDING}", param_hint="--out")
    with observing(quiet=quiet) as observer:
        net = None if embedding is None else net_of(embedding)
        pool = LocalWorkers(workers or default_count())
        result = build(catalogue, pool, observer, out, net)
    loaded = load_catalogue(catalogue)
    if result is None:
        say(
            "Nothing to build: no brand has a mark and no scene is taught. Names are enough to run."
        )
    if json:
        show_json(_built_json(loaded.digest, result))
        return
    lines = [f"catalogue: {catalogue.name}", f"digest: {loaded.digest}"]
    if result is not None:
        for problem in result.withheld:
            say(f"Left out: {problem.sentence}.")
        say(f"{result.path} is written. In the policy, under dimensions:")
        lines.append(f"built: {result.digest}")
    show("brand:")
    for line in lines:
        show(f"  {line}")


def _built_json(digest: str, result: BuildResult | None) -> dict[str, object]:
    if result is None:
        return {"digest": digest, "built": None}
    return {
        "digest": digest,
        "built": result.digest,
        "file": str(result.path),
        "brands": result.record.brands,
        "scenes": result.record.scenes,
        "withheld": [{"entry": p.entry, "file": p.file} for p in result.withheld],
    }


@app.command("check")
def check_catalogue(catalogue: CatalogueFile, json: Json = False, quiet: Quiet = False) -> None:
    """Say what is weak (exit code 0) and what no run would start with (exit code 9, or 2).

    Warnings are about names that are common words, short or alike, marks that are plain, small,
    faint or those of another brand, and examples that are few or the same. Errors are about
    pictures that can't be used and a built file that is damaged or out of date.

    Example: crowdlens catalogue check catalogue.yaml
    """
    loaded = load_catalogue(catalogue)
    with observing(quiet=quiet or json) as observer:
        remarks = check(loaded, catalogue, observer)
    errors = [remark for remark in remarks if remark.error]
    if json:
        warnings = [remark for remark in remarks if not remark.error]
        told = {"errors": _remarks_json(errors), "warnings": _remarks_json(warnings)}
        show_json({"digest": loaded.digest, "ok": not errors, **told})
    else:
        for remark in remarks:
            about = f"{remark.entry}: " if remark.entry else ""
            show(f"{'error' if remark.error else 'warning'}: {about}{remark.sentence}")
        warned = _count(len(remarks) - len(errors), "warning")
        show(f"{catalogue.name}: {_count(len(errors), 'error')}, {warned}")
    if errors:
        raise typer.Exit(PicturesUnusable.exit_code)


def _remarks_json(remarks: list[Remark]) -> list[dict[str, str]]:
    return [{"topic": r.topic, "entry": r.entry, "sentence": r.sentence} for r in remarks]


@app.command("show")
def show_catalogue(catalogue: CatalogueFile, json: Json = False) -> None:
    """Show every brand and scene, what each is known by, and the digest that a policy names.

    Example: crowdlens catalogue show catalogue.yaml
    """
    loaded = load_catalogue(catalogue)
    if json:
        brands = [brand.model_dump(mode="json", exclude={"examples"}) for brand in loaded.brands]
        scenes = [scene.model_dump(mode="json") for scene in loaded.scenes]
        show_json({"digest": loaded.digest, "brands": brands, "scenes": scenes})
        return
    show_table(
        ("name", "kind", "aliases", "parent", "category", "pictures"),
        [
            (e.name, e.kind, ", ".join(e.aliases), e.parent or "", e.category or "", _pictures(e))
            for e in loaded.entries
        ],
    )
    show(f"digest: {loaded.digest}")
