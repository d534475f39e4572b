"""`crowdlens policy test`: the requests beside a policy, and whether it answers as expected."""

import typer

from engine.cli.console import show, show_json
from engine.cli.options import Json, PolicyFile
from engine.study import require_feasible
from policies.cases import Tried, cases_path, try_cases
from policies.decision import load_rules

FAILED = 8
"""An output that does not match its record: the answer is not the expected one."""


def run_cases(policy: PolicyFile, json: Json = False) -> None:
    """Ask a policy the requests of POLICY.test.yaml beside it; fail where it answers otherwise.

    A refusal is expected by the ids of the rules that make it. A file without cases fails. Rules
    that no case touches are listed: on those the policy was not tested.

    Example: crowdlens policy test study.yaml
    """
    rules = load_rules(policy)
    require_feasible(rules)
    trial = try_cases(rules)
    if json:
        cases = [
            {
                "name": tried.case.name,
                "passed": tried.passed,
                "expected": tried.case.expect,
                "answer": "allow" if tried.answer.allowed else "deny",
                "rules": [reason.rule for reason in tried.answer.reasons],
            }
            for tried in trial.tried
        ]
        show_json({"ok": trial.passed, "cases": cases, "untouched_rules": list(trial.untouched)})
    else:
        for tried in trial.tried:
            show(_line(tried))
        failed = sum(not tried.passed for tried in trial.tried)
        show(f"{cases_path(policy).name}: {len(trial.tried)} cases, {failed} failed")
        if trial.untouched:
            show("no case touches  " + ", ".join(trial.untouched))
    if not trial.passed:
        raise typer.Exit(FAILED)


def _line(tried: Tried) -> str:
    answer = "allow" if tried.answer.allowed else "deny"
    why = ", ".join(reason.rule for reason in tried.answer.reasons)
    found = f"{answer}{f' by {why}' if why else ''}"
    if tried.passed:
        return f"pass  {tried.case.name}: {found}"
    expected = " by ".join(p for p in (tried.case.expect, ", ".join(tried.case.rules)) if p)
    return f"FAIL  {tried.case.name}: {found}; expected {expected}"
