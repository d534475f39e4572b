"""Questions that only an auditor asks of the signed entries, not the writer.

Whether the second verifier's arithmetic comes to the same accounts, whether every spend stands
where its policy was adopted, approved and valid, and whether those who revoked one have signed it.
"""

from collections.abc import Iterable

from audit.bodies import BudgetReserve, PolicyAdopt, PolicyRevoke
from audit.entries import Entry
from audit.errors import AuditError, BudgetRefused, LifecycleBroken, SignatureUntrusted
from audit.fsck.form import read
from audit.fsck.problem import Problem
from audit.fsck.rules import Fold
from audit.ledger import Ledger
from policies.revocation import Revocation, is_signed


def budget_problem(lines: Iterable[bytes], ledger: Ledger) -> AuditError | None:
    """Return what is wrong where other code, over the raw lines, comes to other accounts."""
    fold = Fold()
    try:
        for line in lines:
            fold.take(read(line))
    except Problem as problem:
        return BudgetRefused(str(problem))
    first = {
        name: (total.main.unit, total.main.value, spent.main.value, spent.delta.value)
        for name, (total, spent) in ledger.balances().items()
    }
    second = {n: (p.unit, p.total, p.spent, p.spent_delta) for n, p in fold.purses.items()}
    if first != second:
        return BudgetRefused("two computations of what was spent differ: a fault of ours")
    return None


def policy_problem(entries: Iterable[Entry]) -> AuditError | None:
    """Return what is wrong with the policy of the first spend that stands where none was valid.

    How many approvals a policy asks for, and of which roles, stands in the policy, which the log
    names by digest alone; here at least one must stand before the spend.
    """
    adopted: dict[str, PolicyAdopt] = {}
    for entry in entries:
        body = entry.body
        if isinstance(body, PolicyAdopt):
            adopted[body.policy] = body
        elif isinstance(body, BudgetReserve):
            policy = adopted.get(body.policy)
            if policy is None or policy.not_after < entry.at:
                return LifecycleBroken("a spend stands under no policy that was valid then")
            if policy.class_ != "test" and not policy.approvals:
                return LifecycleBroken("a spend stands under a policy that nobody had approved")
    return None


def revocation_problem(entries: Iterable[Entry], log: str) -> AuditError | None:
    """Return what is wrong where a revocation is not signed by the key that it names."""
    for entry in entries:
        body = entry.body
        if isinstance(body, PolicyRevoke) and not is_signed(Revocation(**body.model_dump()), log):
            return SignatureUntrusted("a revocation is not signed by the key that it names")
    return None


def asks_for_approval(entries: Iterable[Entry]) -> bool:
    """Say whether any policy is of a class that needs approvals: not for tests alone."""
    return any(isinstance(e.body, PolicyAdopt) and e.body.class_ != "test" for e in entries)
