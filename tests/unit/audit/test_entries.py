import copy
import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from audit.bodies import (
    OUTPUT_NAMES,
    DatasetDeclare,
    PolicyAdopt,
    PureAmounts,
    Release,
    RunEnd,
    amount_text,
    outputs_of,
    spend_of,
)
from audit.entries import entry_schema, make_entry, parse_entry
from audit.errors import EntryInvalid, LogTampered
from audit.history import could_be_torn, parse_line
from policies.amounts import Epsilon

RUN = "0" * 32
DAY = date(2026, 11, 23)


def strings_in(schema: Any, path: str, found: list[tuple[str, dict[str, Any]]]) -> None:
    """Collect every place of a JSON schema that accepts a string."""
    if isinstance(schema, list):
        for i, item in enumerate(schema):
            strings_in(item, f"{path}[{i}]", found)
    elif isinstance(schema, dict):
        if schema.get("type") == "string":
            found.append((path, schema))
        for key, value in schema.items():
            if isinstance(value, (dict, list)):
                strings_in(value, f"{path}.{key}", found)


def test_every_text_of_the_schema_is_bound() -> None:
    schema = entry_schema()
    found: list[tuple[str, dict[str, Any]]] = []
    strings_in(schema, "", found)
    assert len(found) > 30
    for path, text in found:
        pattern = text.get("pattern", "")
        bound = "const" in text or "enum" in text or (pattern[:1] + pattern[-1:] == "^$")
        assert bound, f"{path} can hold free text"
        # No quantifier without an end: what can be written has a longest form.
        assert not set("*+") & set(pattern.replace("\\.", "")), path
    for name, definition in schema["$defs"].items():
        assert definition["additionalProperties"] is False, name


def test_every_number_of_the_schema_is_bound() -> None:
    numbers = []

    def walk(value: Any, key: str) -> None:
        if isinstance(value, dict):
            if value.get("type") in ("integer", "number", "boolean"):
                numbers.append((key, value))
            for k, v in value.items():
                walk(v, k)
        elif isinstance(value, list):
            for v in value:
                walk(v, key)

    walk(entry_schema(), "")
    # A policy's version, the entry's own number, and what a policy says of a training; the schema's
    # version is a constant.
    assert all("minimum" in v and ({"maximum", "exclusiveMaximum"} & set(v)) for _, v in numbers)
    assert {k for k, v in numbers if v["minimum"] != v.get("maximum")} == {
        *("version", "seq", "steps", "accounts")
    }


def test_a_line_is_canonical_and_round_trips(study: Any) -> None:
    entry = make_entry(study.adopt(), seq=7, at=DAY, run=None)
    line = entry.line()
    assert parse_line(line) == entry
    assert json.loads(line)["body"]["class"] == "test"
    assert "run" not in json.loads(line)
    assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize("spelling", ["space", "order", "escape", "duplicate", "float"])
def test_another_spelling_of_an_entry_is_tampering(study: Any, spelling: str) -> None:
    line = make_entry(study.adopt(), seq=7, at=DAY, run=None).line()
    other = {
        "space": line.replace(b'"seq":7', b'"seq": 7'),
        "order": json.dumps(dict(reversed(json.loads(line).items()))).replace(" ", "").encode(),
        "escape": line.replace(b"brands", b"\\u0062rands"),
        "duplicate": line.replace(b'"seq":7', b'"seq":6,"seq":7'),
        "float": line.replace(b'"seq":7', b'"seq":7.0'),
    }[spelling]
    assert other != line
    with pytest.raises(LogTampered):
        parse_line(other)


@pytest.mark.parametrize(
    "line",
    [b"", b"x", b"null", b"[]", b"1", b'"a"', b"{}", b"\xff", b"NaN", b"[" * 50_000, b"1" * 99_999],
)
def test_what_is_not_an_entry_raises_one_error(line: bytes) -> None:
    with pytest.raises(LogTampered):
        parse_line(line)


def mutate(value: dict[str, Any], path: str, new: Any) -> dict[str, Any]:
    changed = copy.deepcopy(value)
    *parents, last = path.split(".")
    at = changed
    for key in parents:
        at = at[key]
    at[last] = new
    return changed


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("v", 2),
        ("v", True),
        ("seq", -1),
        ("seq", 2**53),
        ("seq", "1"),
        ("type", "log.close"),
        ("type", "run.end"),
        ("at", "2026-11-23T10:00:00Z"),
        ("at", "2026-02-30"),
        ("at", "2026-11-23\n"),
        ("run", RUN),
        ("note", "x"),
        ("body.note", "x"),
        ("body.policy", "sha256:" + "A" * 64),
        ("body.policy", "sha256:" + "a" * 63),
        ("body.id", "Brands"),
        ("body.id", "a" * 65),
        ("body.id", "ann@example.org"),
        ("body.version", 0),
        ("body.class", "prod"),
        ("body.approvals", [{"role": "b", "key": "ed25519:" + "0" * 64}] * 2),
        ("body.approvals", [{"role": "b", "key": "ed25519:" + "0" * 63}]),
    ],
)
def test_what_the_schema_can_not_say(study: Any, path: str, new: Any) -> None:
    good = json.loads(make_entry(study.adopt(), seq=7, at=DAY, run=None).line())
    parse_entry(good)
    with pytest.raises(EntryInvalid) as caught:
        parse_entry(mutate(good, path, new))
    # Places may be named, values never.
    assert "example" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["0.50", "1.0", ".5", "1e-09", "0.000000001", "-1", "1E-9", "", "x"]
)
def test_an_amount_has_one_spelling(text: str) -> None:
    with pytest.raises(ValidationError):
        PureAmounts(epsilon=text, delta="0")


def test_a_reserve_states_exact_sums(study: Any) -> None:
    run = study.open().start_run(study.body())
    entry = study.open().entries()[-1]
    value = json.loads(entry.line()) | {
        "type": "budget.reserve",
        "body": {
            "dataset": study.DATASET,
            "policy": study.DIGEST,
            "statistics": [
                {"id": "a", "cost": {"epsilon": "0.1", "delta": "1e-9"}},
                {"id": "b", "cost": {"epsilon": "0.2", "delta": "0"}},
            ],
            "cost": {"epsilon": "0.3", "delta": "1e-9"},
        },
    }
    parse_entry(value)
    for path, new in (
        ("body.cost.epsilon", "0.29"),
        ("body.cost.delta", "0"),
        ("body.cost", {"rho": "0.3", "delta": "1e-9"}),
        ("body.cost", {"epsilon": "0.3", "rho": "0.045", "delta": "1e-9"}),
        ("body.cost", {"epsilon": None, "rho": "0.045", "delta": "1e-9"}),
        ("body.statistics", []),
        ("body.statistics", list(reversed(value["body"]["statistics"]))),
        ("body.statistics", [value["body"]["statistics"][0]] * 2),
    ):
        with pytest.raises(EntryInvalid):
            parse_entry(mutate(value, path, new))
    run.end("refused")


def test_a_spend_is_never_rounded_down(study: Any) -> None:
    third = Epsilon(Epsilon.parse("1").value / 3)
    assert Epsilon.parse(amount_text(third)) > third
    exact = study.loss("0.1", "1e-9")
    assert spend_of("a", exact).cost.loss() == exact


def test_only_a_releases_files_can_be_named(study: Any) -> None:
    outputs = outputs_of(dict.fromkeys(reversed(OUTPUT_NAMES), study.DIGEST))
    assert [o.name for o in outputs] == sorted(OUTPUT_NAMES)
    with pytest.raises(ValidationError):
        outputs_of({"IMG_2041.jpg": study.DIGEST})
    for wrong in ((), outputs[::-1], outputs[:1] * 2):
        with pytest.raises(ValidationError):
            Release(dataset="a", policy=study.DIGEST, outputs=wrong)


def test_bodies_do_not_show_values_in_errors() -> None:
    with pytest.raises(ValidationError) as caught:
        DatasetDeclare(dataset="ann@example.org", total=PureAmounts(epsilon="1", delta="0"))
    assert "ann" not in str(caught.value)


def test_entries_inside_runs_need_a_run_and_others_have_none(study: Any) -> None:
    with pytest.raises(EntryInvalid):
        make_entry(RunEnd(outcome="failed"), seq=1, at=DAY, run=None)
    with pytest.raises(EntryInvalid):
        make_entry(study.adopt(), seq=1, at=DAY, run=RUN)
    with pytest.raises(EntryInvalid):
        make_entry(RunEnd(outcome="failed"), seq=1, at=DAY, run="my-run")


def test_bodies_are_frozen() -> None:
    body = RunEnd(outcome="failed")
    with pytest.raises(ValidationError):
        body.outcome = "refused"
    assert PolicyAdopt.model_config["extra"] == "forbid"


def test_a_torn_tail_is_the_beginning_of_a_line(study: Any) -> None:
    line = make_entry(study.adopt(), seq=7, at=DAY, run=None).line()
    assert all(could_be_torn(line[:i]) for i in range(len(line) + 1))
    assert not any(could_be_torn(line + bytes([b])) for b in range(256))
