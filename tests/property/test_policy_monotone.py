"""A policy that is stricter in any one field never allows what the looser one refused.

Of policies that lint: one that breaks a rule answers nothing. What is stricter is what `policy
diff` calls so. Every field that it reads is changed here, and every rule refuses something.
"""

import copy
import itertools
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.catalogue import parse_catalogue
from policies.comparing import compare
from policies.decision import StudyRules
from policies.directions import DIRECTIONS
from policies.judging import judge
from policies.obligations import unmet
from policies.policy import Policy
from policies.request import Request

CATALOGUE = parse_catalogue("- name: Kestrel\n- name: Nimbus\n", "catalogue.yaml")
ZEROS = "sha256:" + "0" * 64
BASE: dict[str, Any] = {
    "schema": "crowdlens-policy/v1",
    "id": "p",
    "version": 1,
    "class": "pilot",
    "purpose": {"statement": "s", "dpv": ["dpv:CommercialResearch"]},
    "validity": {"not_before": "2026-02-01", "not_after": "2026-12-31"},
    "approvals": {"steward": 1, "dpo": 1},
    "dataset": {"id": "d", "collection": "consented-panel", "acquisition": "a"},
    "contributions": {"max_cells": 2},
    "budget": {
        "total": {"epsilon": "4", "delta": "1e-6"},
        "per_release": {"epsilon": "2", "delta": "1e-7"},
    },
    "statistics": [
        {"id": "a", "by": ["brand", "week"], "epsilon": "1"},
        {"id": "b", "by": ["scene"], "kind": "top", "k": 1, "epsilon": "0.5"},
    ],
    "dimensions": {
        "brand": {"catalogue": "catalogue.yaml", "digest": CATALOGUE.digest},
        "scene": {"labels": ["beach", "kitchen"]},
        "week": {"from": "2026-W05", "to": "2026-W10"},
    },
    "controller": {"name": "n", "contact": "c", "dpo": "d"},
    "record_of_processing": {
        "subjects": ["s"],
        "data": ["d"],
        "transfers": "none",
        "security": "s",
        "erasure": "e",
    },
    "lawful_basis": {"gdpr": "art6-1-a"},
    "dpia": {"id": "D", "digest": ZEROS, "approved_on": "2026-01-01", "residual_risk": "low"},
    "optouts": {"applied": "by-operator", "max_age_days": 7},
    "audit": {"witness_quorum": 1},
    "release": {"recipients": ["team", "press"]},
}
OPT_OUTS = [
    {"applied": how, "max_age_days": age} for how in ("by-operator", "by-run") for age in (0, 9)
]
EVALUATION = {"record": ZEROS, "min_photos": 5, "max_withheld": "0.1"}
STATISTIC = {"id": "c", "by": ["brand"], "epsilon": "0.25"}
FOUND = {
    "id": "f",
    "kind": "found",
    "by": ["hashtag"],
    "least": 5,
    "selection_delta": "1e-9",
    "epsilon": "0.1",
}
MODEL = {
    "id": "m",
    "kind": "scene",
    "contributors": 50,
    "epsilon": "1",
    "delta": "1e-8",
    "figures": {"epsilon": "0.5"},
}
HOURS = {"from": "2026-02-02", "to": "2026-02-03"}
# Of each field, some values; None leaves it out.
VALUES: dict[str, list[Any]] = {
    "class": ["pilot", "production"],
    "purpose.dpv": [
        ["dpv:CommercialResearch"],
        ["dpv:CommercialResearch", "dpv:Marketing"],
        ["dpv:PublicBenefit"],
    ],
    "purpose.duo": [[], ["TS"], ["NCU"], ["TS", "NCU"], ["GS", "US"]],
    "purpose.prohibited_uses": [
        ["individual-decisions", "re-identification", "face-recognition"],
        ["individual-decisions", "re-identification", "face-recognition", "advertising"],
    ],
    "dataset.consent": ["elsewhere", "column"],
    "retention.private_commitments_days": [365, 30, 0],
    "validity.not_before": ["2026-02-01", "2026-03-01"],
    "validity.not_after": ["2026-12-31", "2026-06-30"],
    "approvals": [{"steward": 1, "dpo": 1}, {"steward": 2, "dpo": 1}, {"steward": 2}],
    "privacy_unit.accounts_of_one_person": [1, 3],
    "budget.total.epsilon": ["4", "3", "10"],
    "budget.total.delta": ["1e-6", "1e-5"],
    "budget.per_release.epsilon": ["2", "1.9", "3"],
    "budget.per_release.delta": ["1e-7", "1e-8"],
    "statistics.0.epsilon": ["1", "0.5", "0.1"],
    "statistics.1": [BASE["statistics"][1], None],
    "statistics.1.k": [1, 2],
    "statistics.2": [None, STATISTIC, FOUND],
    "statistics.2.least": [5, 9],
    "statistics.2.selection_delta": ["1e-9", "1e-8"],
    "model_release": [None, MODEL],
    "model_release.labels": [None, ["beach"]],
    "model_release.noise": [None, "2", "3"],
    "model_release.epsilon": ["1", "0.5"],
    "model_release.delta": ["1e-8", "1e-9"],
    "model_release.figures": [MODEL["figures"], None],
    "model_release.figures.epsilon": ["0.5", "0.1"],
    "dimensions.scene.labels": [["beach", "kitchen"], ["beach"]],
    "dimensions.object": [None, {"labels": ["cup"]}],
    "dimensions.interest": [None, {"labels": ["dining"]}, {"labels": ["dining", "sport"]}],
    "dimensions.region": [None, {"labels": ["north"]}],
    "dimensions.platform": [None, {"labels": ["x"]}],
    "dimensions.hashtag": [None, {"from": "data"}],
    "dimensions.day": [None, HOURS],
    "dimensions.month": [None, {"from": "2026-02", "to": "2026-03"}],
    "dimensions.week.from": ["2026-W05", "2026-W06"],
    "dimensions.week.to": ["2026-W10", "2026-W09"],
    "redaction.people": ["faces", "people"],
    "redaction.animations": ["first-frame", "withhold"],
    "redaction.limits.max_bytes": [50_000_000, 1_000_000],
    "redaction.limits.max_pixels": [50_000_000, 1_000_000],
    "redaction.limits.max_seconds": [8, 4],
    "redaction.limits.max_memory_mb": [1024, 512],
    "redaction.evaluation": [None, EVALUATION, {**EVALUATION, "min_photos": 9}],
    "redaction.evaluation.max_withheld": ["0.1", "0.2"],
    "models": [None, {"net": ZEROS}],
    "release.formats": [["csv", "parquet", "json"], ["csv"], ["csv", "json"]],
    "release.recipients": [["team", "press"], ["team"]],
    "controller.dpo": ["d", None],
    "lawful_basis.balancing_test": [None, ZEROS],
    "optouts": [*OPT_OUTS, None],
    "optouts.max_age_days": [7, 30],
    "audit.witness_quorum": [1, 2],
}
JUDGED = {
    "purpose.dpv": "purpose",
    "purpose.prohibited_uses": "use",
    "validity.not_before": "on",
    "validity.not_after": "on",
    "approvals": "approvals",
    "budget.total.epsilon": "spent",
    "statistics.0.epsilon": "price",
    "statistics.1": "statistics",
    "statistics.2": "statistics",
    "model_release": "beside",
    "dimensions.scene.labels": "labels",
    "dimensions.object": "labels",
    "dimensions.week.from": "labels",
    "dimensions.week.to": "labels",
    "release.formats": "formats",
    "release.recipients": "by",
    "optouts": "optouts_age_days",
    "optouts.max_age_days": "optouts_age_days",
    "audit.witness_quorum": "witnesses",
}
"""Fields on which the answer to a request depends, and what of the request it is held against."""
TRAINED = {"model_release": MODEL}
FINDING = {"statistics.2": FOUND, "dimensions.hashtag": {"from": "data"}}
NEEDED: dict[str, dict[str, Any]] = {
    "statistics.2.least": FINDING,
    "statistics.2.selection_delta": FINDING,
    **{
        f"model_release.{part}": TRAINED
        for part in ("labels", "noise", "epsilon", "delta", "figures", "figures.epsilon")
    },
    "redaction.evaluation.max_withheld": {"redaction.evaluation": EVALUATION},
    "optouts.max_age_days": {"optouts": OPT_OUTS[0]},
}
"""What else a policy must say for the field to be there."""
UNMOVED = {
    # A real study can't be without them, so there is no looser policy that lints.
    *("controller", "record_of_processing", "lawful_basis", "dpia"),
    # The same rules as in epsilon, and the same kind of demand as those that are changed.
    *("budget.total.rho", "budget.per_release.rho", "statistics.*.rho", "redaction.text"),
    *("model_release.rho", "model_release.figures.rho"),
    *(f"dimensions.{kind}" for kind in ("scene", "week")),
    *(f"dimensions.{k}.{end}" for k in ("day", "month") for end in ("from", "to")),
    *(f"dimensions.{kind}.labels" for kind in ("object", "region", "platform", "interest")),
}


def build(choices: dict[str, Any]) -> Policy:
    """Return the policy of these choices; raises where they make none."""
    values = copy.deepcopy(BASE)
    values["statistics"].append(None)
    for field in VALUES:
        if field in choices:
            put(values, field.split("."), copy.deepcopy(choices[field]))
    values["statistics"] = [s for s in values["statistics"] if s is not None]
    return Policy.model_validate(values)


def put(values: Any, path: list[str], value: Any) -> None:
    """Set a field; one of a part that is not there, or not of its kind, is left."""
    for step in path[:-1]:
        values = values[int(step)] if isinstance(values, list) else values.setdefault(step, {})
        if values is None:
            return
    if isinstance(values, list):
        values[int(path[-1])] = value
    elif value is None:
        values.pop(path[-1], None)
    elif path[:2] != ["statistics", "2"] or path[-1] in values:
        values[path[-1]] = value


def lints(policy: Policy) -> bool:
    return all(finding.severity != "error" for finding in unmet(policy))


# Few fields at a time leave the base, or hardly any policy would lint.
CHOICES = st.lists(
    st.sampled_from([(field, value) for field, some in VALUES.items() for value in some]),
    max_size=4,
).map(dict)
AMOUNTS = [{"epsilon": amount} for amount in ("0.1", "0.5", "1", "1.5", "2", "2.5", "3")]
LABELS = [
    {"brand": ["Kestrel"]},
    {"scene": ["beach", "kitchen"]},
    {"object": ["cup"]},
    {"interest": ["sport"]},
    {"region": ["north"]},
    {"platform": ["x"]},
    {"week": ["2026-W05"]},
    {"week": ["2026-W10"]},
    {"day": ["2026-02-02"]},
    {"month": ["2026-02"]},
]
GOOD: dict[str, Any] = {"on": "2026-06-01", "statistics": ["a"], "price": {"epsilon": "0.5"}}
ASKED: dict[str, list[Any]] = {
    "on": ["2026-01-15", "2026-02-15", "2026-06-30", "2026-10-01", "2027-01-01"],
    "statistics": [["a"], ["b"], ["c"], ["f"], ["a", "b"], []],
    "tables": [
        [{"by": ["week", "brand"]}],
        [{"kind": "top", "by": ["scene"]}],
        [{"by": ["brand"]}],
    ],
    "labels": LABELS,
    "by": ["team", "press", "x"],
    "formats": [["csv"], ["json"], ["csv", "parquet"]],
    "purpose": ["dpv:CommercialResearch", "dpv:Marketing", "dpv:PublicBenefit"],
    "use": ["advertising", "report", "re-identification"],
    "beside": [["originals"], ["model"]],
    "price": AMOUNTS,
    "spent": AMOUNTS,
    "approvals": [{}, {"steward": 1, "dpo": 1}, {"steward": 2}, {"steward": 2, "dpo": 1}],
    "witnesses": [0, 1, 2],
    "optouts_age_days": [0, 7, 9, 30, 31],
}
ASKING = st.lists(
    st.sampled_from([(name, value) for name, some in ASKED.items() for value in some]), max_size=2
)


def rules(policy: Policy) -> StudyRules:
    return StudyRules(policy, CATALOGUE, Path("p.yaml"))


@st.composite
def pairs(draw: st.DrawFn, field: str) -> tuple[Policy, Policy, Request]:
    """Draw two policies of which the first is stricter in the field, and a request."""
    choices = draw(CHOICES) | NEEDED.get(field, {})
    first, second = draw(st.sampled_from([*itertools.combinations(VALUES[field], 2)]))
    try:
        one, other = build({**choices, field: first}), build({**choices, field: second})
    except ValidationError:
        assume(False)
    assume(lints(one) and lints(other))
    changes = compare(one, other)
    assume({change.direction for change in changes} in ({"stricter"}, {"looser"}))
    strict, loose = (other, one) if changes[0].direction == "stricter" else (one, other)
    asked = {**GOOD, **dict(draw(ASKING))}
    if field in JUDGED:
        asked[JUDGED[field]] = draw(st.sampled_from(ASKED[JUDGED[field]]))
    return strict, loose, Request.model_validate(asked)


def allows(policy: Policy, request: Request) -> bool:
    return judge(rules(policy), request).allowed


@pytest.mark.parametrize("field", VALUES)
def test_stricter_in_one_field_never_turns_a_refusal_into_a_permission(field: str) -> None:
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(pairs(field))
    def holds(drawn: tuple[Policy, Policy, Request]) -> None:
        strict, loose, request = drawn
        assert allows(loose, request) or not allows(strict, request), compare(loose, strict)

    holds()


@pytest.mark.parametrize("field", JUDGED)
def test_the_stricter_refuses_what_the_looser_allows(field: str) -> None:
    """Or the property would hold for want of anything to hold of."""

    def differs(drawn: tuple[Policy, Policy, Request]) -> bool:
        strict, loose, request = drawn
        return allows(loose, request) and not allows(strict, request)

    quick = settings(
        max_examples=5000,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    find(pairs(field), differs, settings=quick, random=Random(1))


def test_every_direction_is_tried() -> None:
    changed = {".".join("*" if p.isdigit() else p for p in field.split(".")) for field in VALUES}
    evaluated = {name for name in DIRECTIONS if name.startswith("redaction.evaluation.")}
    assert set(DIRECTIONS) - changed - evaluated - UNMOVED <= {"optouts.applied"}
    assert set(JUDGED) <= set(VALUES)
