"""A shell completes commands, options, and the names that stand in policies and logs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.setup import Place

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.argv = ['crowdlens']; from engine.cli.main import main; main()"


def completed(shell: str, *words: object) -> list[str]:
    """Return what the shell offers for the last of the words, as its script would ask for it."""
    line = " ".join(["crowdlens", *map(str, words)])
    given = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words))},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            **given,
            "PYTHONPATH": str(ROOT),
            "_CROWDLENS_COMPLETE": f"complete_{shell}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_are_completed_in_every_shell(shell: str) -> None:
    offered = " ".join(completed(shell, "no"))
    assert "notice" in offered
    assert "budget" not in offered


def test_names_of_ready_made_policies() -> None:
    assert completed("bash", "init", "site", "--policy", "c")[:2] == [
        "classroom",
        "consented-panel",
    ]


def test_roles_are_those_of_the_policy_on_the_line(place: Place) -> None:
    text = place.policy.read_text().replace("  reviewer: 1\n", "  reviewer: 1\n  ethics: 1\n")
    place.policy.write_text(text)
    offered = completed("bash", "policy", "sign", place.policy, "--role", "")
    assert [name for name in offered if name] == ["ethics", "reviewer", "steward"]
    assert "steward" in completed("bash", "policy", "sign", "missing.yaml", "--role", "s")


def test_types_of_log_entries() -> None:
    assert "release" in completed("bash", "audit", "show", "--type", "rel")


def test_the_script_for_a_shell_can_be_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(ROOT), "_CROWDLENS_COMPLETE": "source_bash"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "complete" in done.stdout
    assert "crowdlens" in done.stdout
