"""What a policy may say of a model, and what it may not: one rule at its very edge at a time."""

import re
from pathlib import Path

import pytest

from policies import model_release
from policies.decision import load_rules
from policies.errors import PolicyInvalid, PolicyRefuses
from policies.judging import judge
from policies.model_release import ModelRelease
from policies.policy import Policy, read_policy
from policies.request import read_request

MODEL = """\
model_release:
  id: brand_head
  kind: brand
  contributors: 200
  epsilon: "0.5"
  delta: "1e-8"
"""
SCENES = "  scene: {labels: [beach, kitchen]}\n  week:"
DOCUMENT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")


@pytest.fixture
def write(write_policy):
    """Write a policy with a model, with replacements in the model's part and in the rest."""

    def make(*replacements: tuple[str, str], rest: tuple[tuple[str, str], ...] = ()) -> Path:
        model = MODEL
        for old, new in replacements:
            assert old in model
            model = model.replace(old, new)
        path = write_policy(*rest)
        path.write_text(path.read_text() + model)
        return path

    return make


def rules_found(path: Path) -> set[str]:
    try:
        findings = read_policy(path)[1]
    except PolicyInvalid as invalid:
        findings = invalid.findings
    assert all(f.line and f.fix for f in findings)
    return {finding.rule for finding in findings}


def test_a_model_needs_five_lines_and_the_rest_is_written_in(write) -> None:
    policy, found = read_policy(write())
    assert found == ()
    model = policy.model_release
    assert model is not None
    assert (model.steps, model.labels, model.noise, model.figures) == (10, None, None, None)
    said = policy.effective["model_release"]
    assert (said["epochs"], said["sampling_rate"], said["clip"]) == ("10", "1", "1")
    assert Policy.model_validate(policy.effective).digest == policy.digest
    assert {name: str(price) for name, price in model.prices.items()} == {
        "brand_head": "epsilon 0.5, delta 1e-8"
    }


def test_most_policies_release_no_model(write_policy) -> None:
    assert read_policy(write_policy())[0].model_release is None


@pytest.mark.parametrize(
    ("epochs", "rate", "steps"),
    [
        ("10", "0.5", 20),
        ("10", "0.3", 34),
        ("1", "1", 1),
        ("0.5", "0.5", 1),
        ("10", "0.001", 10_000),
    ],
)
def test_steps_are_epochs_over_the_rate_rounded_up(epochs: str, rate: str, steps: int) -> None:
    values = {"id": "m", "kind": "brand", "rho": "1", "contributors": 1}
    model = ModelRelease.model_validate({**values, "epochs": epochs, "sampling_rate": rate})
    assert model.steps == steps


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('epsilon: "0.5"', 'epsilon: "0.5"\n  rho: "1"', "PL-TRAIN-001"),
        ('  epsilon: "0.5"\n  delta: "1e-8"\n', "", "PL-TRAIN-001"),
        ("contributors", "figures: {}\n  contributors", "PL-TRAIN-001"),
        ('\n  delta: "1e-8"', "", "PL-TRAIN-002"),
        ('epsilon: "0.5"', 'rho: "0.5"', "PL-TRAIN-002"),
        ('"1e-8"', '"0.001"', "PL-BUDGET-008"),
        ("contributors", 'epochs: "0.4"\n  sampling_rate: "0.5"\n  contributors', "PL-TRAIN-003"),
        ("contributors", 'epochs: "10"\n  sampling_rate: "0.0009"\n  contributors', "PL-TRAIN-003"),
        ("contributors", 'epochs: "10001"\n  contributors', "PL-TRAIN-003"),
        ("contributors", 'epochs: "0"\n  contributors', "PL-NUM-002"),
        ("contributors", "epochs: 10\n  contributors", "PL-NUM-001"),
        ("contributors", 'sampling_rate: "1.01"\n  contributors', "PL-NUM-005"),
        ("contributors", 'sampling_rate: "0"\n  contributors', "PL-NUM-002"),
        ("contributors", 'clip: "0.0009"\n  contributors', "PL-TRAIN-004"),
        ("contributors", 'clip: "1001"\n  contributors', "PL-TRAIN-004"),
        ("contributors", 'noise: "0.09"\n  contributors', "PL-TRAIN-014"),
        ("contributors", 'noise: "10001"\n  contributors', "PL-TRAIN-014"),
        ("brand_head", "brand_by_week", "PL-TRAIN-005"),
        ("brand_head", "a" * 57, "PL-TRAIN-015"),
        ('epsilon: "0.5"\n  delta: "1e-8"', 'rho: "0.5"', "PL-TRAIN-006"),
        ("contributors", 'figures: {rho: "0.1"}\n  contributors', "PL-TRAIN-006"),
        ('"0.5"', '"1.01"', "PL-TRAIN-007"),
        ('"1e-8"', '"1.1e-7"', "PL-TRAIN-007"),
        ("contributors", 'figures: {epsilon: "0.51"}\n  contributors', "PL-TRAIN-007"),
        ("kind: brand", "kind: scene", "PL-TRAIN-011"),
        ("contributors: 200", "contributors: 100000000", "PL-TRAIN-010"),
        ("contributors: 200", "contributors: 0", "PL-FIELD-003"),
        ("kind: brand", "kind: person", "PL-FIELD-003"),
        ("kind: brand", "kind: brand\n  architecture: deep", "PL-FIELD-003"),
        ("kind: brand", "kind: brand\n  labels: [Kestrel, Kestrel]", "PL-LABEL-003"),
        ("kind: brand", "kind: brand\n  labels: [Kestrel, old woman]", "PL-LABEL-002"),
        ("kind: brand", "kind: brand\n  layers: 2", "PL-FIELD-001"),
    ],
)
def test_each_rule_refuses(write, old: str, new: str, rule: str) -> None:
    assert rule in rules_found(write((old, new)))


@pytest.mark.parametrize(
    "replacements",
    [
        [('"0.5"', '"1"')],
        [('"1e-8"', '"1e-7"')],
        [("contributors", 'figures: {epsilon: "0.5"}\n  contributors')],
        [("contributors", 'noise: "0.1"\n  clip: "1000"\n  contributors')],
        [("brand_head", "a" * 56)],
        [("200", "99999999")],
    ],
)
def test_the_edge_itself_is_allowed(write, replacements: list[tuple[str, str]]) -> None:
    assert rules_found(write(*replacements)) == set()


def test_the_figures_of_a_model_have_an_id_that_no_statistic_may_have(write) -> None:
    path = write(("brand_head", "seen"))
    path.write_text(path.read_text().replace("id: brand_by_week", "id: seen_figures"))
    assert rules_found(path) == {"PL-TRAIN-005"}


def test_scenes_are_those_of_the_policy(write) -> None:
    named = ("  week:", SCENES)
    assert rules_found(write(("kind: brand", "kind: scene"), rest=(named,))) == set()
    some = ("kind: brand", "kind: scene\n  labels: [beach]")
    assert rules_found(write(some, rest=(named,))) == set()
    other = ("kind: brand", "kind: scene\n  labels: [bar]")
    assert rules_found(write(other, rest=(named,))) == {"PL-TRAIN-016"}


def test_brands_are_those_of_the_catalogue_and_none_is_a_person(write, tmp_path) -> None:
    load_rules(write(("kind: brand", "kind: brand\n  labels: [Kestrel]")))
    with pytest.raises(PolicyRefuses) as caught:
        load_rules(write(("kind: brand", "kind: brand\n  labels: [Oberon]")))
    assert caught.value.rule == "PL-TRAIN-008"
    path = write()
    old = load_rules(path).catalogue.digest
    catalogue = tmp_path / "catalogue.yaml"
    catalogue.write_text(catalogue.read_text() + "- name: asian women\n")
    with pytest.raises(PolicyRefuses) as caught:
        load_rules(path)
    path.write_text(
        path.read_text().replace(old, re.findall(r"sha256:[0-9a-f]{64}", caught.value.hint)[0])
    )
    with pytest.raises(PolicyRefuses) as caught:
        load_rules(path)
    assert caught.value.rule == "PL-LABEL-002"


RHO = (
    ('{epsilon: "4", delta', '{rho: "4", delta'),
    ('{epsilon: "1", delta', '{rho: "1", delta'),
    ('epsilon: "1"}', 'rho: "1"}'),
    ("budget:\n", "budget:\n  accounting: zcdp\n"),
)


def test_reviewers_are_warned_of_chance_that_rho_gives_no_credit_for(write) -> None:
    priced = ('epsilon: "0.5"\n  delta: "1e-8"', 'rho: "0.5"')
    assert rules_found(write(priced, rest=RHO)) == set()
    half = ("contributors", 'sampling_rate: "0.5"\n  contributors')
    path = write(priced, half, rest=RHO)
    (warning,) = read_policy(path)[1]
    assert (warning.rule, warning.severity) == ("PL-TRAIN-009", "warning")
    assert "sampling_rate" in path.read_text().splitlines()[warning.line - 1]


def test_a_request_can_ask_for_the_model_and_for_no_more_than_its_price(
    write, write_policy
) -> None:
    def refused(path: Path, price: str) -> set[str]:
        asked = f"{{on: 2026-06-01, beside: [model], price: {{epsilon: '{price}'}}}}"
        return {r.rule for r in judge(load_rules(path), read_request(asked)).reasons}

    figures = ("contributors", 'figures: {epsilon: "0.25"}\n  contributors')
    assert refused(write(figures), "0.75") == set()
    assert refused(write(figures), "0.76") == {"PL-ASK-013"}
    assert refused(write_policy(), "0.5") == {"PL-ASK-013", "PL-ASK-016"}


def test_each_rule_means_one_thing_and_is_in_the_document() -> None:
    source = Path(model_release.__file__).read_text()
    named = re.findall(r'"(PL-TRAIN-\d{3})",\s*f?"([^"]+)"', source)
    meanings: dict[str, set[str]] = {}
    for rule, meaning in named:
        meanings.setdefault(rule, set()).add(meaning)
    assert len(meanings) >= 10
    for rule in meanings:
        assert rule in DOCUMENT, rule
