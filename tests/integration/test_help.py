"""Every command shows how it is used, and what it shows can be typed."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from engine.cli.main import app

Words = tuple[str, ...]


def commands(command: Any, words: Words = ()) -> Iterator[tuple[Words, Any]]:
    """Yield every command that does something, with the words that lead to it."""
    inside = getattr(command, "commands", None)
    if inside is None:
        yield words, command
        return
    for name, found in inside.items():
        yield from commands(found, (*words, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


def examples(command: Any) -> list[list[str]]:
    """Return the words of each example in the command's help."""
    paragraphs = (command.help or "").split("\n\n")
    found = [p.partition("Example: ")[2] for p in paragraphs if p.startswith("Example: ")]
    return [shlex.split(" ".join(example.split())) for example in found]


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 35
    assert {"run", "audit"} <= {words[0] for words in COMMANDS}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_an_example_that_it_understands(words: Words) -> None:
    command = COMMANDS[words]
    shown = examples(command)
    assert shown, "give it an example: a paragraph `Example: crowdlens ...` in its docstring"
    for example in shown:
        assert tuple(example[: len(words) + 1]) == ("crowdlens", *words), example
        given = example[len(words) + 1 :]
        for end, word in enumerate(given):
            if word in {">", ">>", "|", "<"}:  # what follows is for the shell
                given = given[:end]
                break
        # Parses options, counts arguments and converts values; runs nothing.
        context = command.make_context(words[-1], given)
        assert context.params.keys() >= {p.name for p in command.params if p.required}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_and_option_says_what_it_is_for(words: Words) -> None:
    command = COMMANDS[words]
    assert re.match(r"[A-Z].*[.:;]", command.help or "", re.DOTALL)
    silent = [p.name for p in command.params if not getattr(p, "help", None)]
    assert silent == [], "these have no help text"
