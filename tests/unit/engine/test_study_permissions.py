"""What a policy demands of the log's guards and of opt-outs stops a run that can't honour it."""

from datetime import date, timedelta

import pytest

from audit import Trust, WitnessMissing
from engine.setup import Place
from engine.study import approved_by
from policies.decision import list_refused, load_rules
from policies.errors import PolicyRefuses
from tests.places import approve_policy


def permit(place: Place, more: str) -> object:
    place.policy.write_text(place.policy.read_text() + more)
    approve_policy(place)
    rules = load_rules(place.policy)
    return approved_by(rules, Trust.load(place.trust), rules.policy.validity.not_before)


def test_a_quorum_that_the_trust_file_asks_for_is_enough(place: Place) -> None:
    assert permit(place, "audit: {witness_quorum: 1}\n")


def test_more_witnesses_than_the_trust_file_asks_for_are_missing(place: Place) -> None:
    with pytest.raises(WitnessMissing, match="PL-WIT-001"):
        permit(place, "audit: {witness_quorum: 2}\n")


def test_a_run_has_an_opt_out_list_exactly_where_the_policy_demands_one(place: Place) -> None:
    by_run = "optouts: {applied: by-run, max_age_days: 7}\n"
    assert permit(place, by_run)
    policy, day = load_rules(place.policy).policy, date(2026, 6, 10)
    assert list_refused(policy, day, day) is None
    assert list_refused(policy, day - timedelta(days=7), day) is None
    for updated, rule in ((None, "PL-OPT-002"), (day - timedelta(days=8), "PL-OPT-001")):
        refusal = list_refused(policy, updated, day)
        assert refusal is not None
        assert (refusal.rule, refusal.exit_code) == (rule, 7)
    place.policy.write_text(place.policy.read_text().replace("by-run", "by-operator"))
    policy = load_rules(place.policy).policy
    assert list_refused(policy, None, day) is None
    refusal = list_refused(policy, day, day)
    assert refusal is not None
    assert refusal.rule == "PL-OPT-003"


def test_opt_outs_that_the_operator_applies_are_a_promise(place: Place) -> None:
    assert permit(place, "optouts: {applied: by-operator, max_age_days: 7}\n")


def test_a_policy_is_for_its_days_alone(place: Place) -> None:
    rules = load_rules(place.policy)
    for day, rule in ((date(2001, 1, 1), "PL-TIME-002"), (date(2999, 1, 1), "PL-TIME-001")):
        with pytest.raises(PolicyRefuses, match=rule):
            approved_by(rules, Trust.load(place.trust), day)
