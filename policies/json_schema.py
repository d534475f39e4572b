"""The JSON Schema (draft 7) of policies, for editors: names, types, allowed values, descriptions.

Draft 7 is what yaml-language-server reads. A schema says less than the loader: what holds between
fields, and what the law asks for, only `crowdlens policy lint` knows.
"""

import json
from typing import Any, Final

from policies.policy import Policy

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
FILE: Final = "policy.v1.json"


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(policy_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def policy_schema() -> dict[str, Any]:
    """Return the schema of policy files."""
    made = Policy.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    return in_draft_7(made, "A policy of Crowdlens, version 1")


def in_draft_7(made: dict[str, Any], title: str) -> dict[str, Any]:
    """Return a schema that pydantic made in draft 7's words, under a title."""
    return {"$schema": DRAFT, **_plain(made), "title": title}


def _plain(value: Any) -> Any:
    """Return the schema in draft 7's words, without titles and defaults that say nothing new."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if not isinstance(value, dict):
        return value
    plain: dict[str, Any] = {}
    for name, part in value.items():
        if name == "title" and isinstance(part, str):
            continue
        if name in ("properties", "$defs", "definitions"):
            key = "definitions" if name == "$defs" else name
            plain[key] = {own: _plain(inner) for own, inner in part.items()}
        elif name == "description":
            plain[name] = " ".join(part.split())
        else:
            plain[name] = _plain(part)
    if "patternProperties" in plain:
        plain.setdefault("additionalProperties", False)
    # Beside a reference, draft 7 reads nothing else.
    if "$ref" in plain and len(plain) > 1:
        reference = plain.pop("$ref")
        plain["allOf"] = [{"$ref": reference}]
    return plain
