"""Each ready-made policy lints, plans, explains itself and answers its own cases."""

import json
from pathlib import Path

import pytest

import policies
from policies.library import READY_MADE
from tests.conftest import Command

LIBRARY = Path(policies.__file__).parent / "library"


def test_the_library_is_what_it_says() -> None:
    files = {f.name for f in LIBRARY.glob("*.yaml")} - {"catalogue.yaml"}
    assert files == {f"{name}{end}" for name in READY_MADE for end in (".yaml", ".test.yaml")}


@pytest.mark.parametrize("name", READY_MADE)
def test_it_lints_with_nothing_but_what_is_to_be_filled_in(crowdlens: Command, name: str) -> None:
    done = crowdlens("policy", "lint", LIBRARY / f"{name}.yaml", "--json")
    assert done.code == 0, done.out
    found = {finding["rule"] for finding in json.loads(done.out)["findings"]}
    assert found == (set() if name == "classroom" else {"PL-LAW-013", "PL-TEXT-002"})
    first = (LIBRARY / f"{name}.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schema/policy.v1.json"
    assert (LIBRARY / first.partition("=")[2]).is_file()


@pytest.mark.parametrize("name", READY_MADE)
def test_it_plans_explains_and_exports_itself(crowdlens: Command, name: str) -> None:
    policy = LIBRARY / f"{name}.yaml"
    planned = json.loads(crowdlens("policy", "plan", policy, "--crowd", 2000, "--json").out)
    assert planned["releases"] >= 2
    shares = [s["stands_out_of_crowd"] for s in planned["statistics"] if s["measures"] != "top"]
    assert all(share < 0.025 for share in shares), "useful with two thousand contributors"
    told = crowdlens("policy", "explain", policy)
    assert told.code == 0, told.err
    assert f"Policy {name}, version 1" in told.out
    assert crowdlens("policy", "export", policy, "--ropa").code == 0
    assert crowdlens("policy", "export", policy, "--dpia").code == 0


@pytest.mark.parametrize("name", READY_MADE)
def test_it_answers_its_own_cases(crowdlens: Command, name: str) -> None:
    done = crowdlens("policy", "test", LIBRARY / f"{name}.yaml")
    assert done.code == 0, done.out


def test_nobody_can_approve_what_is_not_filled_in(crowdlens: Command, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert crowdlens("init", site, "--policy", "consented-panel").code == 0
    assert (
        "study.yaml: not filled in yet, sha256:"
        in crowdlens("policy", "lint", site / "study.yaml").out
    )
    words = ("policy", "sign", site / "study.yaml", "--role", "steward")
    refused = crowdlens(*words, "--key", site / "keys" / "steward.key")
    assert refused.code == 7
    assert "controller.name is filled in [PL-APPR-004]" in refused.err
    text = (site / "study.yaml").read_text()
    text = text.replace("FILL IN", "We,").replace("sha256:" + "0" * 64, "sha256:" + "1" * 64)
    (site / "study.yaml").write_text(text)
    assert crowdlens(*words, "--key", site / "keys" / "steward.key").code == 0


@pytest.mark.parametrize("name", READY_MADE)
def test_a_place_can_begin_with_it(crowdlens: Command, tmp_path: Path, name: str) -> None:
    site = tmp_path / "site"
    assert crowdlens("init", site, "--policy", name).code == 0
    assert crowdlens("policy", "test", site / "study.yaml").code == 0
    first = (site / "study.yaml").read_text().splitlines()[0]
    assert (site / first.partition("=")[2]).is_file()
    unknown = crowdlens("init", tmp_path / "other", "--policy", "spying")
    assert unknown.code == 2
    assert not (tmp_path / "other").exists()
