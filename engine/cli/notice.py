"""`crowdlens notice`: a public page about a study, for those whose photos may be in it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import say, show
from engine.cli.options import PolicyFile
from engine.durable import write_new
from engine.errors import OutputTaken, OutputUnwritable
from policies.decision import load_rules


class Format(StrEnum):
    """What a notice is written as."""

    html = "html"
    md = "md"


def notice(
    policy: PolicyFile,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new file. Default: standard output.")
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="html or md. Default: as the file's name ends, else html."),
    ] = None,
) -> None:
    """Write the public page of a study: who, why, from which photos, what leaves, how to object.

    In plain language, from the policy and its catalogue alone: the same rules give the same page,
    byte for byte. A policy that is not filled in yet gives a page that says that it is a draft.

    Example: crowdlens notice study.yaml --out notice.html

    Example: crowdlens notice study.yaml --format md
    """
    from engine.notice import as_html, as_markdown  # noqa: PLC0415  loads polars
    from engine.notice import notice as made_of  # noqa: PLC0415

    made = made_of(load_rules(policy))
    if form is None:
        form = Format.md if out is not None and out.suffix in (".md", ".markdown") else Format.html
    text = as_html(made) if form is Format.html else as_markdown(made)
    if made.draft:
        say(f"Not to be published yet. {made.warning}")
    if out is None:
        sys.stdout.write(text)
        return
    _write(out, text)
    show(f"{out}  the notice of {policy}")


def _write(out: Path, text: str) -> None:
    try:
        write_new(out, text.encode())
    except FileExistsError:
        raise OutputTaken(
            "there is a file of that name already", hint="Give a new --out."
        ) from None
    except OSError as error:
        raise OutputUnwritable(
            f"the notice can't be written: {error.strerror}",
            hint="Check the path, its permissions and the space.",
        ) from None
