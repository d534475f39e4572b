"""The commands by which a compliance office reads, asks, compares and tests a policy."""

import json
from pathlib import Path

import pytest

from engine.learning.expected import EXPECTED, WITHOUT, expected_f1
from engine.setup import Place
from policies.json_schema import policy_schema
from tests.conftest import Command
from tests.places import made_real

ASKED = "{on: ON, statistics: [brand_by_week]}"


def test_explain_says_what_leaves_and_who_approved(crowdlens: Command, place: Place) -> None:
    done = crowdlens("policy", "explain", place.policy, "--crowd", 100)
    assert done.code == 0, done.err
    for said in ("What leaves", "can't be told from zero", "Approved as steward", "Art. 30(1)"):
        assert said in done.out, said
    value = json.loads(crowdlens("policy", "explain", place.policy, "--json").out)
    assert {note["kept"] for note in value["fields"]} == {"enforced", "checked", "recorded"}
    approvals = place.root / "study.approvals.json"
    held = json.loads(approvals.read_text())["approvals"]
    approvals.write_text(json.dumps({"approvals": held[:1]}))
    half = crowdlens("policy", "explain", place.policy).out
    assert half.count("Approved as") == 1
    assert "Still missing: 1 as reviewer." in half
    approvals.write_text("{}")
    assert (
        "Who did can't be said: the approvals file"
        in crowdlens("policy", "explain", place.policy).out
    )
    place.trust.unlink()
    assert "without the trust file" in crowdlens("policy", "explain", place.policy).out


def test_explain_answers_a_request_with_rules(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    words = ("policy", "explain", place.policy, "--request")
    day = place.policy.read_text().partition("not_before: ")[2][:10]
    asked = ASKED.replace("ON", day)
    done = crowdlens(*words, asked)
    assert (done.code, done.out.splitlines()[0]) == (0, "allowed")
    assert "not judged" in done.out
    (tmp_path / "request.yaml").write_text(ASKED.replace("ON", "2001-01-01"))
    refused = crowdlens(*words, tmp_path / "request.yaml")
    assert refused.code == 7
    assert "[PL-TIME-002]" in refused.out
    value = json.loads(crowdlens(*words, tmp_path / "request.yaml", "--json").out)
    assert value["allowed"] is False
    assert value["reasons"][0]["rule"] == "PL-TIME-002"
    wrong = crowdlens(*words, "{on: soon}")
    assert wrong.code == 2
    assert "(request):1: on: this is not a date" in wrong.err


def test_diff_names_each_field_and_its_direction(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    other = place.root / "two.yaml"
    text = place.policy.read_text()
    other.write_text(text.replace("people: faces", "people: people").replace('"4"', '"5"'))
    done = crowdlens("policy", "diff", place.policy, other)
    assert done.code == 0
    assert "looser    budget.total.epsilon: 4 -> 5" in done.out
    assert "1 stricter, 1 looser, 0 other" in done.out
    assert "version 1 does not come after version 1" in done.out
    changes = json.loads(crowdlens("policy", "diff", place.policy, other, "--json").out)["changes"]
    assert [c["direction"] for c in changes] == ["looser", "stricter"]
    assert "the approvals hold" in crowdlens("policy", "diff", place.policy, place.policy).out


def test_test_fails_on_another_answer_and_lists_what_nobody_tried(
    crowdlens: Command, place: Place
) -> None:
    missing = crowdlens("policy", "test", place.policy)
    assert missing.code == 2
    assert "PL-FILE-001" in missing.err
    cases = place.root / "study.test.yaml"
    asked = ASKED.replace("ON", "2001-01-01")
    case = f"cases:\n- name: early\n  request: {asked}\n  expect: deny\n  rules: [PL-TIME-002]\n"
    cases.write_text(case)
    done = crowdlens("policy", "test", place.policy)
    assert done.code == 0
    assert "pass  early: deny by PL-TIME-002" in done.out
    assert "no case touches  PL-APPR-002" in done.out
    cases.write_text(case.replace("deny\n  rules: [PL-TIME-002]", "allow"))
    failed = crowdlens("policy", "test", place.policy)
    assert failed.code == 8
    assert "FAIL  early: deny by PL-TIME-002; expected allow" in failed.out
    assert json.loads(crowdlens("policy", "test", place.policy, "--json").out)["ok"] is False
    cases.write_text("cases: []\n")
    assert crowdlens("policy", "test", place.policy).code == 2


def test_export_prints_one_document(crowdlens: Command, place: Place) -> None:
    record = crowdlens("policy", "export", place.policy, "--ropa")
    assert (record.code, record.out.splitlines()[0]) == (0, "# Record of processing: test-study")
    assessment = crowdlens("policy", "export", place.policy, "--dpia")
    assert assessment.code == 0
    assert "A release costs epsilon 1" in assessment.out
    assert crowdlens("policy", "export", place.policy).code == 2
    assert crowdlens("policy", "export", place.policy, "--ropa", "--dpia").code == 2


def test_schema_prints_the_schema(crowdlens: Command) -> None:
    assert json.loads(crowdlens("policy", "schema").out) == policy_schema()


@pytest.mark.parametrize("policy_class", ["pilot", "production"])
def test_lint_names_severity_and_law(crowdlens: Command, place: Place, policy_class: str) -> None:
    real = made_real(place.policy.read_text(), policy_class, "consented-panel")
    place.policy.write_text(real)
    done = crowdlens("policy", "lint", place.policy)
    assert done.code == 0
    assert "warning: no evaluation of redaction is demanded (GDPR, Art. 25(1)" in done.out
    found = json.loads(crowdlens("policy", "lint", place.policy, "--json").out)["findings"]
    warned = {(f["rule"], f["severity"]) for f in found}
    assert warned == {("PL-LAW-013", "warning"), ("PL-LAW-015", "warning")}
    place.policy.write_text(real.replace("lawful_basis: {gdpr: art6-1-a}\n", ""))
    for command in ("lint", "verify", "plan", "explain"):
        refused = crowdlens("policy", command, place.policy)
        assert refused.code == 2, command
        assert "(GDPR, Art. 6(1)) [PL-LAW-007]" in refused.err


MODEL = """
model_release:
  id: brand_head
  kind: brand
  contributors: 200
  sampling_rate: "0.5"
  epsilon: "0.9"
  delta: "1e-8"
  figures: {epsilon: "0.1"}
"""


def test_plan_and_lint_say_what_a_model_costs(crowdlens: Command, place: Place) -> None:
    assert json.loads(crowdlens("policy", "plan", place.policy, "--json").out)["model"] is None
    text = place.policy.read_text()
    place.policy.write_text(text + MODEL)
    planned = json.loads(crowdlens("policy", "plan", place.policy, "--json").out)["model"]
    assert planned["cost"] == {"epsilon": "1", "delta": "1e-8"}
    assert (planned["steps"], planned["trainings"], planned["figures_error95"]) == (20, 4, 60)
    assert 0 < planned["prv_epsilon"] < 0.9
    expected = planned["expected"]
    assert len(expected["table"]) == len(EXPECTED) + len(WITHOUT)
    assert {row["f1"] for row in expected["table"]} == {*EXPECTED.values(), *WITHOUT.values()}
    assert expected["f1"] == expected_f1(200, 0.9)
    said = crowdlens("policy", "plan", place.policy).out
    for part in (
        "another crowd's figures",
        "no privacy",
        "brand_head: 3 labels of kind brand",
        f"20 steps at rate 0.5, noise {planned['noise']} times the clip",
        "of which epsilon 0.1 for figures on its card",
        "by the PRV accountant",
        "pays for 4 such trainings",
    ):
        assert part in said, part
    assert crowdlens("policy", "lint", place.policy).code == 0
    for new, rule in (('noise: "1"\n  epsilon', "PL-TRAIN-013"), ("rho", "PL-TRAIN-002")):
        place.policy.write_text(text + MODEL.replace("epsilon", new, 1))
        for words in (("lint",), ("plan",), ("explain",), ("sign", "--role", "steward")):
            key = ("--key", place.key("steward")) if words[0] == "sign" else ()
            done = crowdlens("policy", words[0], place.policy, *words[1:], *key)
            assert done.code in (2, 7)
            assert f"[{rule}]" in done.err


def test_a_request_for_a_model_is_denied_where_there_is_none(
    crowdlens: Command, place: Place
) -> None:
    day = place.policy.read_text().partition("not_before: ")[2][:10]
    asked = f"{{on: {day}, beside: [model]}}"
    done = crowdlens("policy", "explain", place.policy, "--request", asked)
    assert done.code == 7
    assert "[PL-ASK-016]" in done.out
    place.policy.write_text(place.policy.read_text() + MODEL)
    assert crowdlens("policy", "explain", place.policy, "--request", asked).code == 0
