"""The documents are true: their commands run, their tests exist, their tables match the code."""

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies.tags import INTERESTS, OBJECTS, SCENES
from tests.conftest import Command
from tests.places import draw_sign

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PRIVACY = (ROOT / "PRIVACY.md").read_text(encoding="utf-8")


def shell_lines(document: str) -> list[list[str]]:
    """Return the words of every line in the document's shell blocks, comments left out."""
    blocks = re.findall(r"```sh\n(.*?)```", document, re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.models
def test_the_commands_of_the_readme_run_in_their_order(
    crowdlens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    day = datetime.now(UTC).date().isoformat()
    for folder in ("photos", "labelled"):
        draw_sign(tmp_path / folder / "IMG_0001.jpg", "Brightwater", "Call Ana 555-0137")
    (tmp_path / "photos" / "photos.csv").write_text(
        f"path,contributor,taken_at\nIMG_0001.jpg,@river_7,{day}\n"
    )
    (tmp_path / "labelled" / "truth.csv").write_text(
        "photo,kind,label,x0,y0,x1,y1\n"
        "IMG_0001.jpg,brand,Brightwater,,,,\n"
        "IMG_0001.jpg,text,Call Ana 555-0137,20,85,310,125\n"
    )
    commands = [line[1:] for line in shell_lines(README) if line[0] == "crowdlens"]
    assert len(commands) >= 14
    for words in commands:
        done = crowdlens(*words)
        assert done.code == 0, (words, done.err)


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [line[1] for line in shell_lines(README) if line[0] == "make"]
    assert targets == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_labels_of_the_document_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "recognition.md").read_text(encoding="utf-8")
    for heading, labels in (("Scenes", SCENES), ("Objects", OBJECTS), ("Interests", INTERESTS)):
        listed = re.search(rf"^{heading}:\n\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE)
        assert listed, heading
        assert [" ".join(n.split()) for n in re.findall(r"`([^`]+)`", listed[1])] == list(labels)


def test_every_test_that_privacy_names_exists_and_holds_tests() -> None:
    named = re.findall(r"`(tests/[^`]+)`", PRIVACY)
    assert len(named) > 20
    for name in named:
        path = ROOT / name
        files = [path] if path.is_file() else sorted(path.rglob("test_*.py"))
        assert files, name
        assert all("def test_" in file.read_text(encoding="utf-8") for file in files), name


def test_every_link_and_folder_of_the_readme_exists() -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", README + PRIVACY)
    folders = re.findall(r"^\| `([a-z/]+/)` \|", README, re.MULTILINE)
    assert len(folders) >= 8
    for name in [*links, *folders]:
        assert (ROOT / name).exists(), name


def test_the_exit_codes_of_the_readme_are_those_of_the_help() -> None:
    from engine.cli.main import EXIT_CODES

    rows = re.findall(r"^\| (\d+) \|", README, re.MULTILINE)
    assert rows == [str(code) for code in range(11)]
    assert all(f" {code} " in EXIT_CODES for code in rows)


def test_the_reference_of_commands_is_what_the_commands_say(tmp_path: Path) -> None:
    typer = Path(sys.executable).with_name("typer")
    words = ["utils", "docs", "--name", "crowdlens", "--title", "crowdlens", "--output"]
    target = tmp_path / "cli.md"
    subprocess.run(
        [typer, "engine.cli.main", *words, target], cwd=ROOT, check=True, capture_output=True
    )
    assert target.read_text() == (ROOT / "docs" / "cli.md").read_text(), "run `make docs`"


def test_every_policy_rule_that_is_named_stands_in_the_code_once_described() -> None:
    """A rule id means one thing: no two sentences share one."""
    meanings: dict[str, set[str]] = {}
    for file in [*(ROOT / "policies").rglob("*.py"), *(ROOT / "engine").rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        for rule, message in re.findall(r'broken\(\s*"(PL-[A-Z]+-\d{3})",\s*f?"([^"]+)"', text):
            meanings.setdefault(rule, set()).add(message)
    assert len(meanings) > 12
    shared = {"PL-NUM-001", "PL-CAT-003"}  # one rule, told in two situations
    assert {rule for rule, told in meanings.items() if len(told) > 1} <= shared
