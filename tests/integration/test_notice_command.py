"""`crowdlens notice`, from the command line."""

from pathlib import Path

import pytest

from policies.library import READY_MADE
from tests.conftest import Command

LIBRARY = Path(__file__).parents[2] / "policies" / "library"


@pytest.mark.parametrize("name", READY_MADE)
def test_it_writes_both_forms_and_says_what_is_a_draft(
    crowdlens: Command, tmp_path: Path, name: str
) -> None:
    policy = LIBRARY / f"{name}.yaml"
    page = crowdlens("notice", policy)
    assert page.code == 0, page.err
    assert page.out.startswith("<!doctype html>")
    assert ("Not to be published yet" in page.err) == (name != "classroom")
    file = tmp_path / "notice.md"
    assert crowdlens("notice", policy, "--out", file).code == 0
    assert file.read_text() == crowdlens("notice", policy, "--format", "md").out
    assert file.read_text().startswith("# ")


def test_it_writes_over_nothing_and_says_what_is_wrong(crowdlens: Command, tmp_path: Path) -> None:
    policy, file = LIBRARY / "classroom.yaml", tmp_path / "notice.html"
    assert crowdlens("notice", policy, "--out", file).code == 0
    again = crowdlens("notice", policy, "--out", file)
    assert (again.code, "a file of that name" in again.err) == (2, True)
    nowhere = crowdlens("notice", policy, "--out", tmp_path / "no" / "notice.html")
    assert (nowhere.code, "can't be written" in nowhere.err) == (10, True)
    assert crowdlens("notice", tmp_path / "none.yaml").code == 2
