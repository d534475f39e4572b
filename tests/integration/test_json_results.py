"""Every command that has a result gives it as JSON on request."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from audit import Trust
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
    assert {name for name, options in found.items() if "--json" not in options} == WITHOUT


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


def test_what_witnesses_and_lists_hold_is_told(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    origin = Trust.load(place.trust).log.name
    words = ("audit", "witness", "init", tmp_path / "w", "--trust", place.trust, "--json")
    made = json.loads(crowdlens(*words).out)
    assert (made["log"], made["vkey"].partition("/")[0]) == (origin, "crowdlens-witness")
    shown = ("audit", "witness", "show", tmp_path / "w", "--json")
    assert json.loads(crowdlens(*shown).out)["memory"] is None
    signed = crowdlens("audit", "witness", "sign", tmp_path / "w", "--log", place.log, "--json")
    memory = json.loads(signed.out)
    assert memory.pop("cosignature").startswith("\u2014 crowdlens-witness/")
    assert json.loads(crowdlens(*shown).out)["memory"] == memory
    assert (memory["origin"], memory["size"]) == (origin, 1)

    listed = (tmp_path / "o.json", "--key", tmp_path / "o.key")
    begun = crowdlens("optouts", "init", *listed, "--dataset", "panel", "--json")
    assert json.loads(begun.out)["dataset"] == "panel"
    again = json.loads(crowdlens("optouts", "refresh", *listed, "--json").out)
    assert again == {"dataset": "panel", "updated": json.loads(begun.out)["updated"]}
