"""Statements of a policy that contradict each other: refused in any class."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.purpose_choices import COMMERCIAL
from policies.rules import broken

if TYPE_CHECKING:
    from policies.policy import Policy


def require_consistent(policy: "Policy") -> None:
    """Raise the error of a rule for statements that contradict each other."""
    for error in _contradictions(policy):
        raise error


def _contradictions(policy: "Policy") -> Iterator[Exception]:
    duo, record = policy.purpose.duo, policy.record_of_processing
    if "NCU" in duo and COMMERCIAL & set(policy.purpose.dpv):
        yield broken(
            "PL-PURP-001",
            "the data are for no commercial use (NCU), and a commercial purpose is named",
            "Correct purpose.dpv or purpose.duo.",
        )
    if "IRB" in duo and "ethics" not in policy.approvals:
        yield broken(
            "PL-PURP-002",
            "the data ask for an ethics approval (IRB), and approvals for none",
            "Add the role ethics to approvals.",
        )
    if {"IS", "US"} & set(duo) and not policy.release.recipients:
        yield broken(
            "PL-PURP-003",
            "the data are for named users or institutions (US, IS), and none is named",
            "Name them in release.recipients.",
        )
    if "GS" in duo and (record is None or record.transfers != "none"):
        yield broken(
            "PL-PURP-004",
            "the data stay in the places agreed (GS), and transfers are not none",
            "Write record_of_processing.transfers: none, or remove GS.",
        )
    if policy.dpia is not None and policy.dpia.approved_on > policy.validity.not_before:
        yield broken(
            "PL-DPIA-001",
            "the impact assessment is approved after the study begins",
            "Correct dpia.approved_on or validity (GDPR, article 35: prior to the processing).",
        )
