"""docs/policy.md says what the code says: fields, laws, words, rules, and an example that lints."""

import re
from pathlib import Path

import pytest

from engine.setup import Place
from policies.errors import PolicyInvalid
from policies.field_notes import FIELD_NOTES
from policies.obligations import OBLIGATIONS
from policies.policy import load_policy
from policies.purpose_choices import DPV, DUO
from policies.request import read_request
from policies.request_rules import RULES
from tests.conftest import Command

DOCUMENT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


def rows(*cells: str) -> str:
    return f"| {' | '.join(cell or '-' for cell in cells)} |\n"


def test_the_tables_are_those_of_the_code() -> None:
    for note in FIELD_NOTES:
        assert rows(f"`{note.field}`", note.kept, note.how, note.law) in DOCUMENT
    for o in OBLIGATIONS:
        assert rows(o.rule, f"`{'.'.join(o.field)}`", o.message, o.law) in DOCUMENT
    for word, meaning in {**DPV, **DUO}.items():
        assert rows(f"`{word}`", meaning) in DOCUMENT
    listed = re.findall(r"^\| (PL-[A-Z]+-\d{3}) \| [^`]", DOCUMENT, re.MULTILINE)
    assert sorted(listed) == sorted(RULES)


def test_the_example_of_a_real_study_needs_nothing_more(place: Place) -> None:
    example = BLOCKS[0].replace("sha256:...", "sha256:" + "a" * 64)
    example = example.replace("2026-01-15", "2020-01-15")
    text = place.policy.read_text().replace("class: test", "class: production")
    for section in ("purpose", "dataset"):
        text = re.sub(rf"^{section}:\n(?:  .*\n)+", "", text, flags=re.MULTILINE)
    place.policy.write_text(text + example)
    assert load_policy(place.policy).dataset.id == "panel-2026"
    place.policy.write_text(text + example.replace("controller:", "controler:"))
    with pytest.raises(PolicyInvalid):
        load_policy(place.policy)


def test_the_request_is_one(tmp_path: Path) -> None:
    block = next(block for block in BLOCKS if block.startswith("on: "))
    file = tmp_path / "request.yaml"
    file.write_text(block)
    assert read_request(str(file)).by == "the research team"


def test_the_example_of_a_model_is_one_and_says_the_defaults(place: Place) -> None:
    block = next(block for block in BLOCKS if block.startswith("model_release:"))
    # A run of its own, so that its price and its figures fit into what one release may cost.
    fitting = block.replace('"4"', '"0.9"').replace('"1e-6"', '"1e-8"')
    place.policy.write_text(place.policy.read_text() + fitting)
    model = load_policy(place.policy).model_release
    assert model is not None
    for name in ("epochs", "sampling_rate", "clip"):
        assert getattr(model, name) == type(model).model_fields[name].default, name


def test_the_commands_run(
    crowdlens: Command, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.root)
    for name in ("study-v1.yaml", "study-v2.yaml"):
        (place.root / name).write_text(place.policy.read_text())
    day = place.policy.read_text().partition("not_before: ")[2][:10]
    asked = f"{{on: {day}, statistics: [brand_by_week]}}"
    (place.root / "ask.yaml").write_text(asked)
    case = f"cases:\n- name: a\n  request: {asked}\n  expect: allow\n"
    (place.root / "study.test.yaml").write_text(case)
    shell = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)[0]
    commands = [line.partition("#")[0].partition(">")[0].split() for line in shell.splitlines()]
    assert len(commands) == 9
    for words in commands:
        done = crowdlens(*words[1:])
        assert done.code == 0, (words, done.err)
