"""What the log is told of a policy before its first run, and what it says against it.

A policy that was revoked, or that a newer version has followed, is refused before a photo is read;
the log itself would refuse it, too.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from audit import Approval, Entry, Log, PolicyAdopt, Trust, verify
from audit.standing import Objection, Standing
from policies.approvals import Approver
from policies.decision import ApprovedRules, StudyRules
from policies.errors import PolicyRefuses


def adoption(rules: StudyRules, approvals: Sequence[Approver]) -> PolicyAdopt:
    """Return the entry's body by which a log adopts the policy."""
    policy = rules.policy
    return PolicyAdopt(
        policy=policy.digest,
        id=policy.id,
        version=policy.version,
        class_=policy.policy_class,
        not_after=policy.validity.not_after.isoformat(),
        catalogue=rules.catalogue.digest,
        approvals=tuple(Approval(role=a.role, key=a.key) for a in approvals),
        supersedes=policy.supersedes,
    )


def require_in_use(log: Log, permitted: ApprovedRules) -> None:
    """Refuse what the log would refuse to adopt or to use; write nothing.

    Raises `PolicyRefuses`: revoked (PL-APPR-005), followed by a newer version (PL-SUCC-003), or no
    successor of the version in use (PL-SUCC-001, PL-SUCC-002).
    """
    refuse(log.objection(adoption(permitted.rules, permitted.approvals)))


def refuse(objection: Objection | None) -> None:
    """Raise `PolicyRefuses` for an objection."""
    if objection is not None:
        raise PolicyRefuses(objection.rule, objection.message, hint=objection.hint)


def objection_in(log_dir: Path, trust: Trust, rules: StudyRules) -> Objection | None:
    """Return what a log has against the policy, read by somebody who can't write it.

    Raises what verification of the log finds.
    """
    found = verify(log_dir, trust)
    if found.failure is not None:
        raise found.failure
    return standing_of(found.entries).to_adopting(adoption(rules, ()))


def standing_of(entries: Iterable[Entry]) -> Standing:
    """Return which policies are in use after the entries of a log that verifies."""
    standing = Standing()
    for entry in entries:
        standing.record(entry)
    return standing
