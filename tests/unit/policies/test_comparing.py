from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from policies.comparing import compare, succession
from policies.directions import DIRECTIONS, NEITHER
from policies.policy import Policy, load_policy
from tests.places import made_real

MODEL = (
    'model_release: {id: m, kind: brand, contributors: 9, epsilon: "0.5", delta: "1e-8",'
    ' figures: {epsilon: "0.1"}}\n'
)


@pytest.fixture
def changed(write_policy):
    """Compare a whole policy with itself but for replacements."""

    def of(*replacements: tuple[str, str]) -> dict[str, str]:
        path = write_policy()
        text = made_real(path.read_text(), "production", "consented-panel")
        path.write_text(text)
        before = load_policy(path)
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)
        return {c.field: c.direction for c in compare(before, load_policy(path))}

    return of


@pytest.mark.parametrize(
    ("old", "new", "field", "direction"),
    [
        ("2026-12-31}", "2026-12-30}", "validity.not_after", "stricter"),
        ("2026-01-01, not", "2026-01-02, not", "validity.not_before", "stricter"),
        ("reviewer: 1", "reviewer: 2", "approvals", "stricter"),
        (", reviewer: 1", "", "approvals", "looser"),
        ("steward: 1", "steward: 3, dpo: 1", "approvals", "stricter"),
        ("steward: 1, reviewer: 1", "steward: 3", "approvals", "other"),
        ('epsilon: "4"', 'epsilon: "10"', "budget.total.epsilon", "looser"),
        ('"1e-6"', '"1e-7"', "budget.total.delta", "stricter"),
        (
            'week], epsilon: "1"',
            'week], epsilon: "0.5"',
            "statistics.brand_by_week.epsilon",
            "stricter",
        ),
        ("max_cells: 8", "max_cells: 9", "contributions.max_cells", "other"),
        ("to: 2026-W30", "to: 2026-W31", "dimensions.week.to", "looser"),
        ("from: 2026-W23", "from: 2026-W24", "dimensions.week.from", "stricter"),
        ("max_age_days: 7", "max_age_days: 10", "optouts.max_age_days", "looser"),
        ("by-operator", "by-run", "optouts.applied", "stricter"),
        ("optouts: {applied: by-operator, max_age_days: 7}\n", "", "optouts", "looser"),
        ("witness_quorum: 1", "witness_quorum: 2", "audit.witness_quorum", "stricter"),
        ("[research-team]", "[research-team, press]", "release.recipients", "looser"),
        ("[research-team]", "[press]", "release.recipients", "other"),
        ("production", "pilot", "class", "looser"),
        ("  dpv:", "  duo: [TS]\n  dpv:", "purpose.duo", "stricter"),
        ("residual_risk: low", "residual_risk: medium", "dpia.residual_risk", "other"),
        (
            "controller: {",
            "redaction: {people: people}\ncontroller: {",
            "redaction.people",
            "stricter",
        ),
        ("privacy@", "post@", "controller.contact", "other"),
        ("controller: {", MODEL + "controller: {", "model_release", "looser"),
    ],
)
def test_each_change_is_read(changed, old: str, new: str, field: str, direction: str) -> None:
    assert changed((old, new)) == {field: direction}


@pytest.mark.parametrize(
    ("old", "new", "field", "direction"),
    [
        ("m, ", "m, labels: [Kestrel], ", "labels", "stricter"),
        ("m, ", 'm, noise: "9", ', "noise", "stricter"),
        ('"0.5"', '"0.4"', "epsilon", "stricter"),
        ("1e-8", "1e-9", "delta", "stricter"),
        ('{epsilon: "0.1"}', '{epsilon: "0.2"}', "figures.epsilon", "looser"),
        (', figures: {epsilon: "0.1"}', "", "figures", "stricter"),
        ("m, ", 'm, epochs: "3", ', "epochs", "other"),
        ("m, ", "m, photos_per_contributor: 9, ", "photos_per_contributor", "other"),
    ],
)
def test_each_change_of_a_model_is_read(
    write_policy, old: str, new: str, field: str, direction: str
) -> None:
    path = write_policy()
    text = path.read_text()
    path.write_text(text + MODEL)
    before = load_policy(path)
    assert old in MODEL
    path.write_text(text + MODEL.replace(old, new))
    found = {c.field: c.direction for c in compare(before, load_policy(path))}
    assert found == {f"model_release.{field}": direction}


def test_statistics_are_matched_by_their_ids(changed) -> None:
    line = '  - {id: brand_by_week, by: [brand, week], epsilon: "1"}\n'
    two = (line, line.replace('"1"', '"0.5"') + '  - {id: all, by: [week], epsilon: "0.5"}\n')
    assert changed(two) == {
        "statistics.brand_by_week.epsilon": "stricter",
        "statistics.all": "looser",
    }
    moved = (line, '  - {id: all, by: [week], epsilon: "0.5"}\n' + line.replace('"1"', '"0.5"'))
    assert changed(moved) == changed(two)


def test_nothing_changed_is_nothing_told(changed) -> None:
    assert changed(("version: 1", "version: 1 # first")) == {}


def fields(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Yield every field of the schema that has a choice."""
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}".lstrip(".")
        parts = [field.annotation, *get_args(field.annotation)]
        inner = [p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)]
        constant = get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
        if not constant and (not inner or type(None) in parts):
            yield here
        for part in inner:
            yield from fields(part, f"{here}.*" if get_origin(field.annotation) is list else here)


def test_every_field_of_the_schema_has_chosen_its_direction() -> None:
    chosen = {*DIRECTIONS, *NEITHER}
    every = set(fields(Policy))
    assert len(every) > 60
    assert every - chosen == set()
    assert chosen - every - {"statistics.*", "statistics (order)", "schema"} == set()
    assert not NEITHER & set(DIRECTIONS)


def test_amounts_compare_as_numbers_and_not_as_texts(changed) -> None:
    cheaper: Any = changed(('delta: "1e-6"', 'delta: "0.000002"'))
    assert cheaper == {"budget.total.delta": "looser"}


def test_the_next_version_names_the_one_before(write_policy) -> None:
    first = load_policy(write_policy())
    second = ("version: 1", f"version: 2\nsupersedes: {first.digest}")
    assert succession(first, load_policy(write_policy(second))) is None
    for change, why in (
        (("version: 1", "version: 2"), "supersedes"),
        (("class: test", f"supersedes: {first.digest}\nclass: test"), "does not come after"),
        (("id: street-brands", "id: other"), "two policies"),
    ):
        told = succession(first, load_policy(write_policy(change)))
        assert told is not None
        assert why in told
