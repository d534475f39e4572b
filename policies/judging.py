"""Would this request be allowed, and why: a fixed evaluator with stable rule ids.

A policy that is stricter in one field (`policies.comparing`) allows no more; a property test holds
the rules to that. The answer is what the policy thinks: a run checks the log, the signatures and
the evaluation as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from policies.decision import StudyRules
from policies.request import Request
from policies.request_rules import CHECKS, Reason


@dataclass(frozen=True)
class Judgement:
    """The answer to a request."""

    reasons: tuple[Reason, ...]
    """Empty where it would be allowed."""
    not_judged: tuple[str, ...]
    """What the request leaves out, and a run would ask about."""

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def judge(rules: StudyRules, request: Request) -> Judgement:
    """Return whether the policy allows the request, and every rule that refuses it."""
    reasons = [reason for check in CHECKS for reason in check(rules, request)]
    left_out = [name for name, was_said in _SAID.items() if not was_said(request)]
    return Judgement(tuple(sorted(set(reasons), key=lambda r: r.rule)), tuple(left_out))


_SAID: Final[Mapping[str, Callable[[Request], bool]]] = {
    "by": lambda r: r.by is not None,
    "purpose": lambda r: r.purpose is not None,
    "price": lambda r: r.price is not None,
    "spent": lambda r: r.spent is not None,
    "approvals": lambda r: r.approvals is not None,
    "witnesses": lambda r: r.witnesses is not None,
    "optouts_age_days": lambda r: r.optouts_age_days is not None,
}
