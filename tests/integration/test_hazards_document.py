"""The table of hazards is true: every test that it names is there, and every hazard is in it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HAZARDS = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (H\d+) .*\|$", HAZARDS, re.MULTILINE)


def test_every_test_that_the_hazards_name_exists() -> None:
    named = re.findall(r"`(tests/[^`:]+)::([^`]+)`", HAZARDS)
    assert len(named) > 60
    for path, name in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{path}::{name}"


def test_every_path_of_the_hazards_is_named_with_its_test() -> None:
    assert len(re.findall(r"`tests/", HAZARDS)) == len(re.findall(r"`tests/[^`]+::test_", HAZARDS))


def test_every_hazard_stands_once_with_a_test() -> None:
    assert sorted(ROWS, key=lambda number: int(number[1:])) == [f"H{n}" for n in range(1, 33)]
    for line in HAZARDS.splitlines():
        if line.startswith("| H"):
            assert "::test_" in line, line[:40]


def test_every_link_of_the_hazards_leads_somewhere() -> None:
    for name in re.findall(r"\]\(((?!https?:)[^)#]+)\)", HAZARDS):
        assert (ROOT / "docs" / name).exists(), name
