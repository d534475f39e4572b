"""The label's schema is the committed one, and real labels keep to it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import engine.statistics
from engine.statistics import privacy_label
from engine.statistics.label import FILE, PrivacyLabel, label_schema_text
from policies.amounts import Delta, Epsilon, Rho
from policies.canonical import canonical_json
from policies.json_schema import DRAFT
from tests.unit.engine.insight.made_releases import a_real_release

COMMITTED = Path(engine.statistics.__file__).parent / "schema" / FILE


@pytest.fixture(scope="module", params=["epsilon", "rho"])
def label(request: pytest.FixtureRequest) -> dict[str, Any]:
    price = Epsilon.parse("2") if request.param == "epsilon" else Rho.parse("0.5")
    at = None if request.param == "epsilon" else Delta.parse("1e-6")
    return privacy_label(a_real_release(price, stated_at=at), "test")


def test_the_committed_schema_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == label_schema_text(), (
        "run `crowdlens policy schema --label > engine/statistics/schema/privacy-label.v1.json`"
    )
    schema = json.loads(label_schema_text())
    assert schema["$schema"] == DRAFT
    assert schema["additionalProperties"] is False


def test_real_labels_keep_to_it(label: dict[str, Any]) -> None:
    read = PrivacyLabel.model_validate_json(canonical_json(label))
    assert {part.measures for part in read.statistics} == {
        "contributors",
        "photos",
        "together",
        "running-total",
        "top",
    }
    # Every field of a label is in the published schema, and every required one in the label.
    schema = json.loads(label_schema_text())
    assert set(label) <= set(schema["properties"])
    assert set(schema["required"]) <= set(label)
    part = schema["definitions"]["StatisticPart"]
    for statistic in label["statistics"]:
        assert set(statistic) <= set(part["properties"])
        assert set(part["required"]) <= set(statistic)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contributors", 1234),
        ("format", "crowdlens-privacy-label/v2"),
        ("delta", 1e-6),
        ("policy", "sha256:abc"),
        ("class", "real"),
        ("statistics", []),
        ("accounts_of_one_person", 0),
    ],
)
def test_what_is_no_label_is_refused(label: dict[str, Any], field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        PrivacyLabel.model_validate_json(json.dumps({**label, field: value}))


def test_a_loss_in_two_currencies_is_refused(label: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PrivacyLabel.model_validate_json(json.dumps({**label, "epsilon": "1", "rho": "1"}))
