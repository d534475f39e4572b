"""Tests of a policy: requests, and what it shall answer, in `<policy>.test.yaml` beside it.

A case that expects a refusal names the rules it expects, so that a request which is refused for
another reason than was meant does not pass. An empty file fails, and rules that no case touches are
named: a policy that was never asked about a thing was not tested on it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from policies.decision import StudyRules
from policies.fields import Part, Text
from policies.judging import Judgement, judge
from policies.parsing import parse_model, read_text
from policies.request import Request, RequestInvalid
from policies.request_rules import RULES
from policies.rules import broken


class Case(Part):
    """One request, and the answer it shall get."""

    name: Text
    request: Request
    expect: Literal["allow", "deny"]
    rules: list[str] = Field(default=[])
    """Rules that must be among those that refuse it."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.expect == "deny") != bool(self.rules):
            raise broken(
                "PL-TEST-001",
                "a refusal is expected by the rules that make it, and a permission by none",
                "Write for instance expect: deny and rules: [PL-TIME-001].",
            )
        for rule in self.rules:
            if rule not in RULES:
                raise broken(
                    "PL-TEST-002",
                    f"no request is ever refused by {rule!r}",
                    "docs/policy.md lists the rules.",
                )
        return self


class Cases(Part):
    """A file of cases."""

    cases: Annotated[list[Case], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _are_told_apart(self) -> Self:
        names = [case.name for case in self.cases]
        if len(set(names)) != len(names):
            raise broken("PL-TEST-003", "two cases share a name", "Give each its own.")
        return self


@dataclass(frozen=True)
class Tried:
    """A case, and what the policy answered."""

    case: Case
    answer: Judgement

    @property
    def passed(self) -> bool:
        """Whether the answer is the expected one, for the expected reasons."""
        refusing = {reason.rule for reason in self.answer.reasons}
        return (self.case.expect == "allow") == self.answer.allowed and (
            set(self.case.rules) <= refusing
        )


@dataclass(frozen=True)
class Trial:
    """Every case of a file."""

    tried: tuple[Tried, ...]

    @property
    def passed(self) -> bool:
        """Whether all did."""
        return all(tried.passed for tried in self.tried)

    @property
    def untouched(self) -> tuple[str, ...]:
        """Rules that no case expects."""
        touched = {rule for tried in self.tried for rule in tried.case.rules}
        return tuple(rule for rule in sorted(RULES) if rule not in touched)


def cases_path(policy_file: Path) -> Path:
    """Return where the cases of a policy file stand."""
    return policy_file.with_name(policy_file.stem + ".test.yaml")


def try_cases(rules: StudyRules) -> Trial:
    """Ask the policy every request of the file beside it.

    Raises `RequestInvalid` for a file that is missing, empty or wrong, with line and fix.
    """
    path = cases_path(rules.file)
    cases = parse_model(read_text(path, RequestInvalid), Cases, path.name, RequestInvalid)[0]
    return Trial(tuple(Tried(case, judge(rules, case.request)) for case in cases.cases))
