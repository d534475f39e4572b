"""The committed schema is the generated one, reads as draft 7, and takes what the loader takes."""

import re
from pathlib import Path
from typing import Any

import pytest

import policies
from policies.json_schema import DRAFT, FILE, policy_schema, schema_text
from policies.policy import Policy
from policies.strict_yaml import parse
from tests.places import made_real

SCHEMA = policy_schema()
COMMITTED = Path(policies.__file__).parent / "schema" / FILE
KNOWN = {
    *("$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const", "default"),
    *("definitions", "description", "enum", "items", "maxItems", "maxLength", "maxProperties"),
    *(
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "pattern",
        "patternProperties",
        "properties",
    ),
    *("required", "title", "type"),
}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def test_the_committed_schema_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), (
        "run `crowdlens policy schema > policies/schema/policy.v1.json`"
    )


def test_the_schema_speaks_draft_7() -> None:
    schema = SCHEMA
    assert schema["$schema"] == DRAFT
    keywords = set()

    def walk(part: Any, *, named: bool = False) -> None:
        if isinstance(part, list):
            for inner in part:
                walk(inner)
        if not isinstance(part, dict):
            return
        if "$ref" in part:
            assert set(part) == {"$ref"}
            assert part["$ref"].removeprefix("#/definitions/") in schema["definitions"]
        if not named:
            keywords.update(part)
        for key, inner in part.items():
            if named or key not in ("default", "const", "enum", "required"):
                walk(inner, named=not named and key in NAMED)

    walk(schema)
    assert keywords <= KNOWN


NAMED = ("properties", "definitions", "patternProperties")


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Validate as draft 7 does, for the keywords that the schema uses."""
    root = SCHEMA["definitions"]
    if "$ref" in schema:
        return accepts(root[schema["$ref"].removeprefix("#/definitions/")], value)
    checks = [accepts(part, value) for part in schema.get("allOf", [])]
    if "anyOf" in schema:
        checks.append(any(accepts(part, value) for part in schema["anyOf"]))
    if "const" in schema:
        checks.append(value == schema["const"])
    if "enum" in schema:
        checks.append(value in schema["enum"])
    kind = schema.get("type")
    if kind == "integer":
        checks.append(type(value) is int and schema.get("minimum", value) <= value)
        checks.append(checks[-1] and value <= schema.get("maximum", value))
    elif kind is not None:
        checks.append(isinstance(value, TYPES[kind]))
    if isinstance(value, str):
        checks.append(re.search(schema.get("pattern", ""), value) is not None)
    if isinstance(value, list):
        checks.append(len(value) >= schema.get("minItems", 0))
        checks += [accepts(schema["items"], item) for item in value]
    if isinstance(value, dict):
        checks.append(set(schema.get("required", [])) <= set(value))
        checks += [_accepts_key(schema, key, inner) for key, inner in value.items()]
    return all(checks)


def _accepts_key(schema: dict[str, Any], key: str, inner: Any) -> bool:
    if key in schema.get("properties", {}):
        return accepts(schema["properties"][key], inner)
    patterns = schema.get("patternProperties", {}).items()
    found = [part for pattern, part in patterns if re.search(pattern, key)]
    if not found:
        return schema.get("additionalProperties", True) is not False
    return all(accepts(part, inner) for part in found)


@pytest.fixture
def value(write_policy) -> dict[str, Any]:
    path = write_policy()
    return parse(made_real(path.read_text(), "production", "consented-panel")).value


def test_a_good_policy_is_accepted_with_every_default_written_in(value) -> None:
    assert accepts(SCHEMA, value)
    assert accepts(SCHEMA, Policy.model_validate(value).effective)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("biometrics", "allowed"),
        ("vershun", 1),
        ("version", "1"),
        ("class", "real"),
        ("optouts", {"applied": "never", "max_age_days": 1}),
        ("budget", {"total": {"epsilon": 4, "delta": "1e-6"}}),
        ("statistics", []),
        ("approvals", {"Steward": 0}),
    ],
)
def test_an_editor_notices(value, field: str, bad: Any) -> None:
    assert not accepts(SCHEMA, {**value, field: bad})
