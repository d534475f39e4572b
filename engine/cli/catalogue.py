"""`crowdlens catalogue`: what may be named."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from engine.cli.console import show, show_json, show_table
from engine.cli.options import Json
from engine.errors import OutputUnwritable
from engine.setup import PlaceTaken
from policies.catalogue import load_catalogue

app = typer.Typer(
    help="Make and read a catalogue: the brands that may be named.", no_args_is_help=True
)

CatalogueFile = Annotated[Path, typer.Argument(metavar="CATALOGUE", help="Such as catalogue.yaml.")]


@app.command()
def init(
    catalogue: CatalogueFile,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Brands to begin with.")],
) -> None:
    """Write a new catalogue with these brands; add aliases and categories in the file."""
    if catalogue.exists():
        raise PlaceTaken("the catalogue is there already", hint="Edit it, or give a new name.")
    entries = [{"name": name} for name in names]
    try:
        catalogue.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    except OSError:
        raise OutputUnwritable(
            "the catalogue can't be written", hint="Check the path and its permissions."
        ) from None
    try:
        loaded = load_catalogue(catalogue)
    except Exception:
        catalogue.unlink()
        raise
    show(f"{catalogue}: {loaded.digest}")


@app.command("show")
def show_catalogue(catalogue: CatalogueFile, json: Json = False) -> None:
    """Show every brand, the names it goes by, and the digest that a policy must name."""
    loaded = load_catalogue(catalogue)
    if json:
        brands = [brand.model_dump(mode="json") for brand in loaded.brands]
        show_json({"digest": loaded.digest, "brands": brands})
        return
    rows = [(b.name, ", ".join(b.aliases), b.parent or "", b.category or "") for b in loaded.brands]
    show_table(("name", "aliases", "parent", "category"), rows)
    show(f"digest: {loaded.digest}")
