"""Every command that has a result gives it as JSON on request."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from engine.cli.main import app
from engine.setup import Place
from tests.conftest import Command

WITHOUT = {
    # The result is a document itself, or a file that another program reads.
    "notice",
    "policy export",
    "policy schema",
    "audit prove",
    "audit timestamp request",
    "audit witness sign",
    # It runs until it is stopped.
    "audit witness serve",
}


def _commands(command: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*names, name))
        return
    yield " ".join(names), {option for p in command.params for option in getattr(p, "opts", ())}


def test_every_command_with_a_result_has_json() -> None:
    found = dict(_commands(typer.main.get_command(app)))
    assert set(found) >= WITHOUT
    lacking = {name for name, options in found.items() if "--json" not in options} - WITHOUT
    # Those that print where a new file lies, and nothing of what is in it.
    assert lacking <= {
        "optouts init",
        "optouts refresh",
        "audit witness init",
        "audit witness show",
        "audit timestamp add",
    }


def test_what_is_set_up_and_signed_is_named(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    made = json.loads(crowdlens("init", tmp_path / "new", "--json").out)
    assert Path(made["policy"]).is_file()
    assert all(Path(key).is_file() for key in made["keys"].values())
    begun = crowdlens("catalogue", "init", tmp_path / "c.yaml", "Kestrel", "--json")
    assert json.loads(begun.out)["digest"].startswith("sha256:")
    role, key = next(iter(made["keys"].items()))
    signed = crowdlens("policy", "sign", made["policy"], "--role", role, "--key", key, "--json")
    assert json.loads(signed.out)["role"] == role
    page = tmp_path / "audit.html"
    report = crowdlens("audit", "report", "--log", place.log, "--out", page, "--json")
    assert json.loads(report.out) == {"out": str(page), "verified": True, "entries": 1}
    lines = tmp_path / "log.jsonl"
    kept = crowdlens("audit", "export", "--log", place.log, "--jsonl", lines, "--json")
    assert json.loads(kept.out) == {"out": str(lines), "entries": 1}
