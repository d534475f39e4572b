"""A policy on this machine: is it whole, may it run today, and does a test stay among tests."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audit import Trust, Verification
from audit.bodies import PolicyAdopt
from audit.errors import AuditError
from engine.doctor.finding import Finding
from engine.errors import EngineError
from engine.optouts import load_secret, open_list, read_list
from engine.study import approved_by, require_feasible
from policies.decision import StudyRules, list_refused, load_rules, out_of_period
from policies.errors import PoliciesError
from policies.policy import load_policy
from redaction.errors import RedactionError


@dataclass(frozen=True)
class OptOuts:
    """An opt-out list to look at: with its key it is proved, with a policy its age is judged."""

    list: Path
    key: Path | None = None
    policy: Path | None = None


def policy_ready(file: Path, trust: Trust | None, today: date) -> Iterator[Finding]:
    """Yield whether the policy is whole, and whether it may run today with this trust file."""
    try:
        rules = load_rules(file)
        require_feasible(rules)
    except (PoliciesError, EngineError) as error:
        yield Finding("policy", "problem", str(error), error.hint, error.exit_code)
        return
    yield _class(rules)
    if trust is None:
        if (late := out_of_period(rules.policy, today)) is not None:
            yield Finding("approvals", "problem", str(late), late.hint, late.exit_code)
            return
        yield Finding("approvals", "not checked", "give --log, or --trust as well")
        return
    try:
        approvals = approved_by(rules, trust, today).approvals
    except (PoliciesError, AuditError, RedactionError) as error:
        yield Finding("approvals", "problem", str(error), error.hint, error.exit_code)
        return
    roles = ", ".join(approval.role for approval in approvals) or "none, and none is asked for"
    yield Finding("approvals", "fine", f"the policy may run today; approved by: {roles}")


def _class(rules: StudyRules) -> Finding:
    if rules.policy.policy_class != "test":
        return Finding("policy", "fine", f"whole, of class {rules.policy.policy_class}")
    return Finding(
        "policy",
        "advice",
        "whole, and of class test: for test photos and made-up ones alone",
        "Write class: pilot or production, and what the law asks for, before a real study.",
    )


def apart_from_tests(result: Verification, policy: Path | None) -> Finding:
    """Say whether tests and real studies share the log."""
    adopted = {e.body.class_ for e in result.entries if isinstance(e.body, PolicyAdopt)}
    if policy is not None:
        with suppress(PoliciesError):  # said by `policy_ready`
            adopted.add(load_policy(policy).policy_class)
    if "test" in adopted and len(adopted) > 1:
        return Finding(
            "tests",
            "problem",
            "a test policy is used with a log of real studies",
            "Give tests a place of their own: crowdlens init.",
            7,
        )
    return Finding("tests", "fine", "tests and real studies do not share this log")


def list_fresh(given: OptOuts, today: date) -> Finding:
    """Say how old the opt-out list is, and whether a policy would take it."""
    name = "opt-out list"
    try:
        stated, _ = read_list(given.list)
        policy = load_policy(given.policy) if given.policy is not None else None
        if given.key is not None:
            dataset = policy.dataset.id if policy is not None else None
            open_list(given.list, load_secret(given.key), today, dataset)
    except (EngineError, PoliciesError) as error:
        return Finding(name, "problem", str(error), error.hint, error.exit_code)
    age = f"brought up to date {(today - stated.day).days} day(s) ago"
    if policy is None or given.key is None:
        return Finding(name, "not checked", f"{age}; give --policy and --optouts-key")
    if (refusal := list_refused(policy, stated.day, today)) is not None:
        return Finding(name, "problem", str(refusal), refusal.hint, refusal.exit_code)
    return Finding(name, "fine", f"{age}, as the policy asks")
